// The units in which time, parameters and forcing enter the drift, and which of them training saw vary.
#pragma once

#include "msde/model/seen_inputs.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Everything but the state that a drift may depend on; leading axes as those of z.
struct DriftInputs {
  torch::Tensor t;   // [.., 1] absolute time
  torch::Tensor mu;  // [.., n_mu]
  torch::Tensor f;   // [.., n_f]
};

class InputUnits {
 public:
  // Registers its buffers under the drift: t_middle, t_half, mu_mean, mu_std, f_mean, f_std.
  InputUnits(torch::nn::Module& drift, int64_t n_mu, int64_t n_f);

  struct Values {
    double t_begin = 0, t_end = 1;  // absolute time enters as 2 (t - t_begin) / (t_end - t_begin) - 1
    torch::Tensor mu_mean, mu_std, f_mean, f_std;  // [n_mu], [n_f]
  };
  void set(const Values& values);

  // What training saw. Of an input that never varied the networks know nothing: whatever it is now, it enters
  // as in training.
  void set_seen(const SeenInputs& seen);
  // Of inputs that were constant `before`, in the training that the units come from, and vary now: new units,
  // of mu [N, n_mu] and forcing [N, T, n_f]. The networks do not know them yet.
  void measure_what_varies_now(const SeenInputs& before, const torch::Tensor& mu,
                               const torch::Tensor& forcing);

  torch::Tensor scaled_time(const torch::Tensor& t) const;     // (t - middle) / half
  torch::Tensor scaled_mu(const torch::Tensor& mu) const;      // (mu - mean) / std
  torch::Tensor scaled_forcing(const torch::Tensor& f) const;  // alike

  // Means over training; of what was constant, that constant. [n_mu], [n_f].
  torch::Tensor typical_mu() const;
  torch::Tensor typical_forcing() const;
  // The ranges that the units alone tell, of a model whose file does not say them; not `known`.
  SeenInputs seen_of_units() const;

 private:
  torch::Tensor scaled(const torch::Tensor& x, const Standardisation& units,
                       const torch::Tensor& fixed) const;
  torch::Tensor t_middle_, t_half_, mu_mean_, mu_std_, f_mean_, f_std_;
  bool ranges_known_ = false;
  torch::Tensor mu_fixed_, f_fixed_;  // [n] bool, undefined where every input varies; follows from the ranges
};

}  // namespace msde
