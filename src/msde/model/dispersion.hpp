// The diagonal dispersion L(t) of the latent SDE.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// L(t) = scale * softplus(raw + slope * tau), tau = absolute time scaled to [-1, 1]; slope is absent when
// constant. `scale` [d] is fitted by calibration to free-running ensembles with everything else frozen
// (docs/method.md section 7).
class DispersionImpl : public torch::nn::Module {
 public:
  DispersionImpl(int64_t d, bool linear_in_time);
  torch::Tensor diagonal(const torch::Tensor& t) const;  // t [.., 1] -> [.., d], or [d] when constant
  bool is_constant() const { return !slope_.defined(); }
  void set_time_range(double t_begin, double t_end);
  torch::Tensor& scale() { return scale_; }

 private:
  torch::Tensor raw_, slope_, scale_, t_middle_, t_half_;
};
TORCH_MODULE(Dispersion);

}  // namespace msde
