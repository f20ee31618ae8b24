// The separation of scales as three linear maps, at the current value of the filter's parameters.
#pragma once

#include <torch/torch.h>

namespace msde {

// Row vectors: y [.., n] in the model's coordinates, zeta [.., n_zeta].
//   restrict(y) = R S y,   residual(y) = y - S y,   prolong(zeta) = D_zeta zeta.     (docs/method.md section
//   2)
// The maps are computed once per step from the filter's few parameters and then serve every snapshot of the
// batch.
struct Scales {
  torch::Tensor smooth;        // [n, n], unit gain
  torch::Tensor restriction;   // [n, n_zeta]
  torch::Tensor prolongation;  // [n_zeta, n]
  bool micro_is_orthogonal;  // whether restriction * prolongation = 1, so that the micro part can be kept out
                             // of its range

  torch::Tensor restrict_to_macro(const torch::Tensor& y) const { return torch::matmul(y, restriction); }
  torch::Tensor residual(const torch::Tensor& y) const { return y - torch::matmul(y, smooth); }
  torch::Tensor prolong(const torch::Tensor& zeta) const { return torch::matmul(zeta, prolongation); }
  // The part of a microscale field that the macroscale cannot represent: c - D_zeta R S c where D_zeta is the
  // least-squares dual of R S (an orthogonal projection), c itself where it is the tied transpose.
  torch::Tensor keep_micro(const torch::Tensor& c) const {
    return micro_is_orthogonal ? c - prolong(restrict_to_macro(c)) : c;
  }
};

// A learned filter: its parameters are those of the smoothing kernel.
class FilterImpl : public torch::nn::Module {
 public:
  virtual Scales scales() const = 0;
};
using Filter = std::shared_ptr<FilterImpl>;

}  // namespace msde
