// Derivatives of fields along the axes of a grid.
#pragma once

#include <map>
#include <utility>

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// d^order / dx^order of f at `at` from values of f at `points`: the weights that are exact for polynomials of their number
// less one (Fornberg, Mathematics of Computation 51 (1988)).
std::vector<double> difference_weights(const std::vector<double>& points, double at, int64_t order);

// Of fields [.., *grid], in physical units:
// along a periodic axis spectral, X_k -> (2 pi i k / L)^order X_k; of an even number of points the mode of Nyquist, of
//   which one cannot tell whether it goes left or right, has no derivative;
// along others differences of fourth order: from the points that are there at walls and inflow, whose values are the
//   field's own, and at open ends and outflow with the last value continued beyond the end (zero gradient).
// With an order of differences, 2 or 4, central ones of that order along every axis, as a solver of such order has them.
class Derivatives {
 public:
  explicit Derivatives(Grid grid, int64_t order_of_differences = 0)
      : grid_(std::move(grid)), order_of_differences_(order_of_differences) {}
  // The matrices that are needed, made once: `along` makes none.
  void prepare(int64_t axis, int64_t order);
  torch::Tensor along(int64_t axis, int64_t order, const torch::Tensor& fields) const;

  const Grid& grid() const { return grid_; }

 private:
  bool is_spectral(int64_t axis) const {
    return order_of_differences_ == 0 && grid_.boundary[axis].periodic();
  }
  Grid grid_;
  int64_t order_of_differences_;
  // By axis and order: matrices of differences [points, points], or the factors (2 pi i k / L)^order.
  std::map<std::pair<int64_t, int64_t>, torch::Tensor> maps_;
};

// The same fields on `grid` with more points along its periodic axes, or fewer, by their Fourier series without the
// mode of Nyquist: fields [.., *grid] -> [.., *to].
torch::Tensor resampled(const torch::Tensor& fields, const Grid& grid, const Grid& to);

}  // namespace msde
