#include "msde/field/clock.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"

namespace msde {
namespace {

float rounded(double x) {
  constexpr double kSteps = 1 << 20;
  return static_cast<float>(std::round(x * kSteps) / kSteps);
}

}  // namespace

const std::vector<std::string>& clock_words() {
  static const std::vector<std::string> words = {"year", "day"};
  return words;
}

void require_dates(const Clock& clock, const std::string& path) {
  const auto& words = clock.words;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (std::count(clock_words().begin(), clock_words().end(), *word) == 0)
      throw ConfigError(
          fmt::format("data.clock: got '{}', expected one of {}", *word, fmt::join(clock_words(), ", ")));
    if (std::find(words.begin(), word, *word) != word)
      throw ConfigError(fmt::format("data.clock: got '{}' twice", *word));
  }
  if (words.empty() || is_since_a_date(clock.time)) return;
  const auto& units = clock.time.units;
  throw ConfigError(fmt::format(
      "{}: data.clock: its times {}, so that they have no dates; expected units such as 'days since "
      "1990-01-01' with a known calendar, as NetCDF files have them; set the attribute units of the time in "
      "the "
      "file, or leave out data.clock",
      path, units.empty() ? "do not say their units" : "are in '" + units + "'"));
}

std::vector<float> clock_values(const std::vector<double>& times, const Clock& clock) {
  std::vector<float> values;
  values.reserve(times.size() * static_cast<size_t>(clock.size()));
  for (const double time : times) {
    const auto passed = passed_at(time, clock.time);
    if (!passed)
      throw DataError(
          fmt::format("data.clock: time {:.9g} in '{}' has no date that is counted", time, clock.time.units));
    for (const auto& word : clock.words) {
      const double angle = 2 * M_PI * (word == "year" ? passed->of_year : passed->of_day);
      values.push_back(rounded(std::cos(angle)));
      values.push_back(rounded(std::sin(angle)));
    }
  }
  return values;
}

std::string unseen_part(const Clock& clock, double begin, double end) {
  constexpr double kMonthsOfYear = 12, kMonthsOfDay = 1. / 31;
  const double months = months_at(as_in_file(end, clock.time), clock.time) -
                        months_at(as_in_file(begin, clock.time), clock.time);
  for (const auto& word : clock.words)
    if (months < (word == "year" ? kMonthsOfYear : kMonthsOfDay))
      return fmt::format(
          "data.clock: training covers less than a {0}, so that the rest of the {0} is unknown to the model",
          word);
  return "";
}

}  // namespace msde
