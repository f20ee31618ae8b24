#include "msde/model/likelihood.hpp"

#include <cmath>

namespace msde {

torch::Tensor ExpertVariances::precision() const {
  return micro.defined() ? macro.reciprocal() + micro.reciprocal() : macro.reciprocal();
}

torch::Tensor ExpertVariances::gate() const {
  return macro / (macro + micro);
}

LikelihoodTerms log_likelihood(const torch::Tensor& a, const torch::Tensor& off_norm2,
                               const Reconstruction& d, const ExpertVariances& v, int64_t n_y) {
  const auto P = v.precision();
  const auto r = a - d.macro;
  LikelihoodTerms terms;
  terms.macro_residual = -0.5 * ((r.square() * P).sum(-1) + off_norm2 * P.mean());
  if (v.micro.defined()) {
    const auto pull = d.micro / v.micro;  // Sigma_eta^-1 D_eta
    terms.micro_correlation = (r * pull).sum(-1);
    terms.micro_norm = -0.5 * (pull.square() / P).sum(-1);
  } else {
    terms.micro_correlation = torch::zeros_like(terms.macro_residual);
    terms.micro_norm = torch::zeros_like(terms.macro_residual);
  }
  const double repeats = P.numel() == 1 ? static_cast<double>(n_y) : 1;
  terms.log_determinant = (0.5 * repeats * P.log().sum()).expand_as(terms.macro_residual);
  terms.constant =
      torch::full_like(terms.macro_residual, -0.5 * static_cast<double>(n_y) * std::log(2 * M_PI));
  return terms;
}

}  // namespace msde
