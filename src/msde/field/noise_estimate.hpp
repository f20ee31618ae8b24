// The observation noise of a dataset that does not say how large it is.
#pragma once

#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Standard deviation of white noise on a smooth field, from the top of its spectrum along one axis: the sixth
// difference D6 annihilates polynomials of degree 5 and turns noise of deviation s into noise of deviation s
// sqrt(924), so
//   s ~ 1.4826 median |D6 x| / sqrt(924)
// (1.4826: median absolute deviation of a Gaussian). The median ignores fronts and edges that fill less than
// a few per cent. Whatever of the field is left only adds, so `axis` of the best resolution gives the least
// bound. x.size(axis) >= 7.
double noise_along(const torch::Tensor& x, int64_t axis);
// The same along time where it is not equally spaced: of x [n, count, ..] at times [n, count], count >= 7, by divided
// differences of order 6, whose weights 1 / prod_(j != i) (t_i - t_j) are scaled to a norm of 1.
double noise_in_time(const torch::Tensor& x, const torch::Tensor& times);

// The least of noise_along over time and space on up to 64 windows of 7 snapshots, spread over the training
// split (or the first split there is). Within 10 % on the 1D benchmarks. At most 2^22 values are read. 0 if
// no axis has 7 points. Assumes noise that is white in time and space and alike in all channels; without
// noise it tells what is not resolved.
double estimate_noise_std(const Dataset& dataset);
// The same, each channel by itself: [C].
std::vector<double> estimate_channel_noise(const Dataset& dataset);

}  // namespace msde
