#include "msde/scales/field_prior.hpp"

#include <ATen/Parallel.h>

#include <algorithm>

#include "msde/core/error.hpp"

namespace msde {
namespace {

// Of the variance of the leading mode: what is left beside modes that say all is rounding of those.
constexpr double kLeastRest = 1e-12;

// The Cholesky factor of G_o^T G_o + rest diag(1 / variance), of the values that are there.
torch::Tensor factor_of(const FieldPrior& prior, const torch::Tensor& seen_modes) {
  const double least = std::max(1e-300, kLeastRest * prior.variance.max().item<double>());
  const auto penalty = std::max(prior.rest, least) / prior.variance.clamp_min(least);
  const auto [factor, problem] =
      torch::linalg_cholesky_ex(seen_modes.t().mm(seen_modes) + torch::diag(penalty));
  if (problem.item<int>() != 0)
    throw NumericsError("missing values cannot be filled: what is known of snapshots has no least squares");
  return factor;
}

}  // namespace

FieldPrior learn_field_prior(const RowBlocks& rows, int64_t n, int64_t most, uint64_t seed) {
  FieldPrior prior;
  prior.mean = torch::zeros({n}, torch::kDouble);
  int64_t count = 0;
  rows([&](const torch::Tensor& block) {
    prior.mean += block.sum(0, false, torch::kDouble);
    count += block.size(0);
  });
  prior.mean /= static_cast<double>(std::max<int64_t>(1, count));
  const RowBlocks about_mean = [&](const std::function<void(const torch::Tensor&)>& visit) {
    rows([&](const torch::Tensor& block) {
      visit((block.to(torch::kDouble) - prior.mean).to(block.scalar_type()));
    });
  };
  const auto pod = principal_modes(about_mean, n, std::min(most, std::max<int64_t>(1, count - 1)), seed);
  prior.modes = pod.modes;
  prior.variance = pod.singular_values.square() / static_cast<double>(count);
  const double left = pod.total_energy / static_cast<double>(count) - prior.variance.sum().item<double>();
  prior.rest = std::max(0., left) / static_cast<double>(n);
  return prior;
}

namespace {

// Rows first .. last - 1 of fill_missing().
void fill_rows(const FieldPrior& prior, const torch::Tensor& rows, int64_t first, int64_t last,
               torch::Tensor filled) {
  const torch::NoGradGuard no_grad;
  const bool has_modes = prior.variance.max().item<double>() > 0;
  torch::Tensor missing_before, factor;  // rows that follow each other often miss the same values
  for (int64_t b = first; b < last; ++b) {
    const auto missing = rows[b].isnan();
    if (!missing.any().item<bool>()) continue;
    const auto m = missing.nonzero().squeeze(1), o = missing.logical_not().nonzero().squeeze(1);
    auto value = prior.mean.index_select(0, m);
    if (o.numel() > 0 && has_modes) {
      const auto G = prior.modes.index_select(0, o);
      if (!missing_before.defined() || !missing.equal(missing_before))
        factor = factor_of(prior, G), missing_before = missing;
      const auto off = rows[b].index_select(0, o).to(torch::kDouble) - prior.mean.index_select(0, o);
      const auto c = torch::cholesky_solve(G.t().mv(off).unsqueeze(1), factor);
      value += prior.modes.index_select(0, m).mm(c).squeeze(1);
    }
    filled[b].index_copy_(0, m, value.to(rows.scalar_type()));
  }
}

}  // namespace

torch::Tensor fill_missing(const FieldPrior& prior, const torch::Tensor& rows) {
  constexpr int64_t kFewRows = 8;
  auto filled = rows.clone();
  at::parallel_for(0, rows.size(0), kFewRows,
                   [&](int64_t first, int64_t last) { fill_rows(prior, rows, first, last, filled); });
  return filled;
}

}  // namespace msde
