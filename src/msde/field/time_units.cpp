#include "msde/field/time_units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "msde/field/calendar.hpp"

namespace msde {
namespace {

constexpr double kDay = 86400;  // seconds

// udunits: a year is the tropical one of 1900, a month its twelfth.
std::optional<double> seconds_of(std::string unit) {
  constexpr double kYear = 365.242198781 * kDay;
  std::transform(unit.begin(), unit.end(), unit.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  static const std::array<std::pair<std::vector<std::string>, double>, 10> known = {{
      {{"microsecond", "microseconds", "microsec", "microsecs"}, 1e-6},
      {{"millisecond", "milliseconds", "millisec", "millisecs", "msec", "msecs", "ms"}, 1e-3},
      {{"second", "seconds", "sec", "secs", "s"}, 1},
      {{"minute", "minutes", "min", "mins"}, 60},
      {{"hour", "hours", "hr", "hrs", "h"}, 3600},
      {{"day", "days", "d"}, kDay},
      {{"week", "weeks"}, 7 * kDay},
      {{"month", "months"}, kYear / 12},
      {{"year", "years"}, kYear},
      {{"common_year", "common_years"}, 365 * kDay},
  }};
  for (const auto& [names, seconds] : known)
    if (std::find(names.begin(), names.end(), unit) != names.end()) return seconds;
  return std::nullopt;
}

// Reads the parts of "1980-01-14T14:00:00.5 +01:30" one after the other.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  std::optional<Date> read() {
    Date date;
    double year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;
    if (!number(year)) return std::nullopt;
    if (accept('-') && (!number(month) || (accept('-') && !number(day)))) return std::nullopt;
    skip_spaces();
    accept('T');
    if (digit_ahead() && number(hour)) {
      if (accept(':') && (!number(minute) || (accept(':') && !number(second)))) return std::nullopt;
    }
    const auto zone = read_zone();
    if (!zone) return std::nullopt;
    constexpr double kLargest = 9999;
    if (std::abs(year) > kLargest || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 ||
        hour > 24 || minute < 0 || minute > 60 || second < 0 || second > 61)
      return std::nullopt;
    date.year = static_cast<int64_t>(year), date.month = static_cast<int64_t>(month);
    date.day = static_cast<int64_t>(day);
    date.seconds = kDay * (day - std::floor(day)) + 3600 * hour + 60 * minute + second - *zone;
    return date;
  }

 private:
  bool digit_ahead() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
  void skip_spaces() {
    while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
  }
  bool accept(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool number(double& value) {
    const auto read =
        std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, std::chars_format::fixed);
    if (read.ec != std::errc() || !std::isfinite(value)) return false;
    rest_.remove_prefix(static_cast<size_t>(read.ptr - rest_.data()));
    return true;
  }
  // Seconds east of Greenwich; nothing where something else follows.
  std::optional<double> read_zone() {
    skip_spaces();
    for (const std::string_view word : {"UTC", "GMT", "Z"})
      if (rest_.substr(0, word.size()) == word) rest_.remove_prefix(word.size());
    skip_spaces();
    const bool west = accept('-');
    if (!west) accept('+');
    double hours = 0, minutes = 0;
    if (digit_ahead() && !number(hours)) return std::nullopt;
    if (accept(':') && !number(minutes)) return std::nullopt;
    skip_spaces();
    if (!rest_.empty()) return std::nullopt;
    return (west ? -1 : 1) * (3600 * hours + 60 * minutes);
  }

  std::string_view rest_;
};

struct Scale {
  double seconds = 1;  // of a unit
  Calendar calendar;
  Date reference;
};

std::optional<Scale> scale_of(const TimeUnits& time) {
  const auto since = time.units.find(" since ");
  if (since == std::string::npos) return std::nullopt;
  auto unit = time.units.substr(0, since);
  unit.erase(0, std::min(unit.find_first_not_of(' '), unit.size()));
  while (!unit.empty() && unit.back() == ' ') unit.pop_back();
  const auto seconds = seconds_of(unit);
  const auto calendar = calendar_of(time.calendar);
  auto text = time.units.substr(since + 7);
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  const auto date = DateReader(text).read();
  if (!seconds || !calendar || !date) return std::nullopt;
  return Scale{*seconds, *calendar, *date};
}

constexpr double kMostMonths = 1e8;
constexpr double kFarthest = 9e11;  // seconds; beyond it days are not counted one by one

std::optional<Date> date_at(double time, const Scale& scale) {
  const double seconds = scale.reference.seconds + time * scale.seconds;
  if (!(std::abs(seconds) < kFarthest)) return std::nullopt;
  const double days = std::floor(seconds / kDay);
  Date date =
      date_of(day_number(scale.reference, scale.calendar) + static_cast<int64_t>(days), scale.calendar);
  date.seconds = seconds - days * kDay;
  return date;
}

// Months from that of the reference on, with the part of it that has passed.
double months_of(const Date& date, const Scale& scale) {
  const double passed = static_cast<double>(date.day - 1) + date.seconds / kDay;
  const auto whole = 12 * (date.year - scale.reference.year) + date.month - scale.reference.month;
  return static_cast<double>(whole) +
         passed / static_cast<double>(days_in_month(date.year, date.month, scale.calendar));
}

Date date_of_months(double months, const Scale& scale) {
  const double whole = std::floor(months);
  const int64_t month = scale.reference.month - 1 + static_cast<int64_t>(whole);
  const int64_t years = month >= 0 ? month / 12 : -((11 - month) / 12);
  Date date;
  date.year = scale.reference.year + years, date.month = month - 12 * years + 1;
  const double passed =
      (months - whole) * static_cast<double>(days_in_month(date.year, date.month, scale.calendar));
  date.day = 1 + static_cast<int64_t>(std::floor(passed));
  date.seconds = (passed - std::floor(passed)) * kDay;
  return date;
}

double time_of(const Date& date, const Scale& scale) {
  const int64_t days = day_number(date, scale.calendar) - day_number(scale.reference, scale.calendar);
  return (static_cast<double>(days) * kDay + date.seconds - scale.reference.seconds) / scale.seconds;
}

}  // namespace

