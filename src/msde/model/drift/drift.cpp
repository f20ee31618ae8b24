#include "msde/model/drift/drift.hpp"

#include <algorithm>

#include "msde/model/drift/learned_macro.hpp"
#include "msde/model/drift/learned_micro.hpp"
#include "msde/scales/cell_positions.hpp"
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
    : inputs(*this, n_mu, n_f) {
  sizes_.stencil = register_buffer("stencil", stencil_index(o.n_zeta, grid, o.stencil_radius));
  if (o.position == "on") sizes_.positions = register_buffer("positions", cell_positions(grid, o.n_zeta));
  sizes_.rate = register_buffer("rate", torch::ones({1}));
  sizes_.n_zeta = grid.channels * sizes_.stencil.size(0);
  sizes_.n_eta = o.n_eta;
  sizes_.n_mu = n_mu;
  sizes_.n_f = n_f;
  sizes_.micro_time = o.micro_time == "on" && o.n_eta > 0;
  if (o.closure == "none") return;
  add_term(std::make_unique<LearnedMacroDrift>(*this, o, grid, sizes_));
  if (o.n_eta > 0) add_term(std::make_unique<LearnedMicroDrift>(*this, o, grid, sizes_));
  if (o.n_eta > 0) add_modulations(o, grid);
  n_learned_ = terms_.size();
}

// What every term is told of the outside has more numbers then.
void DriftImpl::add_prior(PriorTerms terms, LatentSpace space, const PriorOptions& options) {
  auto prior = std::make_unique<PriorDrift>(*this, std::move(terms), std::move(space), options);
  prior_ = prior.get();
  sizes_.n_factors = prior->n_factors();
  add_term(std::move(prior));
  for (const auto& term : terms_) term->see(sizes_);
}

double DriftImpl::fastest_rate() const {
  return prior_ == nullptr ? rate() : std::max(rate(), prior_->stiffness());
}

void DriftImpl::add_modulations(const ModelOptions& o, const Grid& grid) {
  const int64_t n_zeta = sizes_.n_zeta, n_eta = sizes_.n_eta;
  const auto micro = micro_activation(o, grid);
  if (o.phi == "mlp")
    phi_ = register_module("phi", Mlp(MlpOptions{n_eta, {kHidden, kHidden}, n_eta, macro_activation(o)}));
  if (o.psi == "linear") psi_ = register_module("psi", Mlp(MlpOptions{n_zeta, {}, n_eta, micro}));
  if (o.psi == "mlp")
    psi_ = register_module("psi", Mlp(MlpOptions{n_zeta, {kHidden, kHidden}, n_zeta, micro}));
}

void DriftImpl::add_term(std::unique_ptr<DriftTerm> term) {
  terms_.push_back(std::move(term));
}

void DriftImpl::set_rate(double rate) {
  torch::NoGradGuard no_grad;
  sizes_.rate.fill_(rate);
}

DriftImpl::Seen DriftImpl::seen(const torch::Tensor& z, const DriftInputs& in) {
  const auto zeta = z.narrow(-1, 0, sizes_.n_zeta), eta = z.narrow(-1, sizes_.n_zeta, sizes_.n_eta);
  const LatentState state = {zeta, eta, phi_.is_empty() ? eta : phi_->forward(eta),
                             psi_.is_empty() ? zeta : psi_->forward(zeta)};
  const ScaledInputs scaled = {.t = sizes_.micro_time ? inputs.scaled_time(in.t) : torch::Tensor(),
                               .mu = inputs.scaled_mu(in.mu),
                               .f = inputs.scaled_forcing(in.f),
                               .factors = prior_ == nullptr ? torch::Tensor() : prior_->factors(in),
                               .given = in};
  return {state, scaled};
}

torch::Tensor DriftImpl::whole(const DriftPart& part, const torch::Tensor& z) const {
  const auto of = [&](const torch::Tensor& x, int64_t first, int64_t count) {
    return x.defined() ? x : torch::zeros_like(z.narrow(-1, first, count));
  };
  const auto zeta = of(part.zeta, 0, sizes_.n_zeta);
  return sizes_.n_eta == 0 ? zeta : torch::cat({zeta, of(part.eta, sizes_.n_zeta, sizes_.n_eta)}, -1);
}

torch::Tensor DriftImpl::forward(const torch::Tensor& z, const DriftInputs& in) {
  const auto [state, scaled] = seen(z, in);
  DriftPart total;
  for (const auto& term : terms_) {
    const DriftPart part = term->at(state, scaled);
    total = {sum(total.zeta, part.zeta), sum(total.eta, part.eta)};
  }
  return whole(total, z);
}

torch::Tensor DriftImpl::learned(const torch::Tensor& z, const DriftInputs& in) {
  const auto [state, scaled] = seen(z, in);
  DriftPart total;
  for (size_t i = 0; i < n_learned_; ++i) {
    const DriftPart part = terms_[i]->at(state, scaled);
    total = {sum(total.zeta, part.zeta), sum(total.eta, part.eta)};
  }
  return whole(total, z);
}

void DriftImpl::leave_to_prior() {
  torch::NoGradGuard no_grad;
  if (prior_ != nullptr) prior_->set_back();
  for (auto& item : named_children())
    if (item.key() == "macro" || item.key() == "micro") {
      const auto network = item.value()->as<Mlp>()->parameters_in_order();
      for (size_t i = network.tensors.size() - 2; i < network.tensors.size(); ++i) network.tensors[i].zero_();
    }
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
  drift.kernel.n_z = sizes_.n_zeta + sizes_.n_eta;
  drift.kernel.n_outside = sizes_.n_outside();
  drift.kernel.cells = sizes_.stencil.size(0);
  return drift;
}

torch::Tensor DriftImpl::outside(const DriftInputs& in) const {
  std::vector<torch::Tensor> parts;
  if (sizes_.micro_time) parts.push_back(inputs.scaled_time(in.t));
  parts.insert(parts.end(), {inputs.scaled_mu(in.mu), inputs.scaled_forcing(in.f)});
  if (prior_ != nullptr) parts.push_back(prior_->factors(in));
  return torch::cat(parts, -1);
}

}  // namespace msde
