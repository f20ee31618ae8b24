#include "msde/scales/linear_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/ops/orbits.hpp"
#include "msde/scales/orthonormal_on_fluid.hpp"
#include "msde/scales/principal_modes.hpp"
#include "msde/scales/reduced_filter.hpp"
#include "msde/scales/smooth_patterns.hpp"
#include "msde/scales/stretched_patterns.hpp"
#include "msde/scales/training_blocks.hpp"

namespace msde {
namespace {

constexpr size_t kInitialWidth = 1;  // of kFilterWidths: at which the mixture of the filter begins

constexpr double kRoundingOfModes = 1e-7;

// Of columns [n_y, m], m much less than n_y: by a QR, so that no square loses what is small.
std::pair<torch::Tensor, torch::Tensor> left_singular(const torch::Tensor& columns) {
  const auto [Q, R] = torch::linalg_qr(columns);
  const auto [U, s, Vh] = torch::linalg_svd(R, /*full_matrices=*/false);
  return {Q.mm(U), s};
}

}  // namespace

SnapshotModes snapshot_modes(const Dataset& data, const LinearSpaceOptions& o, uint64_t seed) {
  const Grid& grid = data.grid();
  const int64_t n = restricted_points(grid, o.n_zeta).numel() + o.n_eta;
  const RowBlocks snapshots = [&](const std::function<void(const torch::Tensor&)>& visit) {
    for_each_block(data, "train", visit);
  };
  ModeSpace space;
  if (!grid.symmetry.empty())
    space = {
        .apart_from = torch::zeros({grid.size(), 0}, torch::kDouble),
        .projection = [&](const torch::Tensor& columns) { return invariant_part(columns.t(), grid).t(); },
        .dimensions = invariant_size(grid)};
  const auto pod =
      principal_modes(snapshots, grid.size(), std::min(2 * n + 16, invariant_size(grid)), seed, space);
  const auto sizes = pod.singular_values;  // below a rounding of the first they are none
  const int64_t found = sizes.numel() == 0 ? 0 : (sizes > kRoundingOfModes * sizes[0]).sum().item<int64_t>();
  if (found < n)
    throw DataError(
        fmt::format("{}: training has {} independent snapshots, expected at least {}, as many as states "
                    "(model.n_zeta and model.n_eta) "
                    "where the micro decoder is linear",
                    data.path(), found, n));
  return {pod.modes * (pod.singular_values.to(torch::kDouble) / std::sqrt(static_cast<double>(pod.n_rows)))};
}

LinearSpace build_linear_space(const SnapshotModes& modes, const Grid& grid, const LinearSpaceOptions& o,
                               const ModeTreatment& treatment) {
  const auto kept = restricted_points(grid, o.n_zeta);
  const int64_t n_zeta = kept.numel(), n = n_zeta + o.n_eta;
  const auto smooth = smooth_patterns(modes.weighted, grid, treatment.smooth);
  auto columns = smooth;
  if (treatment.stretch > 0)
    columns =
        torch::cat({smooth, treatment.stretch * smooth_patterns(stretched_patterns(modes.weighted, grid),
                                                                grid, treatment.smooth)},
                   1);
  const auto [U, s] = left_singular(columns);
  if (s.numel() < n || !(s[n - 1].item<double>() > kRoundingOfModes * s[0].item<double>()))
    throw TooFewDirections(fmt::format(
        "prior.smooth = {}: leaves fewer directions than the {} states of the model; expected a larger share",
        treatment.smooth, n));
  const auto V = orthonormal_on_fluid(U.narrow(1, 0, n), grid);
  const auto coefficients = V.t().mm(smooth);  // C C^T is the covariance of a

  const BasisKernel kernel = {kFilterWidths[kInitialWidth], o.n_sigma, o.n_zeta};
  const auto RS = smooth_columns(V, grid, kernel).index_select(0, kept);  // [n_zeta, n]
  const auto [P, sigma, Qh] = torch::linalg_svd(RS, /*full_matrices=*/true);
  if (sigma[n_zeta - 1].item<double>() < 1e-12 * sigma[0].item<double>())
    throw ConfigError(fmt::format(
        "model.n_zeta: {} coarse unknowns do not tell {} modes apart; fewer cells fit", n_zeta, n));
  const auto W = P.mm(Qh.narrow(0, 0, n_zeta));
  auto N = Qh.narrow(0, n_zeta, o.n_eta);  // rows
  LinearSpace space;
  if (o.n_eta > 0) {
    const auto left = N.mm(coefficients);
    const auto [axes, size, unused] = torch::linalg_svd(left, /*full_matrices=*/false);
    N = axes.t().mm(N);
    space.micro_scale = N.mm(coefficients).square().sum(1).sqrt().to(torch::kFloat);
  }
  const auto K = static_cast<int64_t>(kFilterWidths.size());
  space.V = V.to(torch::kFloat);
  space.smooth = torch::zeros({K, n, n});
  space.restriction = W.to(torch::kFloat).expand({K, n_zeta, n}).contiguous();
  space.micro = N.to(torch::kFloat);
  space.rank = n;
  space.truncation = std::sqrt(
      std::max(0., smooth.square().sum().item<double>() - coefficients.square().sum().item<double>()) /
      smooth.square().sum().item<double>());
  return space;
}

}  // namespace msde
