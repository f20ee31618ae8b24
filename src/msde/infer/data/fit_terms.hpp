// The coefficients with which the terms of a prior begin training.
#pragma once

#include <vector>

#include "msde/infer/data/training_data.hpp"
#include "msde/model/multiscale.hpp"

namespace msde {

// Coefficients [terms] by least squares of the encoded data's weak form: with bumps phi = (1 - s^2)^4 over windows of a
// sixteenth of a trajectory (24 snapshots at least), and sums by the trapezoidal rule,
//   - sum phi' z dt - sum_known phi F_k dt = sum_k c_k sum phi F_k dt,
// which asks for no derivative of noisy data; |.| is that of the field that z shows. Products are of sums over every second snapshot with sums
// over the others, in which noise has no square: it neither pulls coefficients to 0 nor counts as a remainder. So the data are those that were
// measured, not smoothed in time. Known terms begin at 1 and candidates at 0; of those that are `free`, term after term the one enters that
// lowers the remainder of validation most, while that is by a twentieth or more, and by a thousandth of what no term leaves, and one leaves whose absence costs less.
torch::Tensor fit_terms(MultiscaleModel& model, const TrainingData& train, const TrainingData& val,
                        const std::vector<int64_t>& free);

}  // namespace msde
