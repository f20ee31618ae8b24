// The learned drift of the macroscale.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/model/drift/drift_sizes.hpp"
#include "msde/model/drift/drift_term.hpp"
#include "msde/model/mlp.hpp"
#include "msde/model/model_options.hpp"
#include "msde/scales/stencil.hpp"

namespace msde {

// d zeta = rate f(zeta, phi(eta), mu, f): one network shared by all coarse cells, applied to the stencil of
// zeta around each and, with model.position = on, to where the cell lies (docs/method.md section 4).
class LearnedMacroDrift : public DriftTerm {
 public:
  // Registers its network as `macro` under the drift.
  LearnedMacroDrift(torch::nn::Module& drift, const ModelOptions& options, const Grid& grid,
                    DriftSizes sizes);
  DriftPart at(const LatentState& z, const ScaledInputs& inputs) override;
  std::optional<FusedDriftTerm> fused() const override;
  void see(const DriftSizes& sizes) override { sizes_ = sizes; }

 private:
  CellInputs inputs() const;
  DriftSizes sizes_;
  Mlp net_{nullptr};
};

// Of the macro drift's network, and of phi.
Activation macro_activation(const ModelOptions& options);

}  // namespace msde
