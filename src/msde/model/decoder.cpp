#include "msde/model/decoder.hpp"

#include "msde/model/fused/mlp_part.hpp"
#include "msde/model/positive.hpp"

namespace msde {

DecoderImpl::DecoderImpl(const ModelOptions& o, const Grid& grid, int64_t n, int64_t n_zeta)
    : n_zeta_(n_zeta), n_eta_(o.n_eta), sees_zeta_(o.micro_decoder == "eta_zeta"), grid_mask_(grid.mask) {
  const bool paper = o.preset == "paper";
  if (n_eta_ > 0) {
    const int64_t inputs = n_eta_ + (sees_zeta_ ? n_zeta_ : 0);
    if (paper)
      conv_ = register_module("conv", ConvDecoder(grid, inputs));
    else
      dense_ = register_module("dense", Mlp(MlpOptions{inputs, o.decoder_hidden, n, Activation::silu}));
    if (o.local_modes > 0) local_ = register_module("local", LocalDecoder(o, grid, n));
  }
  // On the fine grid a variance per pixel; in reduced coordinates the exact split of |y - m|^2 needs one for
  // all.
  const int64_t entries = paper ? n : 1;
  is_linear_ = o.is_linear() && n_eta_ > 0;
  if (is_linear_) dense_->fix();
  macro_variance_raw_ = register_parameter("macro_variance_raw", torch::full({entries}, -4.0));
  if (n_eta_ > 0 && !is_linear_)
    micro_variance_raw_ = register_parameter("micro_variance_raw", torch::full({entries}, -4.0));
  micro_scale_ = register_buffer("micro_scale", torch::ones({1}));
}

void DecoderImpl::set_micro_scale(double scale) {
  torch::NoGradGuard no_grad;
  micro_scale_.fill_(scale);
}

void DecoderImpl::set_linear(const torch::Tensor& modes) {
  torch::NoGradGuard no_grad;
  dense_->set_linear(modes / variances().gate());
  set_micro_scale(1);
}

Reconstruction DecoderImpl::reconstruct(const torch::Tensor& z, const Scales& scales,
                                        const MacroUnits& units) {
  auto zeta = z.narrow(-1, 0, n_zeta_);
  Reconstruction d;
  d.macro = scales.prolong(zeta * units.std + units.mean);
  if (n_eta_ == 0) return d;
  auto inputs = sees_zeta_ ? z : z.narrow(-1, n_zeta_, n_eta_);
  auto flat = inputs.reshape({-1, inputs.size(-1)});
  auto field = (conv_.is_empty() ? dense_->forward(flat) : conv_->forward(flat)) * micro_scale_;
  if (!local_.is_empty())
    field = field + local_->forward(flat.narrow(1, 0, n_zeta_), flat.narrow(1, n_zeta_, n_eta_));
  d.micro = scales.keep_micro(field.view(d.macro.sizes()));
  return d;
}

torch::Tensor DecoderImpl::mean(const torch::Tensor& z, const Scales& scales, const MacroUnits& units) {
  const auto d = reconstruct(z, scales, units);
  return d.micro.defined() ? d.macro + variances().gate() * d.micro : d.macro;
}

std::optional<FusedPart<DecoderKernel>> DecoderImpl::fused(const MacroUnits& units) const {
  const auto net = dense_.is_empty() ? std::nullopt : fused_network(dense_);
  if (!net) return std::nullopt;
  FusedPart<DecoderKernel> part = {{.net = net->kernel,
                                    .local = {},
                                    .zeta_mean = units.mean.data_ptr<float>(),
                                    .zeta_std = units.std.data_ptr<float>(),
                                    .micro_scale = micro_scale_.item<float>(),
                                    .n_zeta = n_zeta_,
                                    .n_eta = n_eta_},
                                   net->parameters,
                                   net->memory};
  if (local_.is_empty()) return part;
  const auto local = local_->fused(n_zeta_, n_eta_);
  if (!local) return std::nullopt;
  part.kernel.local = local->cells.kernel;
  part.kernel.modes = local->modes;
  part.kernel.local_scale = local->scale;
  const auto& [kernel, parameters, memory] = local->cells;
  part.parameters.insert(part.parameters.end(), parameters.begin(), parameters.end());
  part.memory.insert(part.memory.end(), memory.begin(), memory.end());
  return part;
}

// Where there is no fluid the precision of a value is 1 (likelihood.hpp), half of it each expert's.
ExpertVariances DecoderImpl::variances() const {
  const auto of_fluid = [&](const torch::Tensor& raw) {
    const auto variance = to_positive(raw);
    if (variance.numel() == 1 || !grid_mask_) return variance;
    const auto fluid =
        torch::tensor(grid_mask_->fluid(), torch::TensorOptions(torch::kLong).device(raw.device()));
    const int64_t channels = variance.numel() / grid_mask_->points();
    const auto rest = torch::full({channels, grid_mask_->points()}, n_eta_ > 0 ? 2. : 1., variance.options());
    return rest.index_copy(1, fluid, variance.view({channels, -1}).index_select(1, fluid)).flatten();
  };
  const auto macro = of_fluid(macro_variance_raw_);
  return {macro, n_eta_ == 0 ? torch::Tensor() : is_linear_ ? macro : of_fluid(micro_variance_raw_)};
}

}  // namespace msde
