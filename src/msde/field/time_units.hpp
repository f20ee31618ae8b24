// Times as the CF conventions (1.10, section 4.4) have them: a number of units since a date of a calendar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace msde {

struct TimeUnits {
  std::string units;     // "days since 1900-01-01", or any unit; "" where the file does not say
  std::string calendar;  // "noleap"; "" = standard
  // The times of a dataset count months of the calendar from that of the date on, each from 0 to 1, where those of the
  // file are equally far apart only so.
  bool in_months = false;
};

// Whether units have the form "UNIT since DATE" of a unit, a date and a calendar that are known.
bool is_since_a_date(const TimeUnits& time);

// A time of one file in the units of another; nothing where either is not since a date or their calendars differ.
std::optional<double> converted(double time, const TimeUnits& from, const TimeUnits& to);

// Times `since a date` that are whole months of the calendar apart (to a tenth of a month), in months from that of the
// date on; empty where they are not.
std::vector<double> as_months(const std::vector<double>& times, const TimeUnits& time);

// One time so, counted exactly; the time itself where the units are not since a date.
double months_at(double time, const TimeUnits& time_units);
std::vector<double> months_at(const std::vector<double>& times, const TimeUnits& time_units);

// What msde writes as long_name of times of each trajectory, [N, T].
inline constexpr const char* kTimesOfEach = "time of each snapshot";

// What msde writes beside units of times that are counted so: "months".
bool counts_months(const std::optional<std::string>& counted_in);

// What a file has for a time of a dataset: the same number, of times in months that of units since the date.
double as_in_file(double time, const TimeUnits& time_units);

// Shares of the year and of the day of the calendar that have passed at a time of a dataset, from 0 to below 1, and its
// month, 1 to 12; nothing where the units are not since a date.
struct Passed {
  double of_year = 0, of_day = 0;
  int64_t month = 1;
};
std::optional<Passed> passed_at(double time, const TimeUnits& time_units);

// Whether a number means the same time in both: equal units, however they are written, of equal calendars.
bool count_alike(const TimeUnits& a, const TimeUnits& b);

// "1980-01-14 14:00" of a time of a dataset, "" where the units are not since a date.
std::string date_text(double time, const TimeUnits& time_units);

}  // namespace msde
