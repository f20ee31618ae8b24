// The coupled drifts of the two scales: a sum of terms.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "msde/grid/grid.hpp"
#include "msde/model/drift/drift_sizes.hpp"
#include "msde/model/drift/drift_term.hpp"
#include "msde/model/drift/input_units.hpp"
#include "msde/model/drift/prior_drift.hpp"
#include "msde/model/mlp.hpp"
#include "msde/model/model_options.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

using FusedDrift = FusedPart<DriftKernel>;

// d zeta = f(zeta, phi(eta), mu, f) dt + ..,  d eta = g(eta, psi(zeta), t, mu, f) dt + ..     (docs/method.md
// section 4), each a sum over terms: learned_macro.hpp, learned_micro.hpp. The learned ones are multiplied by
// `rate`, the typical rate of change of zeta, so that their networks work at unit scale.
class DriftImpl : public torch::nn::Module {
 public:
  DriftImpl(const ModelOptions& options, const Grid& grid, int64_t n_mu, int64_t n_f);
  torch::Tensor forward(const torch::Tensor& z, const DriftInputs& inputs);  // [.., n_zeta + n_eta] -> same

  // One more term, after those of the options.
  void add_term(std::unique_ptr<DriftTerm> term);

  // The same function in plain memory: without modulations, and where every term has a kernel. `outside`
  // [.., n_outside] is what its states see of the inputs.
  std::optional<FusedDrift> fused() const;
  torch::Tensor outside(const DriftInputs& inputs) const;

  void set_rate(double rate);  // per unit of time
  double rate() const { return sizes_.rate.item<double>(); }
  double fastest_rate()
      const;  // the rate, or a prior's stiffness where that is larger: no step is longer than 1 of it

  // The known part, after the learned ones; null without one.
  void add_prior(PriorTerms terms, LatentSpace space, const PriorOptions& options);
  PriorDrift* prior() const { return prior_; }
  // The learned terms alone, [.., n_zeta + n_eta]; 0 where there are none.
  torch::Tensor learned(const torch::Tensor& z, const DriftInputs& inputs);
  // As a prior begins: the learned terms are 0, their last layers being so, and its coefficients those they were set to.
  void leave_to_prior();

 private:
  void add_modulations(const ModelOptions& options, const Grid& grid);
  struct Seen {
    LatentState state;
    ScaledInputs inputs;
  };
  Seen seen(const torch::Tensor& z, const DriftInputs& inputs);
  torch::Tensor whole(const DriftPart& part, const torch::Tensor& z) const;
  DriftSizes sizes_;
  std::vector<std::unique_ptr<DriftTerm>> terms_;
  PriorDrift* prior_ = nullptr;      // one of them
  size_t n_learned_ = 0;             // the first ones
  Mlp phi_{nullptr}, psi_{nullptr};  // empty: identity

 public:
  InputUnits inputs;
};
TORCH_MODULE(Drift);

}  // namespace msde
