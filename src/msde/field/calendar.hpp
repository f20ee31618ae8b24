// The calendars of the CF conventions (1.10, section 4.4.1): days as dates and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace msde {

enum class Calendar {
  standard,             // Julian before 15 October 1582, Gregorian from then on; also "gregorian"
  proleptic_gregorian,  // Gregorian always
  julian,
  no_leap,   // 365 days; also "365_day"
  all_leap,  // 366 days; also "366_day"
  days_360,  // twelve months of 30 days
};

// Of the name in a file, "" = standard; nothing for another word.
std::optional<Calendar> calendar_of(std::string name);

struct Date {
  int64_t year = 0, month = 1, day = 1;
  double seconds = 0;  // of the day; may be beyond its ends, as after a change of time zone
};

// Whole days from a fixed one of the calendar; the seconds are left out. A day beyond the end of its month counts on.
int64_t day_number(const Date& date, Calendar calendar);
Date date_of(int64_t day_number, Calendar calendar);
int64_t days_in_month(int64_t year, int64_t month, Calendar calendar);

}  // namespace msde
