// Smoothing in time of series whose snapshots are not equally spaced (time_smoother.hpp has the others).
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// Local polynomial least squares of a degree over 2 half_width + 1 snapshots, in their own times, one-sided at the ends.
// The half width 0 leaves series alone.
struct TimeSmoothing {
  int64_t degree = 0, half_width = 0;
  int64_t width() const { return 2 * half_width + 1; }
};

// Rows first .. first + count - 1 of H [T, T] at times [T], each over the window that it sees: [count, width] float64, T >=
// width. The window of row i begins at window_begin(i).
torch::Tensor smoother_rows(const torch::Tensor& times, const TimeSmoothing& smoothing, int64_t first,
                            int64_t count);
int64_t window_begin(int64_t row, int64_t n_snapshots, const TimeSmoothing& smoothing);

// a [T, n] = H a, at most `at_once` points of time (but a window) and a window beyond the others: a may lie in a file.
void smooth_in_time(torch::Tensor a, const torch::Tensor& times, const TimeSmoothing& smoothing,
                    int64_t at_once);

// tr(H), which is tr(H H^T) where every row is that of a projection.
double smoother_trace(const torch::Tensor& times, const TimeSmoothing& smoothing);

// Of a [N, T, n] at times [N, T] what has the least unbiased estimate of the risk, as choose_time_smoother.
TimeSmoothing choose_time_smoothing(const torch::Tensor& a, const torch::Tensor& times, double noise_std);

}  // namespace msde
