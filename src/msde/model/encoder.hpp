// The probabilistic encoder p(zeta | y) p(eta | y).
#pragma once

#include <optional>

#include "msde/kernels/encoder.hpp"
#include "msde/model/fused/part.hpp"
#include "msde/model/micro_nets.hpp"
#include "msde/model/mlp.hpp"
#include "msde/model/model_options.hpp"
#include "msde/scales/scales.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Shift and scale that bring restricted fields to zeta of mean 0 and variance 1, per component.
struct MacroUnits {
  torch::Tensor mean, std;  // [n_zeta]
};

// E[zeta | y] = (R S y - mean) / std,  E[eta | y] = E_eta((y - S y) / residual_scale); Gaussian with
// variances that do not depend on y (docs/method.md section 2).
class EncoderImpl : public torch::nn::Module {
 public:
  // `n` coordinates, grid as the convolutional preset sees it.
  EncoderImpl(const ModelOptions& options, const Grid& grid, int64_t n, int64_t n_zeta);

  torch::Tensor mean(const torch::Tensor& a, const Scales& scales);  // [.., n] -> [.., n_zeta + n_eta]
  torch::Tensor variance() const;                                    // [n_zeta + n_eta]
  torch::Tensor log_variance() const { return variance().log(); }

  // The same function in plain memory, for the reduced preset in float32 on the CPU; `kernel.separation` is
  // left to the caller.
  std::optional<FusedPart<EncoderKernel>> fused() const;

  MacroUnits units() const { return {zeta_mean_, zeta_std_}; }
  void set_units(const MacroUnits& units, double residual_scale);
  void set_linear(const torch::Tensor& modes);  // E_eta = rows [n_eta, n] of a linear micro decoder's inverse

 private:
  int64_t n_eta_;
  Mlp dense_{nullptr};
  ConvEncoder conv_{nullptr};
  torch::Tensor variance_raw_, zeta_mean_, zeta_std_, residual_scale_;
};
TORCH_MODULE(Encoder);

}  // namespace msde
