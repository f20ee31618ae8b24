// Checks that snapshots are equally spaced in time, as far as float32 can say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msde {

// Rounding of a time of size |t| in float32, times eight: spacings that differ by less count as equal.
double time_tolerance(double largest_time);

// `times` [N, T], row after row, T >= 2. Returns the spacing (t_{T-1} - t_0) / (T - 1) of the first
// trajectory. DataError naming `where` ("file.h5: 'train_t'"), trajectory, snapshot, got and expected if a
// time is not finite, does not increase, or a spacing differs from it by more than the tolerance of max|t|.
double equal_spacing(const std::vector<double>& times, int64_t N, const std::string& where);

// Times are float32, however they are stored.
void round_to_float(std::vector<double>& times);

}  // namespace msde
