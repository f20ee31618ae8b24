// The coupled drifts of the two scales.
#pragma once

#include <optional>

#include "msde/grid/grid.hpp"
#include "msde/model/fused/mean_path.hpp"
#include "msde/model/mlp.hpp"
#include "msde/model/model_options.hpp"
#include "msde/model/seen_inputs.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Everything but the state that a drift may depend on; leading axes as those of z.
struct DriftInputs {
  torch::Tensor t;   // [.., 1] absolute time
  torch::Tensor mu;  // [.., n_mu]
  torch::Tensor f;   // [.., n_f]
};

// d zeta = f(zeta, phi(eta), mu, f) dt + ..,  d eta = g(eta, psi(zeta), t, mu, f) dt + ..     (docs/method.md
// section 4) f is one network shared by all coarse cells, applied to the stencil of zeta around each; g one
// network of the state. Outputs are multiplied by `rate`, the typical rate of change of zeta, so that the
// networks work at unit scale.
class DriftImpl : public torch::nn::Module {
 public:
  DriftImpl(const ModelOptions& options, const Grid& grid, int64_t n_mu, int64_t n_f);
  torch::Tensor forward(const torch::Tensor& z, const DriftInputs& inputs);  // [.., n_zeta + n_eta] -> same

  // The same function in plain memory, for float32 networks on the CPU without modulations; `outside` [.., n]
  // is what its states see of the inputs.
  std::optional<DriftNetworks> networks() const;
  torch::Tensor outside(const DriftInputs& inputs) const;

  struct Units {
    double rate = 1;                // per unit of time
    double t_begin = 0, t_end = 1;  // absolute time enters as 2 (t - t_begin) / (t_end - t_begin) - 1
    torch::Tensor mu_mean, mu_std, f_mean, f_std;  // [n_mu], [n_f]
  };
  void set_units(const Units& units);
  double rate() const { return rate_.item<double>(); }

  // What training saw. Of an input that never varied the networks know nothing: whatever it is now, it enters
  // as in training.
  void set_seen(const SeenInputs& seen);
  // Of inputs that were constant `before`, in the training that the units come from, and vary now: new units,
  // of mu [N, n_mu] and forcing [N, T, n_f]. The networks do not know them yet.
  void measure_what_varies_now(const SeenInputs& before, const torch::Tensor& mu,
                               const torch::Tensor& forcing);
  // Means over training; of what was constant, that constant. [n_mu], [n_f].
  torch::Tensor typical_mu() const;
  torch::Tensor typical_forcing() const;
  // The ranges that the units alone tell, of a model whose file does not say them; not `known`.
  SeenInputs seen_of_units() const;

 private:
  torch::Tensor modulated(Mlp& net, const torch::Tensor& x);
  torch::Tensor standardised_mu(const torch::Tensor& mu) const;
  torch::Tensor standardised_forcing(const torch::Tensor& f) const;
  int64_t cells_, n_zeta_, n_eta_;
  bool micro_time_;
  torch::Tensor stencil_;  // [cells, C * taps] index of each input in zeta [C * cells]
  Mlp macro_{nullptr}, micro_{nullptr}, phi_{nullptr}, psi_{nullptr};
  torch::Tensor rate_, t_middle_, t_half_, mu_mean_, mu_std_, f_mean_, f_std_;
  torch::Tensor standardised(const torch::Tensor& x, const Standardisation& units,
                             const torch::Tensor& fixed) const;
  bool ranges_known_ = false;
  torch::Tensor mu_fixed_, f_fixed_;  // [n] bool, undefined where every input varies; follows from the ranges
};
TORCH_MODULE(Drift);

}  // namespace msde
