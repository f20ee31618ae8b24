#include "msde/model/drift.hpp"

#include "msde/scales/stencil.hpp"

namespace msde {
namespace {

constexpr int64_t kPhiHidden = 128, kPsiHidden = 128;

torch::Tensor constants_of(const std::vector<SeenRange>& ranges) {
  std::vector<uint8_t> fixed;
  for (const SeenRange& range : ranges) fixed.push_back(is_constant(range));
  const auto mask = torch::tensor(fixed, torch::kUInt8).to(torch::kBool);
  return mask.any().item<bool>() ? mask : torch::Tensor();
}

}  // namespace

DriftImpl::DriftImpl(const ModelOptions& o, const Grid& grid, int64_t n_mu, int64_t n_f)
    : n_eta_(o.n_eta), micro_time_(o.micro_time == "on") {
  stencil_ = register_buffer("stencil", stencil_index(o.n_zeta, grid, o.stencil_radius));
  cells_ = stencil_.size(0);
  n_zeta_ = grid.channels * cells_;

  const bool paper = o.preset == "paper";
  const Activation macro_activation = paper ? Activation::leaky_relu : Activation::silu;
  const Activation micro_activation = !paper                   ? Activation::silu
                                      : grid.dimensions() == 1 ? Activation::relu
                                                               : Activation::leaky_relu;
  const int64_t inputs = stencil_.size(1) + n_eta_ + n_mu + n_f;
  macro_ = register_module("macro",
                           Mlp(MlpOptions{inputs, o.macro_drift_hidden, grid.channels, macro_activation}));
  if (n_eta_ > 0) {
    const int64_t n_psi = o.psi == "linear" ? n_eta_ : n_zeta_;
    micro_ = register_module("micro", Mlp(MlpOptions{(micro_time_ ? 1 : 0) + n_psi + n_eta_ + n_mu + n_f,
                                                     o.micro_drift_hidden, n_eta_, micro_activation}));
    if (o.phi == "mlp")
      phi_ =
          register_module("phi", Mlp(MlpOptions{n_eta_, {kPhiHidden, kPhiHidden}, n_eta_, macro_activation}));
    if (o.psi == "linear")
      psi_ = register_module("psi", Mlp(MlpOptions{n_zeta_, {}, n_eta_, micro_activation}));
    if (o.psi == "mlp")
      psi_ = register_module("psi",
                             Mlp(MlpOptions{n_zeta_, {kPsiHidden, kPsiHidden}, n_zeta_, micro_activation}));
  }
  rate_ = register_buffer("rate", torch::ones({1}));
  t_middle_ = register_buffer("t_middle", torch::zeros({1}));
  t_half_ = register_buffer("t_half", torch::ones({1}));
  mu_mean_ = register_buffer("mu_mean", torch::zeros({n_mu}));
  mu_std_ = register_buffer("mu_std", torch::ones({n_mu}));
  f_mean_ = register_buffer("f_mean", torch::zeros({n_f}));
  f_std_ = register_buffer("f_std", torch::ones({n_f}));
}

void DriftImpl::set_units(const Units& u) {
  torch::NoGradGuard no_grad;
  rate_.fill_(u.rate);
  t_middle_.fill_(0.5 * (u.t_begin + u.t_end));
  t_half_.fill_(0.5 * (u.t_end - u.t_begin));
  mu_mean_.copy_(u.mu_mean);
  mu_std_.copy_(u.mu_std);
  f_mean_.copy_(u.f_mean);
  f_std_.copy_(u.f_std);
}

void DriftImpl::set_seen(const SeenInputs& seen) {
  ranges_known_ = seen.known;
  if (!seen.known) return;
  mu_fixed_ = constants_of(seen.mu);
  f_fixed_ = constants_of(seen.f);
}

void DriftImpl::measure_what_varies_now(const SeenInputs& before, const torch::Tensor& mu,
                                        const torch::Tensor& forcing) {
  torch::NoGradGuard no_grad;
  const auto measure = [](torch::Tensor& mean, torch::Tensor& std, const std::vector<SeenRange>& was,
                          const torch::Tensor& fixed, const torch::Tensor& x) {
    const auto units = standardisation(x);
    for (size_t i = 0; i < was.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      if (!is_constant(was[i]) || (fixed.defined() && fixed[at].item<bool>())) continue;
      mean[at] = units.mean[at];
      std[at] = units.scale[at];
    }
  };
  measure(mu_mean_, mu_std_, before.mu, mu_fixed_, mu);
  measure(f_mean_, f_std_, before.f, f_fixed_, forcing);
}

SeenInputs DriftImpl::seen_of_units() const {
  return {.known = false, .mu = ranges_of({mu_mean_, mu_std_}), .f = ranges_of({f_mean_, f_std_})};
}

torch::Tensor DriftImpl::typical_mu() const {
  return ranges_known_ ? mu_mean_ : typical_values({mu_mean_, mu_std_});
}
torch::Tensor DriftImpl::typical_forcing() const {
  return ranges_known_ ? f_mean_ : typical_values({f_mean_, f_std_});
}

// (x - mean) / scale, and for what is fixed as in training: 0, or, where only the units say so, the rounding
// that the constant entered as.
torch::Tensor DriftImpl::standardised(const torch::Tensor& x, const Standardisation& units,
                                      const torch::Tensor& fixed) const {
  const auto values = (x - units.mean) / units.scale;
  if (ranges_known_) return fixed.defined() ? values.masked_fill(fixed.to(x.device()), 0) : values;
  const auto constant = constants_of(ranges_of(units));
  if (!constant.defined()) return values;
  return torch::where(constant.to(x.device()), (typical_values(units) - units.mean) / units.scale, values);
}

torch::Tensor DriftImpl::standardised_mu(const torch::Tensor& mu) const {
  return standardised(mu, {mu_mean_, mu_std_}, mu_fixed_);
}
torch::Tensor DriftImpl::standardised_forcing(const torch::Tensor& f) const {
  return standardised(f, {f_mean_, f_std_}, f_fixed_);
}

std::optional<DriftNetworks> DriftImpl::networks() const {
  if (!phi_.is_empty() || !psi_.is_empty()) return {};
  DriftNetworks drift;
  const auto rows_held = [&](const MlpParameters& network) {
    auto held = network;
    for (auto& tensor : held.tensors) drift.memory.push_back(tensor = tensor.detach());
    return kernel_of(held);
  };
  drift.macro = macro_->parameters_in_order();
  const auto macro = rows_held(drift.macro);
  if (!macro) return {};
  const int64_t n_shared = mu_mean_.numel() + f_mean_.numel();
  drift.rows.macro = kernel_at_cells(*macro, stencil_, n_zeta_, n_eta_, n_shared);
  if (n_eta_ > 0) {
    drift.micro = micro_->parameters_in_order();
    const auto micro = rows_held(drift.micro);
    if (!micro) return {};
    drift.rows.micro = *micro;
  }
  drift.rows.micro_time = micro_time_ && n_eta_ > 0;
  drift.rows.n_outside = (drift.rows.micro_time ? 1 : 0) + n_shared;
  drift.rows.rate = rate_.item<float>();
  return drift;
}

torch::Tensor DriftImpl::outside(const DriftInputs& in) const {
  std::vector<torch::Tensor> parts;
  if (micro_time_ && n_eta_ > 0) parts.push_back((in.t - t_middle_) / t_half_);
  parts.insert(parts.end(), {standardised_mu(in.mu), standardised_forcing(in.f)});
  return torch::cat(parts, -1);
}

torch::Tensor DriftImpl::modulated(Mlp& net, const torch::Tensor& x) {
  return net.is_empty() ? x : net->forward(x);
}

torch::Tensor DriftImpl::forward(const torch::Tensor& z, const DriftInputs& in) {
  auto zeta = z.narrow(-1, 0, n_zeta_), eta = z.narrow(-1, n_zeta_, n_eta_);
  auto mu = standardised_mu(in.mu), f = standardised_forcing(in.f);
  auto lead = z.sizes().slice(0, z.dim() - 1).vec();
  auto shaped = [&](std::initializer_list<int64_t> tail) {
    auto shape = lead;
    shape.insert(shape.end(), tail);
    return shape;
  };
  auto stencil = zeta.index_select(-1, stencil_.view(-1)).view(shaped({cells_, stencil_.size(1)}));
  std::vector<torch::Tensor> common;
  if (n_eta_ > 0) common.push_back(modulated(phi_, eta));
  common.insert(common.end(), {mu, f});
  auto d_zeta = macro_->forward_shared(stencil, torch::cat(common, -1));  // [.., cells, C]
  d_zeta = d_zeta.transpose(-1, -2).reshape(shaped({n_zeta_}));
  if (n_eta_ == 0) return d_zeta * rate_;

  std::vector<torch::Tensor> state;
  if (micro_time_) state.push_back((in.t - t_middle_) / t_half_);
  state.insert(state.end(), {modulated(psi_, zeta), eta, mu, f});
  auto d_eta = micro_->forward(torch::cat(state, -1));
  return torch::cat({d_zeta, d_eta}, -1) * rate_;
}

}  // namespace msde
