#include "msde/field/climatology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "msde/core/error.hpp"
#include "msde/field/training_means.hpp"

namespace msde {
namespace {

constexpr int64_t kMonths = 12;

}  // namespace

int64_t month_of(double time, const TimeUnits& units) {
  const auto passed = passed_at(time, units);
  if (!passed) throw DataError(fmt::format("time {:.9g} in '{}' has no date", time, units.units));
  return passed->month - 1;
}

bool has_climatology(const Dataset& data) {
  const TimeUnits units = data.clock().time;
  if (!is_since_a_date(units) || !data.has_split("train")) return false;
  const auto times = data.times("train").flatten();
  std::array<bool, kMonths> seen{};
  for (int64_t i = 0; i < times.numel(); ++i) {
    const auto passed = passed_at(times[i].item<double>(), units);
    if (!passed) return false;
    seen[static_cast<size_t>(passed->month - 1)] = true;
  }
  return std::all_of(seen.begin(), seen.end(), [](bool month) { return month; });
}

torch::Tensor monthly_climatology(const Dataset& data) {
  if (!has_climatology(data))
    throw DataError(
        data.path() +
        ": has no monthly climatology: its times have no dates, or training does not have every month");
  return training_means(data, kMonths, [units = data.clock().time](double t) { return month_of(t, units); })
      .means;
}

ClimatologyForecaster::ClimatologyForecaster(torch::Tensor months, TimeUnits units)
    : months_(std::move(months)), units_(std::move(units)) {}

Forecast ClimatologyForecaster::forecast(const ForecastRequest& r) const {
  if (r.members > 0) throw ConfigError(name() + ": has no members; got members " + std::to_string(r.members));
  const auto times = frame_times(r);
  std::vector<torch::Tensor> frames;
  for (int64_t k = 0; k <= r.n_steps; ++k)
    frames.push_back(months_[month_of(times[k].item<double>(), units_)].to(r.first.scalar_type()));
  auto shape = r.first.sizes().vec();
  shape.insert(shape.begin() + 1, r.n_steps + 1);
  Forecast out;
  out.point = torch::stack(frames).unsqueeze(0).expand(shape);
  return out;
}

}  // namespace msde
