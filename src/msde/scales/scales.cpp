#include "msde/scales/scales.hpp"

namespace msde {

Scales scales_of(const ScaleMatrices& m, bool micro_is_orthogonal) {
  Scales s;
  s.restrict_to_macro = [m](const torch::Tensor& y) { return torch::matmul(y, m.restriction); };
  s.prolong = [m](const torch::Tensor& zeta) { return torch::matmul(zeta, m.prolongation); };
  s.separate = [m](const torch::Tensor& y) {
    auto zeta = torch::matmul(y, m.restriction);
    return Scales::Separated{zeta, y - torch::matmul(y, m.smooth)};
  };
  s.matrices = m;
  s.micro_is_orthogonal = micro_is_orthogonal;
  return s;
}

}  // namespace msde
