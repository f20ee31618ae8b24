#include "msde/model/drift/prior_drift.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/kernels/polynomial_drift.hpp"
#include "msde/physics/quadratic_map.hpp"
#include "msde/tensor/plain_memory.hpp"

namespace msde {
namespace {

constexpr int64_t kMostEigenvalues = 600;  // of a matrix: of larger ones those of one state alone are found
constexpr double kReachOfRk4 =
    2.5;  // |lambda| h within which RK4 is stable on the imaginary and the real axis

}  // namespace

PriorDrift::PriorDrift(torch::nn::Module& drift, PriorTerms terms, LatentSpace space,
                       const PriorOptions& options)
    : terms_(std::move(terms)), space_(std::move(space)) {
  const int64_t n = space_.n;
  for (size_t p = 0; p < terms_.pieces.size(); ++p) {
    const auto& piece = terms_.pieces[p];
    operators_.emplace_back(piece.of_channels, space_.grid, space_.period, options.order_of_differences());
    const bool kept = piece.is_polynomial && (piece.degree < 2 || n <= kMostQuadratic);
    weights_.push_back(kept ? drift.register_buffer("prior_weights" + std::to_string(p),
                                                    torch::zeros({monomial_count(n, piece.degree), n}))
                            : torch::Tensor());
  }
  alpha_ = drift.register_parameter("prior_alpha", beginning());
  unit_ = drift.register_buffer("prior_unit", beginning());
  time_ = drift.register_buffer("prior_time", torch::tensor({0., 1.}).to(torch::kDouble));
  stiffness_ = drift.register_buffer("prior_stiffness", torch::zeros({1}));
  const auto known = beginning() > 0;
  is_learned_ = known.logical_not().logical_or(torch::full_like(known, options.learn));
}

torch::Tensor PriorDrift::beginning() const {
  return (torch::arange(terms_.size()) < terms_.n_known).to(torch::kFloat);
}

int64_t PriorDrift::degree() const {
  int64_t degree = 0;
  for (size_t p = 0; p < weights_.size(); ++p)
    if (is_polynomial(p)) degree = std::max(degree, terms_.pieces[p].degree);
  return degree;
}

torch::Tensor PriorDrift::alpha() const {
  return torch::where(is_learned_.to(alpha_.device()), alpha_, torch::ones_like(alpha_));
}

void PriorDrift::set_coefficients(const torch::Tensor& values) {
  torch::NoGradGuard no_grad;
  unit_.copy_(values);
  set_back();
}

void PriorDrift::set_back() {
  torch::NoGradGuard no_grad;
  alpha_.copy_(unit_ != 0);
}

OperatorInputs PriorDrift::in_data_units(const DriftInputs& in) const {
  const auto origin = time_.select(0, 0), scale = time_.select(0, 1);
  return {in.mu.to(torch::kDouble), in.f.to(torch::kDouble), in.t.to(torch::kDouble) * scale + origin};
}

torch::Tensor PriorDrift::factors(const DriftInputs& in) const {
  const auto given = in_data_units(in);
  const auto shape = in.t.sizes().slice(0, in.t.dim() - 1);
  std::vector<torch::Tensor> values;
  for (const auto& piece : terms_.pieces)
    values.push_back(uniform_value(piece.factor, given).to(in.t.options()).expand(shape));
  return torch::stack(values, -1);
}

// x: monomials of z.
torch::Tensor PriorDrift::of_piece(size_t p, const torch::Tensor& x, const torch::Tensor& z,
                                   const DriftInputs& in) const {
  if (is_polynomial(p)) return torch::matmul(x.narrow(-1, 0, weights_[p].size(0)), weights_[p]);
  const auto given = in_data_units(in);
  const int64_t B = z.numel() / z.size(-1);
  const auto flat = [&](const torch::Tensor& v) { return v.to(z.scalar_type()).reshape({B, v.size(-1)}); };
  const auto rates = operators_[p](space_.fields(flat(z)), {flat(given.mu), flat(given.f), flat(given.t)});
  return (space_.read(rates) * time_.select(0, 1).to(z.scalar_type())).view(z.sizes());
}

torch::Tensor PriorDrift::of_terms(const torch::Tensor& z, const DriftInputs& in) const {
  const auto x = monomials(z, degree()), g = factors(in);
  std::vector<torch::Tensor> terms(static_cast<size_t>(terms_.size()), torch::zeros_like(z));
  for (size_t p = 0; p < operators_.size(); ++p) {
    auto& sum = terms[static_cast<size_t>(terms_.pieces[p].term)];
    sum = sum + g.select(-1, static_cast<int64_t>(p)).unsqueeze(-1) * of_piece(p, x, z, in);
  }
  return torch::stack(terms);
}

DriftPart PriorDrift::at(const LatentState& state, const ScaledInputs& in) {
  const int64_t n = space_.n, n_zeta = sizes_.n_zeta;
  const auto z = n == n_zeta ? state.zeta : torch::cat({state.zeta, state.eta}, -1);
  const auto x = monomials(z, degree()), a = alpha() * unit_;
  auto rate = torch::zeros_like(z);
  for (size_t p = 0; p < operators_.size(); ++p) {
    const auto g = in.factors.select(-1, static_cast<int64_t>(p)) * a[terms_.pieces[p].term];
    rate = rate + g.unsqueeze(-1) * of_piece(p, x, z, in.given);
  }
  if (n == n_zeta) return {rate, {}};
  return {rate.narrow(-1, 0, n_zeta), rate.narrow(-1, n_zeta, n - n_zeta)};
}

std::optional<FusedDriftTerm> PriorDrift::fused() const {
  std::vector<PolynomialDriftKernel::Piece> pieces;
  const auto a = alpha().contiguous();
  const auto held = a.detach();
  if (!fits_kernels(held)) return std::nullopt;
  for (size_t p = 0; p < weights_.size(); ++p) {
    if (!is_polynomial(p)) return std::nullopt;
    pieces.push_back({weights_[p].data_ptr<float>(), weights_[p].size(0), terms_.pieces[p].term});
  }
  const PolynomialDriftKernel::Layout layout = {.n = space_.n,
                                                .n_z = sizes_.n_zeta + sizes_.n_eta,
                                                .n_outside = sizes_.n_outside(),
                                                .first_outside = sizes_.n_outside() - sizes_.n_factors,
                                                .n_terms = terms_.size(),
                                                .a = held.data_ptr<float>(),
                                                .u = unit_.data_ptr<float>()};
  return FusedDriftTerm{std::make_shared<PolynomialDriftKernel>(std::move(pieces), layout), {a}, {held}};
}

void PriorDrift::measure(double time_origin, double time_scale) {
  torch::NoGradGuard no_grad;
  time_.copy_(torch::tensor({time_origin, time_scale}, torch::kDouble));
  for (size_t p = 0; p < weights_.size(); ++p) {
    if (!is_polynomial(p)) continue;
    const auto rate = [&](const torch::Tensor& z) {
      const auto none = torch::zeros({z.size(0), 1}, z.options());
      return space_.read(operators_[p](space_.fields(z), {none, none, none})) * time_scale;
    };
    const int64_t rows = std::clamp<int64_t>((int64_t{1} << 24) / operators_[p].values(), 1, 512);
    const auto weights = coefficients_of(rate, space_.n, terms_.pieces[p].degree, rows);
    if (!weights.isfinite().all().item<bool>()) refuse_term(terms_.pieces[p].term);
    weights_[p].copy_(weights);
  }
}

int64_t PriorDrift::affordable_states() const {
  constexpr int64_t kValues = int64_t{1} << 24;
  int64_t of_state = monomial_count(space_.n, degree());
  for (size_t p = 0; p < weights_.size(); ++p)
    if (!is_polynomial(p)) of_state = std::max(of_state, 4 * operators_[p].values());
  return std::clamp<int64_t>(kValues / of_state, 1, 4096);
}

void PriorDrift::refuse_term(int64_t term) const {
  const bool known = term < terms_.n_known;
  throw ConfigError(fmt::format("prior.{}[{}]: is not finite on the data; in \"{}\"",
                                known ? "terms" : "candidates", known ? term : term - terms_.n_known,
                                terms_.texts[static_cast<size_t>(term)]));
}

void PriorDrift::measure_stiffness(const torch::Tensor& z, const DriftInputs& in) {
  torch::NoGradGuard no_grad;
  const int64_t B = z.size(0), n = space_.n;
  const auto a = coefficients();
  const auto rate = [&](const torch::Tensor& at, const DriftInputs& inputs) {
    return torch::tensordot(a, of_terms(at, inputs), {0}, {0});
  };
  constexpr double kStep = .1;  // central differences of polynomials of degree two are exact
  const auto steps = kStep * torch::eye(n, z.options());
  double largest = 0;
  for (int64_t i = 0; i < (n > kMostEigenvalues ? 1 : B); ++i) {
    const auto every = [&](const torch::Tensor& x) { return x.narrow(0, i, 1).expand({n, x.size(1)}); };
    const DriftInputs inputs = {every(in.t), every(in.mu), every(in.f)};
    const auto J = (rate(every(z) + steps, inputs) - rate(every(z) - steps, inputs)) / (2 * kStep);
    if (J.isfinite().all().item<bool>())
      largest = std::max(largest, torch::linalg_eigvals(J.to(torch::kDouble)).abs().max().item<double>());
  }
  stiffness_.fill_(largest / kReachOfRk4);
}

}  // namespace msde
