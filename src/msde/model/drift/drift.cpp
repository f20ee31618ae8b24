#include "msde/model/drift/drift.hpp"

#include "msde/model/drift/learned_macro.hpp"
#include "msde/model/drift/learned_micro.hpp"
#include "msde/scales/stencil.hpp"
#include "msde/tensor/plain_memory.hpp"

namespace msde {
namespace {

constexpr int64_t kHidden = 128;  // of a modulation

torch::Tensor sum(const torch::Tensor& total, const torch::Tensor& part) {
  return !part.defined() ? total : !total.defined() ? part : total + part;
}

}  // namespace

// A new term is one line at the end here and one file beside learned_macro.hpp. Networks are registered in the
// order of model files.
DriftImpl::DriftImpl(const ModelOptions& o, const Grid& grid, int64_t n_mu, int64_t n_f)
    : stencil_(register_buffer("stencil", stencil_index(o.n_zeta, grid, o.stencil_radius))),
      rate_(register_buffer("rate", torch::ones({1}))),
      n_zeta_(grid.channels * stencil_.size(0)),
      n_eta_(o.n_eta),
      micro_time_(o.micro_time == "on" && n_eta_ > 0),
      inputs(*this, n_mu, n_f) {
  const DriftSizes sizes = {n_zeta_, n_eta_, n_mu, n_f, micro_time_, rate_, stencil_};
  add_term(std::make_unique<LearnedMacroDrift>(*this, o, grid, sizes));
  if (n_eta_ > 0) add_term(std::make_unique<LearnedMicroDrift>(*this, o, grid, sizes));
  if (n_eta_ > 0) add_modulations(o, grid);
}

void DriftImpl::add_modulations(const ModelOptions& o, const Grid& grid) {
  const auto macro_activation = o.preset == "paper" ? Activation::leaky_relu : Activation::silu;
  const auto micro = micro_activation(o, grid);
  if (o.phi == "mlp")
    phi_ = register_module("phi", Mlp(MlpOptions{n_eta_, {kHidden, kHidden}, n_eta_, macro_activation}));
  if (o.psi == "linear") psi_ = register_module("psi", Mlp(MlpOptions{n_zeta_, {}, n_eta_, micro}));
  if (o.psi == "mlp")
    psi_ = register_module("psi", Mlp(MlpOptions{n_zeta_, {kHidden, kHidden}, n_zeta_, micro}));
}

void DriftImpl::add_term(std::unique_ptr<DriftTerm> term) {
  terms_.push_back(std::move(term));
}

void DriftImpl::set_rate(double rate) {
  torch::NoGradGuard no_grad;
  rate_.fill_(rate);
}

torch::Tensor DriftImpl::forward(const torch::Tensor& z, const DriftInputs& in) {
  const auto zeta = z.narrow(-1, 0, n_zeta_), eta = z.narrow(-1, n_zeta_, n_eta_);
  const LatentState state = {zeta, eta, phi_.is_empty() ? eta : phi_->forward(eta),
                             psi_.is_empty() ? zeta : psi_->forward(zeta)};
  const ScaledInputs scaled = {micro_time_ ? inputs.scaled_time(in.t) : torch::Tensor(),
                               inputs.scaled_mu(in.mu), inputs.scaled_forcing(in.f)};
  DriftPart total;
  for (const auto& term : terms_) {
    const DriftPart part = term->at(state, scaled);
    total = {sum(total.zeta, part.zeta), sum(total.eta, part.eta)};
  }
  return n_eta_ == 0 ? total.zeta : torch::cat({total.zeta, total.eta}, -1);
}

std::optional<FusedDrift> DriftImpl::fused() const {
  if (!phi_.is_empty() || !psi_.is_empty()) return std::nullopt;
  FusedDrift drift;
  for (const auto& term : terms_) {
    const auto part = term->fused();
    if (!part) return std::nullopt;
    TORCH_CHECK(size_of(part->parameters) == part->kernel->gradient_size(),
                "a term's kernel has other parameters");
    drift.kernel.terms.push_back(part->kernel);
    drift.parameters.insert(drift.parameters.end(), part->parameters.begin(), part->parameters.end());
    drift.memory.insert(drift.memory.end(), part->memory.begin(), part->memory.end());
  }
  drift.kernel.n_z = n_zeta_ + n_eta_;
  drift.kernel.n_outside = (micro_time_ ? 1 : 0) + inputs.size();
  drift.kernel.cells = stencil_.size(0);
  return drift;
}

torch::Tensor DriftImpl::outside(const DriftInputs& in) const {
  std::vector<torch::Tensor> parts;
  if (micro_time_) parts.push_back(inputs.scaled_time(in.t));
  parts.insert(parts.end(), {inputs.scaled_mu(in.mu), inputs.scaled_forcing(in.f)});
  return torch::cat(parts, -1);
}

}  // namespace msde
