// The learned drift of the microscale.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/model/drift/drift_sizes.hpp"
#include "msde/model/drift/drift_term.hpp"
#include "msde/model/mlp.hpp"
#include "msde/model/model_options.hpp"

namespace msde {

// d eta = rate g(eta, psi(zeta), t, mu, f): one network of the state, of the time only where asked
// (docs/method.md section 4).
class LearnedMicroDrift : public DriftTerm {
 public:
  // Registers its network as `micro` under the drift.
  LearnedMicroDrift(torch::nn::Module& drift, const ModelOptions& options, const Grid& grid,
                    DriftSizes sizes);
  DriftPart at(const LatentState& z, const ScaledInputs& inputs) override;
  std::optional<FusedDriftTerm> fused() const override;
  void see(const DriftSizes& sizes) override { sizes_ = sizes; }

 private:
  DriftSizes sizes_;
  Mlp net_{nullptr};
};

// Of the micro drift's network, and of psi.
Activation micro_activation(const ModelOptions& options, const Grid& grid);

}  // namespace msde
