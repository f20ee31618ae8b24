#include "msde/field/forecast_times.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/field/array_tensor.hpp"
#include "msde/field/time_units.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {

std::optional<torch::Tensor> forecast_times(const StoredArrays& file, int64_t N, int64_t T) {
  const bool of_each = file.is_array("t") && file.shape("t") == StoredArrays::Shape{N, T};
  const std::string name = file.is_array("time") && !of_each ? "time" : "t";
  if (!file.is_array(name) || !file.is_numeric(name)) return std::nullopt;
  const auto got = file.shape(name);
  if (got != StoredArrays::Shape{T} && got != StoredArrays::Shape{N, T})
    throw DataError(fmt::format("{}: '{}': got shape [{}], expected [{}] or [{}, {}]", file.path(), name,
                                fmt::join(got, ", "), T, N, T));
  auto times = read_tensor(file, name).expand({N, T});
  check_finite<DataError>(file.path() + ": '" + name + "'", times);
  if (of_each && counts_months(file.text("time", "counted_in"))) {
    const TimeUnits units = {file.text(name, "units").value_or(""), file.text(name, "calendar").value_or("")};
    times = times.contiguous().clone();
    for (double *t = times.data_ptr<double>(), *end = t + times.numel(); t != end; ++t)
      *t = months_at(*t, units);
  }
  if (of_each || !file.is_array("start") || file.shape("start") != StoredArrays::Shape{N}) return times;
  const auto start = read_tensor(file, "start");  // each trajectory's own; time is that of the first
  check_finite<DataError>(file.path() + ": 'start'", start);
  const TimeUnits units = {file.text(name, "units").value_or(""), file.text(name, "calendar").value_or("")};
  if (!counts_months(file.text(name, "counted_in"))) return times - times[0][0] + start.unsqueeze(1);
  auto counted = torch::empty({N, T}, torch::kDouble);
  const double first = months_at(times[0][0].item<double>(), units);
  for (int64_t n = 0; n < N; ++n) {
    const double later = std::round(months_at(start[n].item<double>(), units) - first);
    for (int64_t k = 0; k < T; ++k) counted[n][k] = months_at(times[0][k].item<double>(), units) + later;
  }
  return counted;
}

}  // namespace msde
