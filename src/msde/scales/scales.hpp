// The separation of scales as linear maps, at the current value of the filter's parameters.
#pragma once

#include <functional>
#include <optional>

#include "msde/tensor/torch.hpp"

namespace msde {

// Maps given by matrices that multiply row vectors from the right.
struct ScaleMatrices {
  torch::Tensor smooth;        // [n, n], unit gain
  torch::Tensor restriction;   // [n, n_zeta]
  torch::Tensor prolongation;  // [n_zeta, n]
};

// Row vectors: y [.., n] in the model's coordinates, zeta [.., n_zeta].
//   restrict_to_macro(y) = R S y,   prolong(zeta) = D_zeta zeta,   separate(y) = {R S y, y - S y}
// (docs/method.md section 2). The maps are made once per step from the filter's few parameters and then serve
// every snapshot of the batch: as matrices, or as operations on fields where matrices would be too large.
struct Scales {
  using Map = std::function<torch::Tensor(const torch::Tensor&)>;
  struct Separated {
    torch::Tensor zeta, residual;
  };

  Map restrict_to_macro, prolong;
  std::function<Separated(const torch::Tensor&)> separate;
  std::optional<ScaleMatrices> matrices;  // of the same maps, where they are made of matrices
  bool micro_is_orthogonal;  // whether R S D_zeta = 1, so that the micro part can be kept out of its range
  torch::Tensor fluid =
      {};  // [n] 1, and 0 where a field of the fine grid has no fluid; undefined: 1 throughout

  torch::Tensor residual(const torch::Tensor& y) const { return separate(y).residual; }
  // The part of a microscale field that the macroscale cannot represent: c - D_zeta R S c where D_zeta is the
  // least-squares dual of R S (an orthogonal projection), c itself where it is the tied transpose; 0 where there is no
  // fluid.
  torch::Tensor keep_micro(const torch::Tensor& c) const {
    if (fluid.defined()) return c * fluid;
    return micro_is_orthogonal ? c - prolong(restrict_to_macro(c)) : c;
  }
};

Scales scales_of(const ScaleMatrices& matrices, bool micro_is_orthogonal);

// A learned filter: its parameters are those of the smoothing kernel.
class FilterImpl : public torch::nn::Module {
 public:
  virtual Scales scales() const = 0;
};
using Filter = std::shared_ptr<FilterImpl>;

}  // namespace msde
