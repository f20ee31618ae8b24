#include "msde/field/clock.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"

namespace msde {
namespace {

Passed passed(double time, const TimeUnits& units) {
  return passed_at(time, units).value();
}

TEST(Clock, SharesOfTheYearAndTheDayAreThoseOfTheCalendar) {
  // 1 March is day 60 of 365, 61 of 366 and 60 of 360, counted from 0: 59, 60, 60.
  EXPECT_DOUBLE_EQ(passed(59, {"days since 2001-01-01", "noleap"}).of_year, 59. / 365);
  EXPECT_DOUBLE_EQ(passed(60, {"days since 2000-01-01", "standard"}).of_year, 60. / 366);
  EXPECT_DOUBLE_EQ(passed(59, {"days since 2001-01-01", ""}).of_year, 59. / 365);
  EXPECT_DOUBLE_EQ(passed(60, {"days since 2001-01-01", "360_day"}).of_year, 60. / 360);
  EXPECT_DOUBLE_EQ(passed(60, {"days since 2001-01-01", "all_leap"}).of_year, 60. / 366);
  EXPECT_DOUBLE_EQ(passed(18, {"hours since 2001-01-01", "noleap"}).of_day, .75);
  EXPECT_DOUBLE_EQ(passed(18, {"hours since 2001-01-01 12:00", "noleap"}).of_day, .25);
  EXPECT_NEAR(passed(3, {"hours since 2001-01-01 00:00 +06:00", "noleap"}).of_day, 21. / 24, 1e-12);
  EXPECT_NEAR(passed(-1, {"seconds since 2001-01-01", "noleap"}).of_year, 1, 1e-6);
}

TEST(Clock, TimesInMonthsHaveTheDatesOfTheirCalendar) {
  const TimeUnits months = {"days since 2001-01-01", "standard", /*in_months=*/true};
  EXPECT_NEAR(passed(2, months).of_year, 59. / 365, 1e-9);          // 1 March 2001
  EXPECT_NEAR(passed(36 + 2.5, months).of_year, 75.5 / 366, 1e-9);  // the middle of March 2004
}

TEST(Clock, TheYearOfTheReformHasTheDaysThatItHad) {
  const TimeUnits units = {"days since 1582-10-04", "standard"};
  EXPECT_DOUBLE_EQ(passed(0, units).of_year, 276. / 355);
  EXPECT_DOUBLE_EQ(passed(1, units).of_year, 277. / 355);
}

TEST(Clock, ValuesAreCosineAndSineInTheOrderOfTheWords) {
  const Clock clock = {{"day", "year"}, {"hours since 2001-01-01", "360_day"}};
  const auto values = clock_values({6, 24 * 90}, clock);
  const double year = 2 * M_PI * .25 / 360;
  const double expected[] = {0, 1, std::cos(year), std::sin(year), 1, 0, 0, 1};
  ASSERT_EQ(values.size(), 8u);
  for (size_t i = 0; i < 8; ++i) EXPECT_NEAR(values[i], expected[i], 1e-6) << i;
}

TEST(Clock, WhatIsConstantButForRoundingIsConstant) {
  const Clock clock = {{"day"}, {"days since 1900-01-01", ""}};
  std::vector<double> times;
  for (int i = 0; i < 300; ++i) times.push_back(41234.25 + .1 * i * 10);  // 0.1 i 10 is i but for rounding
  const auto values = clock_values(times, clock);
  for (size_t i = 0; i < values.size(); i += 2) {
    EXPECT_EQ(values[i], 0.f);
    EXPECT_EQ(values[i + 1], 1.f);
  }
}

TEST(Clock, TimesWithoutDatesAreRefusedWithTheCure) {
  for (const char* units : {"", "s", "days", "fortnights since 1990-01-01", "days since last year"}) try {
      require_dates({{"day"}, {units, ""}}, "mine.nc");
      ADD_FAILURE() << units;
    } catch (const ConfigError& error) {
      const std::string what = error.what();
      EXPECT_EQ(what.rfind("mine.nc: data.clock: its times", 0), 0u) << what;
      EXPECT_NE(what.find("days since 1990-01-01"), std::string::npos) << what;
      EXPECT_NE(what.find(units), std::string::npos) << what;
    }
  EXPECT_THROW(require_dates({{"day"}, {"days since 1990-01-01", "lunar"}}, "a"), ConfigError);
  EXPECT_THROW(require_dates({{"month"}, {"days since 1990-01-01", ""}}, "a"), ConfigError);
  EXPECT_THROW(require_dates({{"day", "day"}, {"days since 1990-01-01", ""}}, "a"), ConfigError);
  EXPECT_NO_THROW(require_dates({{}, {"s", ""}}, "a"));
  EXPECT_THROW(clock_values({1e20}, {{"day"}, {"days since 1990-01-01", ""}}), DataError);
}

TEST(Clock, ATrainingShorterThanWhatIsCountedIsTold) {
  const TimeUnits days = {"days since 1990-01-01", ""};
  EXPECT_NE(unseen_part({{"day", "year"}, days}, 0, 100).find("less than a year"), std::string::npos);
  EXPECT_EQ(unseen_part({{"day", "year"}, days}, 0, 365), "");
  EXPECT_EQ(unseen_part({{"day"}, days}, 0, 2), "");
  EXPECT_NE(unseen_part({{"day"}, days}, 0, .5).find("less than a day"), std::string::npos);
  EXPECT_EQ(unseen_part({}, 0, .5), "");
}

TEST(Clock, UnitsCountAlikeHoweverTheyAreWritten) {
  EXPECT_TRUE(count_alike({"days since 1990-01-01", ""}, {"day since 1990-1-1 00:00:00", "gregorian"}));
  EXPECT_FALSE(count_alike({"days since 1990-01-01", ""}, {"days since 1990-01-02", ""}));
  EXPECT_FALSE(count_alike({"days since 1990-01-01", ""}, {"hours since 1990-01-01", ""}));
  EXPECT_FALSE(count_alike({"days since 1990-01-01", ""}, {"days since 1990-01-01", "noleap"}));
  EXPECT_FALSE(count_alike({"days since 1990-01-01", ""}, {"s", ""}));
}

}  // namespace
}  // namespace msde
