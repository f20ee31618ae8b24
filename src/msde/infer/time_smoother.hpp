// Smoothing of coefficient series in time, with the amount of smoothing chosen from the data.
#pragma once

#include <torch/torch.h>

namespace msde {

// H [T, T]: local polynomial least squares of a given degree over 2 half_width + 1 equally spaced points,
// one-sided at the ends (Savitzky & Golay, Anal. Chem. 1964; ends as Gorry, Anal. Chem. 1990). Row i
// evaluates the fit at point i.
torch::Tensor local_polynomial_smoother(int64_t T, int64_t degree, int64_t half_width);

struct TimeSmoother {
  torch::Tensor matrix;  // [T, T] float64, the identity where nothing smooths better
  int64_t degree = 0, half_width = 0;
  double noise_left =
      1;  // root of tr(H H^T) / T: standard deviation of the remaining noise over the original's
};

// Of a [N, T, n] with independent noise of variance s^2 the (degree, half_width) with the smallest unbiased
// estimate
//   |a - H a|^2 + 2 s^2 n N tr(H) - n N T s^2        of  E |H a - E a|^2     (Stein, Ann. Statist. 1981).
TimeSmoother choose_time_smoother(const torch::Tensor& a, double noise_std);

}  // namespace msde
