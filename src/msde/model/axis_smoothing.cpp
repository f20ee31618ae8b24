#include "msde/model/axis_smoothing.hpp"

#include <cmath>

namespace msde {

torch::Tensor axis_smoothing(int64_t n, double width, int64_t reach, Boundary boundary) {
  auto matrix = torch::zeros({n, n}, torch::kDouble);
  auto g = matrix.accessor<double, 2>();
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t lag = -reach; lag <= reach; ++lag) {
      int64_t j = i + lag;
      if (boundary == Boundary::periodic) j = ((j % n) + n) % n;
      if (j < 0 || j >= n) continue;
      g[i][j] += std::exp(-0.5 * (lag / width) * (lag / width));
    }
  }
  return matrix / matrix.sum(1, /*keepdim=*/true);
}

}  // namespace msde
