// Checks that snapshots are equally spaced in time, as far as float32 can say.
#pragma once

#include <torch/torch.h>

#include <string>

namespace msde {

// Rounding of a time of size |t| in float32, times eight: spacings that differ by less count as equal.
double time_tolerance(double largest_time);

// `times` [N, T], float64, T >= 2. Returns the spacing (t_{T-1} - t_0) / (T - 1) of the first trajectory.
// DataError naming `where` ("file.h5: 'train_t'"), trajectory, snapshot, got and expected if a time is not
// finite, does not increase, or a spacing differs from it by more than the tolerance of max|t|.
double equal_spacing(const torch::Tensor& times, const std::string& where);

}  // namespace msde
