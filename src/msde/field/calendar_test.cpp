#include "msde/field/calendar.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/field/time_units.hpp"

namespace msde {
namespace {

constexpr Calendar kAll[] = {Calendar::standard, Calendar::proleptic_gregorian,
                             Calendar::julian,   Calendar::no_leap,
                             Calendar::all_leap, Calendar::days_360};

TEST(calendar, days_and_dates_are_inverse) {
  for (const Calendar calendar : kAll)
    for (int64_t day = -900000; day < 1200000; day += 389) {
      const Date date = date_of(day, calendar);
      EXPECT_EQ(day_number(date, calendar), day);
      EXPECT_LE(date.day, days_in_month(date.year, date.month, calendar));
    }
}

// Values of cftime 1.6.2: num2date(t, "days since 1900-02-28 06:00", calendar) and date2num(1500-03-01 12:00).
TEST(calendar, dates_are_those_of_cftime) {
  struct Row {
    const char* name;
    const char *later, *earlier;
    double in_1500;
  };
  for (const Row& row : {Row{"standard", "2009-09-04 18:00", "1891-12-12 06:00", -146027.5},
                         Row{"proleptic_gregorian", "2009-09-04 18:00", "1891-12-12 06:00", -146037.5},
                         Row{"julian", "2009-09-03 18:00", "1891-12-12 06:00", -146039.5},
                         Row{"noleap", "2009-10-01 18:00", "1891-12-10 06:00", -145940.5},
                         Row{"all_leap", "2009-06-13 18:00", "1891-12-18 06:00", -146339.5},
                         Row{"360_day", "2011-04-08 18:00", "1891-10-28 06:00", -143939.5}}) {
    const TimeUnits from_february = {"days since 1900-02-28 06:00", row.name},
                    from_january = {"days since 1900-01-01", row.name};
    EXPECT_EQ(date_text(40000.5, from_february), row.later) << row.name;
    EXPECT_EQ(date_text(-3000, from_february), row.earlier) << row.name;
    EXPECT_EQ(date_text(row.in_1500, from_january), "1500-03-01 12:00") << row.name;
    const TimeUnits hours = {"hours since 1500-03-01", row.name};
    EXPECT_DOUBLE_EQ(converted(12, hours, from_january).value(), row.in_1500) << row.name;
  }
}

TEST(time_units, what_is_not_since_a_date_is_left_alone) {
  for (const char* units : {"", "days", "since 1900-01-01", "days since", "days since 1900-13-01",
                            "days since 1900-01-01 x", "parsecs since 1900-01-01", "days since noon"}) {
    const TimeUnits time = {units, ""};
    EXPECT_FALSE(is_since_a_date(time)) << units;
    EXPECT_TRUE(as_months({0, 31, 59}, time).empty());
    EXPECT_EQ(date_text(1, time), "");
  }
  EXPECT_FALSE(is_since_a_date({"days since 1900-01-01", "martian"}));
  EXPECT_FALSE(converted(1, {"days since 1900-01-01", "noleap"}, {"days since 1900-01-01", "360_day"}));
  EXPECT_EQ(date_text(1e300, {"days since 1900-01-01", ""}), "");
  EXPECT_EQ(date_text(std::nan(""), {"days since 1900-01-01", ""}), "");
}

TEST(time_units, months_go_there_and_back) {
  TimeUnits days = {"days since 2000-01-01", "standard"};
  const std::vector<double> firsts = {0, 31, 60, 91, 121};
  EXPECT_EQ(as_months(firsts, days), (std::vector<double>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(as_months({0, 31, 60, 95, 121}, days).empty());
  EXPECT_TRUE(as_months({0, 1, 2}, days).empty());
  days.in_months = true;
  for (size_t k = 0; k < firsts.size(); ++k)
    EXPECT_NEAR(as_in_file(static_cast<double>(k), days), firsts[k], 1e-9);
  EXPECT_NEAR(as_in_file(-10.5, days), -320, 1e-9);  // the middle of February 1999 is that of 28 days
}

}  // namespace
}  // namespace msde
