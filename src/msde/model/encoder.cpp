#include "msde/model/encoder.hpp"

#include "msde/model/fused/mlp_part.hpp"
#include "msde/model/positive.hpp"

namespace msde {

EncoderImpl::EncoderImpl(const ModelOptions& o, const Grid& grid, int64_t n, int64_t n_zeta)
    : n_eta_(o.n_eta) {
  if (n_eta_ > 0) {
    if (o.preset == "paper")
      conv_ = register_module("conv", ConvEncoder(grid, n_eta_));
    else
      dense_ = register_module("dense", Mlp(MlpOptions{n, o.encoder_hidden, n_eta_, Activation::silu}));
  }
  if (o.is_linear() && n_eta_ > 0) dense_->fix();
  variance_raw_ = register_parameter("variance_raw", torch::full({n_zeta + n_eta_}, -4.0));
  zeta_mean_ = register_buffer("zeta_mean", torch::zeros({n_zeta}));
  zeta_std_ = register_buffer("zeta_std", torch::ones({n_zeta}));
  residual_scale_ = register_buffer("residual_scale", torch::ones({1}));
}

void EncoderImpl::set_units(const MacroUnits& units, double residual_scale) {
  torch::NoGradGuard no_grad;
  zeta_mean_.copy_(units.mean);
  zeta_std_.copy_(units.std);
  residual_scale_.fill_(residual_scale);
}

void EncoderImpl::set_linear(const torch::Tensor& modes) {
  torch::NoGradGuard no_grad;
  dense_->set_linear(modes.t());
  residual_scale_.fill_(1);
}

torch::Tensor EncoderImpl::mean(const torch::Tensor& a, const Scales& scales) {
  if (n_eta_ == 0) return (scales.restrict_to_macro(a) - zeta_mean_) / zeta_std_;
  const auto separated = scales.separate(a);
  auto zeta = (separated.zeta - zeta_mean_) / zeta_std_;
  auto residual = separated.residual / residual_scale_;
  auto shape = zeta.sizes().vec();
  shape.back() = n_eta_;
  auto flat = residual.reshape({-1, residual.size(-1)});
  auto eta = (conv_.is_empty() ? dense_->forward(flat) : conv_->forward(flat)).view(shape);
  return torch::cat({zeta, eta}, -1);
}

std::optional<FusedPart<EncoderKernel>> EncoderImpl::fused() const {
  const auto net = dense_.is_empty() ? std::nullopt : fused_network(dense_);
  if (!net) return std::nullopt;
  return FusedPart<EncoderKernel>{{.net = net->kernel,
                                   .separation = nullptr,
                                   .zeta_mean = zeta_mean_.data_ptr<float>(),
                                   .zeta_std = zeta_std_.data_ptr<float>(),
                                   .residual_scale = residual_scale_.item<float>(),
                                   .n = net->kernel.inputs(),
                                   .n_zeta = zeta_mean_.numel()},
                                  net->parameters,
                                  net->memory};
}

torch::Tensor EncoderImpl::variance() const {
  return to_positive(variance_raw_);
}

}  // namespace msde
