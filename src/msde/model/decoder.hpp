// The product-of-experts decoder.
#pragma once

#include <memory>

#include "msde/kernels/decoder.hpp"
#include "msde/model/encoder.hpp"
#include "msde/model/likelihood.hpp"
#include "msde/model/local_decoder.hpp"
#include "msde/scales/scales.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Macro expert N(y; D_zeta zeta, Sigma_zeta), micro expert N(y - D_zeta zeta; D_eta(eta[, zeta]), Sigma_eta).
// The mean of their normalised product is D_zeta zeta + gate * D_eta (docs/method.md section 3).
// A linear one (model.micro_decoder) has a fixed D_eta = eta N^T / gate, so that the mean is D_zeta zeta + N eta, and one variance for both experts.
class DecoderImpl : public torch::nn::Module {
 public:
  DecoderImpl(const ModelOptions& options, const Grid& grid, int64_t n, int64_t n_zeta);

  Reconstruction reconstruct(const torch::Tensor& z, const Scales& scales, const MacroUnits& units);
  // m = D_zeta + P^-1 Sigma_eta^-1 D_eta, [.., n]
  torch::Tensor mean(const torch::Tensor& z, const Scales& scales, const MacroUnits& units);
  // The same function in plain memory, for the reduced preset with micro states in float32 on the CPU;
  // `kernel.prolongation` and `kernel.restriction` are left to the caller.
  std::optional<FusedPart<DecoderKernel>> fused(const MacroUnits& units) const;

  ExpertVariances variances() const;
  void set_micro_scale(double scale);
  void set_linear(const torch::Tensor& modes);  // N^T [n_eta, n], of a linear one
  LocalDecoder& local() { return local_; }      // empty where the model has none

 private:
  int64_t n_zeta_, n_eta_;
  bool sees_zeta_, is_linear_ = false;
  Mlp dense_{nullptr};
  ConvDecoder conv_{nullptr};
  LocalDecoder local_{nullptr};
  std::shared_ptr<const Mask> grid_mask_;
  torch::Tensor macro_variance_raw_, micro_variance_raw_, micro_scale_;
};
TORCH_MODULE(Decoder);

}  // namespace msde
