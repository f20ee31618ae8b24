// Poisson's equation in a channel: cosine transforms across it, tridiagonal systems along it.
#pragma once

#include <cstdint>
#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// -lap p = r on nx x ny cells of side 1, in the five-point differences, dp/dy = 0 at y = 0 and ny, dp/dx = 0
// at x = 0 and, at x = nx, p = 0 (half a cell beyond the last value) or dp/dx = 0, where p(0, 0) of the mean
// is 0 and r must have the mean 0.
//
// Rows of ny values across the channel become modes, sum_j r_j cos(pi k (j + 1/2) / ny), first those of even
// k, then those of odd k: two products with matrices of half the size. Each mode is eliminated from the last
// row to the first and substituted from the first to the last, so that a solution near the beginning needs
// no other rows, nor does it to follow a change of r there.
class CosinePoisson {
 public:
  CosinePoisson(int64_t nx, int64_t ny, bool open_end);

  struct Range {
    int64_t first, last;  // without the last
  };
  // In place, rows of ny values; `all` is row 0. Different ranges may be worked on side by side.
  void to_modes(double* all, Range rows);
  void to_values(double* all, Range rows);
  // y_i = g_i (r_i + y_(i + 1)) for rows from the last to the first: r and y are row 0 of modes [*, ny] and
  // may be the same, `after` is y_(rows.last) (null: zeros). `modes` is the part of each row that is worked
  // on.
  void eliminate(Range rows, Range modes, const double* r, const double* after, double* y) const;
  // p_i = y_i + g_i p_(i - 1) for i = 0 .. last - 1, in place.
  void substitute(int64_t last, Range modes, double* y) const;

 private:
  int64_t nx_, ny_;
  torch::Tensor even_, odd_, even_back_, odd_back_;  // [ny / 2, ny / 2]
  std::vector<double> g_;                            // [nx, ny]
  std::vector<double> folded_;                       // [nx, ny]
};

}  // namespace msde
