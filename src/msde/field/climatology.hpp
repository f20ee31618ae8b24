// The monthly climatology: what a field usually is at that time of the year.
#pragma once

#include "msde/field/dataset.hpp"
#include "msde/field/forecaster.hpp"

namespace msde {

// Whether the data have a monthly climatology: times with dates (time_units.hpp) and training snapshots in every month of
// the calendar.
bool has_climatology(const Dataset& data);

// Of every month of the calendar the mean of all training snapshots in it: float64 [12, C, *grid]. DataError where the
// times have no dates or a month no training snapshot, Stopped.
torch::Tensor monthly_climatology(const Dataset& data);

// The month, 0 to 11, of a time of a dataset. DataError for one without a date.
int64_t month_of(double time, const TimeUnits& units);

// Forecasts the field of each frame's month, without members.
class ClimatologyForecaster : public Forecaster {
 public:
  ClimatologyForecaster(torch::Tensor months,
                        TimeUnits units);  // as monthly_climatology() and its data have them
  std::string name() const override { return "climatology"; }
  Forecast forecast(
      const ForecastRequest& request) const override;  // ConfigError where members are asked for

 private:
  torch::Tensor months_;
  TimeUnits units_;
};

}  // namespace msde
