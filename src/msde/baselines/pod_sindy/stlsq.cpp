#include "msde/baselines/pod_sindy/stlsq.hpp"

namespace msde {
namespace {

// min |A c - b|^2 + ridge |c|^2 from the normal equations, by eigenvalues where the matrix is not positive
// definite.
torch::Tensor solve_ridge(torch::Tensor gram, const torch::Tensor& moments, double ridge) {
  gram = gram + ridge * torch::eye(gram.size(0), gram.options());
  const auto [factor, info] = torch::linalg_cholesky_ex(gram);
  if (info.item<int>() == 0) return torch::cholesky_solve(moments, factor);
  return torch::linalg_pinv(gram, 1e-14, /*hermitian=*/true).matmul(moments);
}

torch::Tensor fit_terms(const NormalEquations& equations, int64_t column, const torch::Tensor& terms,
                        double ridge) {
  auto c = torch::zeros({equations.gram.size(0)}, torch::kDouble);
  if (terms.numel() == 0) return c;
  const auto gram = equations.gram.index_select(0, terms).index_select(1, terms);
  const auto moments = equations.moments.select(1, column).index_select(0, terms).unsqueeze(1);
  return c.index_copy_(0, terms, solve_ridge(gram, moments, ridge).squeeze(1));
}

}  // namespace

torch::Tensor stlsq(const NormalEquations& equations, const StlsqOptions& options) {
  auto C = solve_ridge(equations.gram, equations.moments, options.ridge);
  if (options.threshold <= 0 && !options.refit) return C;
  for (int64_t k = 0; k < C.size(1); ++k) {
    auto kept = torch::ones({C.size(0)}, torch::kBool);
    for (int64_t i = 0; i < options.max_iterations; ++i) {
      const auto now = (C.select(1, k).abs() >= options.threshold).logical_and(kept);
      if (torch::equal(now, kept)) break;
      kept = now;
      C.select(1, k).copy_(fit_terms(equations, k, kept.nonzero().squeeze(1), options.ridge));
    }
    if (options.refit) C.select(1, k).copy_(fit_terms(equations, k, kept.nonzero().squeeze(1), 0));
  }
  return C;
}

}  // namespace msde