bool is_since_a_date(const TimeUnits& time) {
  return scale_of(time).has_value();
}

std::optional<double> converted(double time, const TimeUnits& from, const TimeUnits& to) {
  if (from.units == to.units && from.calendar == to.calendar) return time;
  const auto a = scale_of(from), b = scale_of(to);
  if (!a || !b || a->calendar != b->calendar) return std::nullopt;
  const int64_t days = day_number(a->reference, a->calendar) - day_number(b->reference, b->calendar);
  return (time * a->seconds + static_cast<double>(days) * kDay + a->reference.seconds -
          b->reference.seconds) /
         b->seconds;
}

std::vector<double> as_months(const std::vector<double>& times, const TimeUnits& time) {
  constexpr double kSame = .1;
  const auto scale = scale_of(time);
  if (!scale || times.size() < 2) return {};
  std::vector<double> months;
  for (const double value : times) {
    const auto date = date_at(value, *scale);
    if (!date) return {};
    months.push_back(months_of(*date, *scale));
  }
  const double step = std::round(months[1] - months[0]);
  if (step < 1) return {};
  // All are at the place in their month at which the middle one of them is.
  std::vector<double> passed;
  for (size_t i = 0; i < months.size(); ++i)
    passed.push_back(months[i] - months[0] - static_cast<double>(i) * step);
  auto sorted = passed;
  std::sort(sorted.begin(), sorted.end());
  if (sorted.back() - sorted.front() > kSame) return {};
  const double first = months[0] + sorted[sorted.size() / 2];
  for (size_t i = 0; i < months.size(); ++i) months[i] = first + static_cast<double>(i) * step;
  return months;
}

double months_at(double time, const TimeUnits& time_units) {
  const auto scale = scale_of(time_units);
  const auto date = scale ? date_at(time, *scale) : std::nullopt;
  return date ? months_of(*date, *scale) : time;
}

std::vector<double> months_at(const std::vector<double>& times, const TimeUnits& time_units) {
  std::vector<double> months;
  for (const double time : times) months.push_back(months_at(time, time_units));
  return months;
}

bool counts_months(const std::optional<std::string>& counted_in) {
  return counted_in == "months";
}

double as_in_file(double time, const TimeUnits& time_units) {
  if (!(std::abs(time) < kMostMonths)) return time;
  const auto scale = time_units.in_months ? scale_of(time_units) : std::nullopt;
  return scale ? time_of(date_of_months(time, *scale), *scale) : time;
}

std::optional<Passed> passed_at(double time, const TimeUnits& time_units) {
  const auto scale = scale_of(time_units);
  const auto date = scale ? date_at(as_in_file(time, time_units), *scale) : std::nullopt;
  if (!date) return std::nullopt;
  const auto first_day = [&](int64_t year) { return day_number({.year = year}, scale->calendar); };
  const int64_t begin = first_day(date->year), days = first_day(date->year + 1) - begin;
  const double of_day = date->seconds / kDay;
  return Passed{
      (static_cast<double>(day_number(*date, scale->calendar) - begin) + of_day) / static_cast<double>(days),
      of_day, date->month};
}

bool count_alike(const TimeUnits& a, const TimeUnits& b) {
  return a.in_months == b.in_months && converted(0, a, b) == 0. && converted(1, a, b) == 1.;
}

std::string date_text(double time, const TimeUnits& time_units) {
  const auto scale = scale_of(time_units);
  if (!scale) return "";
  const auto date = date_at(as_in_file(time, time_units), *scale);
  if (!date) return "";
  const auto minutes = static_cast<int64_t>(std::round(date->seconds / 60));
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", date->year, date->month, date->day,
                     std::min<int64_t>(minutes / 60, 23), minutes / 60 > 23 ? 59 : minutes % 60);
}

}  // namespace msde
