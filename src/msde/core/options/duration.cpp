#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/core/options/options.hpp"

namespace msde {

Duration parse_duration(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  const std::string unit(rest, end);
  const double seconds = unit.empty() || unit == "s"    ? 1
                         : unit == "m" || unit == "min" ? 60
                         : unit == "h"                  ? 3600
                         : unit == "d"                  ? 86400
                                                        : 0;
  if (problem != std::errc() || seconds == 0 || !std::isfinite(value) || value < 0) {
    throw ConfigError("'" + text +
                      "' is not a length of time; expected for example \"30s\", \"10m\", \"1.5h\"");
  }
  return {value * seconds};
}

// The longest unit that divides it; parse_duration gives the same value back.
std::string to_string(Duration duration) {
  for (const auto& [seconds, unit] : {std::pair{3600., 'h'}, std::pair{60., 'm'}}) {
    const double count = duration.seconds / seconds;
    if (count >= 1 && count == std::floor(count)) return fmt::format("{:.0f}{}", count, unit);
  }
  return fmt::format("{}s", duration.seconds);
}

}  // namespace msde
