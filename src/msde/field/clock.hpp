// Season and time of day as numbers: what drives many fields and is known of every date.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/field/time_units.hpp"

namespace msde {

// What of the calendar counts, "year" or "day" each, and the times that it reads.
struct Clock {
  std::vector<std::string> words = {};
  TimeUnits time = {};

  int64_t size() const { return 2 * static_cast<int64_t>(words.size()); }
};

const std::vector<std::string>& clock_words();  // what there is

// ConfigError naming `path` where a word is unknown or comes twice, or where times do not say their dates.
void require_dates(const Clock& clock, const std::string& path);

// [n, size()]: of every time and word cos(2 pi p), sin(2 pi p), p in [0, 1) being the share of the year, or day, of the
// calendar that has passed. To 1e-6: what is constant but for rounding is constant. DataError of a time whose date is
// beyond what is counted.
std::vector<float> clock_values(const std::vector<double>& times, const Clock& clock);

// What is to be said where times begin .. end are shorter than what a word counts; "" else.
std::string unseen_part(const Clock& clock, double begin, double end);

}  // namespace msde
