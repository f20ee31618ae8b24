// The coupled drifts of the two scales.
#pragma once

#include <torch/torch.h>

#include <optional>

#include "msde/field/grid.hpp"
#include "msde/model/drift_path.hpp"
#include "msde/model/mlp.hpp"
#include "msde/model/model_options.hpp"

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
  torch::Tensor typical_mu() const { return mu_mean_; }  // means over training
  torch::Tensor typical_forcing() const { return f_mean_; }

 private:
  torch::Tensor modulated(Mlp& net, const torch::Tensor& x);
  int64_t cells_, n_zeta_, n_eta_;
  bool micro_time_;
  torch::Tensor stencil_;  // [cells, C * taps] index of each input in zeta [C * cells]
  Mlp macro_{nullptr}, micro_{nullptr}, phi_{nullptr}, psi_{nullptr};
  torch::Tensor rate_, t_middle_, t_half_, mu_mean_, mu_std_, f_mean_, f_std_;
};
TORCH_MODULE(Drift);

}  // namespace msde
