// Smoothing of coefficient series in time, with the amount of smoothing chosen from the data.
#pragma once

#include <vector>

#include "msde/infer/data/unequal_smoother.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// What is tried: degrees 1, 3, 5 over widths that hold more points.
std::vector<TimeSmoothing> smoothing_candidates();

// H, local polynomial least squares of a given degree over 2 half_width + 1 equally spaced points, one-sided
// at the ends (Savitzky & Golay, Anal. Chem. 1964; ends as Gorry, Anal. Chem. 1990). Row i of H [T, T]
// evaluates the fit at point i; all rows but those of the ends are one row, shifted, so that time and memory
// are linear in T.
class LocalPolynomialSmoother {
 public:
  // degree <= 2 half_width. The half width 0 leaves series alone.
  LocalPolynomialSmoother(int64_t degree, int64_t half_width);

  // H a of a [T, n] with T >= 2 half_width + 1, in the precision of a.
  torch::Tensor operator()(const torch::Tensor& a) const;
  // a [T, n] = H a, at most `at_once` points of time (but a window) and a window beyond the others: a may lie
  // in a file.
  void smooth(torch::Tensor a, int64_t at_once) const;
  // tr(H), which is tr(H H^T) too: every fit is a projection, whose diagonal holds the squared norms of its
  // rows.
  double trace(int64_t T) const;

  int64_t degree() const { return degree_; }
  int64_t half_width() const { return half_width_; }
  int64_t width() const { return 2 * half_width_ + 1; }

 private:
  int64_t degree_, half_width_;
  torch::Tensor fit_;  // [width, width] float64; row j: the fit at point j of the window
};

// Of a [N, T, n] with independent noise of variance s^2 the smoother with the smallest unbiased estimate
//   |a - H a|^2 + 2 s^2 n N tr(H) - n N T s^2        of  E |H a - E a|^2     (Stein, Ann. Statist. 1981).
LocalPolynomialSmoother choose_time_smoother(const torch::Tensor& a, double noise_std);

}  // namespace msde
