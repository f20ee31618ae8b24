// The learned drift of the macroscale.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/model/drift/drift_term.hpp"
#include "msde/model/mlp.hpp"
#include "msde/model/model_options.hpp"

namespace msde {

// What the terms of a drift know of it. `rate` and `stencil` are buffers of the drift.
struct DriftSizes {
  int64_t n_zeta = 1, n_eta = 0, n_mu = 0, n_f = 0;
  bool micro_time = false;  // whether the outside begins with the time
  torch::Tensor rate;       // [1] typical rate of change of zeta, per unit of time
  torch::Tensor stencil;    // [cells, C * taps] index of each input in zeta [C * cells]
  int64_t n_outside() const { return (micro_time ? 1 : 0) + n_mu + n_f; }
};

// d zeta = rate f(zeta, phi(eta), mu, f): one network shared by all coarse cells, applied to the stencil of
// zeta around each (docs/method.md section 4).
class LearnedMacroDrift : public DriftTerm {
 public:
  // Registers its network as `macro` under the drift.
  LearnedMacroDrift(torch::nn::Module& drift, const ModelOptions& options, const Grid& grid,
                    DriftSizes sizes);
  DriftPart at(const LatentState& z, const ScaledInputs& inputs) override;
  std::optional<FusedDriftTerm> fused() const override;

 private:
  DriftSizes sizes_;
  Mlp net_{nullptr};
};

}  // namespace msde
