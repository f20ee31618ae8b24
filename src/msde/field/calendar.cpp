#include "msde/field/calendar.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace msde {
namespace {

// First day of the Gregorian calendar, as a number of days since 1970-01-01: 1582-10-15.
constexpr int64_t kReform = -141427;

int64_t floored(int64_t a, int64_t b) {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

int64_t gregorian_days(int64_t year, int64_t month) {
  using namespace std::chrono;
  const year_month_day first{std::chrono::year(static_cast<int>(year)),
                             std::chrono::month(static_cast<unsigned>(month)), day(1)};
  return sys_days(first).time_since_epoch().count();
}

bool leaps(int64_t year, Calendar calendar) {
  const bool fourth = year % 4 == 0;
  switch (calendar) {
    case Calendar::no_leap:
    case Calendar::days_360:
      return false;
    case Calendar::all_leap:
      return true;
    case Calendar::julian:
      return fourth;
    case Calendar::standard:
      return fourth && (year % 100 != 0 || year % 400 == 0 || year < 1582);
    default:
      return fourth && (year % 100 != 0 || year % 400 == 0);
  }
}

// Days of whole years before `year` and of whole months before `month`, of the calendars of a fixed or Julian year.
int64_t days_before(int64_t year, int64_t month, Calendar calendar) {
  int64_t days = calendar == Calendar::days_360   ? 360 * year
                 : calendar == Calendar::all_leap ? 366 * year
                                                  : 365 * year;
  if (calendar == Calendar::julian) days += floored(year + 3, 4);
  for (int64_t m = 1; m < month; ++m) days += days_in_month(year, m, calendar);
  return days;
}

// Days from the Julian 1 January of year 0 to the Gregorian 1970-01-01.
constexpr int64_t kJulianEpoch = 719530;

}  // namespace

std::optional<Calendar> calendar_of(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  static const std::array<std::pair<const char*, Calendar>, 10> known = {{
      {"", Calendar::standard},
      {"standard", Calendar::standard},
      {"gregorian", Calendar::standard},
      {"proleptic_gregorian", Calendar::proleptic_gregorian},
      {"julian", Calendar::julian},
      {"noleap", Calendar::no_leap},
      {"365_day", Calendar::no_leap},
      {"all_leap", Calendar::all_leap},
      {"366_day", Calendar::all_leap},
      {"360_day", Calendar::days_360},
  }};
  for (const auto& [known_name, calendar] : known)
    if (name == known_name) return calendar;
  return std::nullopt;
}

int64_t days_in_month(int64_t year, int64_t month, Calendar calendar) {
  constexpr std::array<int64_t, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (calendar == Calendar::days_360) return 30;
  return days[static_cast<size_t>(month - 1)] + (month == 2 && leaps(year, calendar) ? 1 : 0);
}

int64_t day_number(const Date& date, Calendar calendar) {
  switch (calendar) {
    case Calendar::proleptic_gregorian:
      return gregorian_days(date.year, date.month) + date.day - 1;
    case Calendar::standard: {
      const int64_t day = gregorian_days(date.year, date.month) + date.day - 1;
      return day >= kReform ? day : day_number(date, Calendar::julian) - kJulianEpoch;
    }
    default:
      return days_before(date.year, date.month, calendar) + date.day - 1;
  }
}

Date date_of(int64_t number, Calendar calendar) {
  if (calendar == Calendar::proleptic_gregorian || (calendar == Calendar::standard && number >= kReform)) {
    using namespace std::chrono;
    const year_month_day date{sys_days(days(number))};
    return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()), 0};
  }
  if (calendar == Calendar::standard) {
    calendar = Calendar::julian;
    number += kJulianEpoch;
  }
  // No year is longer than 366 days or shorter than 360: begin before it.
  Date date;
  date.year = floored(number, 366) - 1;
  if (calendar == Calendar::days_360) date.year = floored(number, 360);
  if (calendar == Calendar::no_leap) date.year = floored(number, 365);
  if (calendar == Calendar::julian) date.year = floored(4 * number, 1461) - 1;
  while (days_before(date.year + 1, 1, calendar) <= number) ++date.year;
  int64_t left = number - days_before(date.year, 1, calendar);
  for (; left >= days_in_month(date.year, date.month, calendar); ++date.month)
    left -= days_in_month(date.year, date.month, calendar);
  date.day = left + 1;
  return date;
}

}  // namespace msde
