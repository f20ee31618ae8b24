#include "msde/scales/reduced_space.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/scales/principal_modes.hpp"
#include "msde/scales/reduced_filter.hpp"

namespace msde {
namespace {

constexpr int64_t kMostSnapshots = 20480;  // that a basis of a few hundred modes is learnt from
constexpr int64_t kFirstRank =
    96;  // of the basis tried before one of model.max_rank: smooth fields need few modes
constexpr double kTruncation = 0.1;  // of the noise in a snapshot: small beside the error that is aimed at

// Visits the snapshots of a split as float32 rows [rows, n_y]: all of them, or an even spread over every
// trajectory where there are more than kMostSnapshots.
void for_each_block(const Dataset& data, const std::string& split,
                    const std::function<void(const torch::Tensor&)>& visit) {
  const auto shape = data.split(split);
  const int64_t all = shape.n_trajectories * shape.n_snapshots;
  const int64_t every = (all + kMostSnapshots - 1) / kMostSnapshots, rows = data.block_rows();
  if (every == 1) {
    for (int64_t trajectory = 0; trajectory < shape.n_trajectories; ++trajectory)
      for (int64_t start = 0; start < shape.n_snapshots; start += rows) {
        throw_if_interrupted();
        visit(data.fields(split, trajectory, start, std::min(rows, shape.n_snapshots - start)).flatten(1));
      }
    return;
  }
  auto block = torch::empty({rows, data.grid().size()}, torch::kFloat);
  int64_t filled = 0;
  const auto flush = [&] {
    if (filled > 0) visit(block.narrow(0, 0, filled));
    filled = 0;
  };
  for (int64_t trajectory = 0; trajectory < shape.n_trajectories; ++trajectory) {
    throw_if_interrupted();
    // Every trajectory begins its spread at another snapshot, so that all times are seen.
    const int64_t first = trajectory % std::min(every, shape.n_snapshots);
    for (int64_t snapshot = first; snapshot < shape.n_snapshots; snapshot += every) {
      block.narrow(0, filled, 1).copy_(data.fields(split, trajectory, snapshot, 1).flatten(1));
      if (++filled == rows) flush();
    }
  }
  flush();
}

// The Q of a QR of columns [n_y, m] that are 0 where there is no fluid, as it stays: [n_y, min(m, n_fluid)].
torch::Tensor orthonormal_on_fluid(const torch::Tensor& columns, const Grid& grid) {
  if (columns.size(1) == 0) return columns;
  if (!grid.mask) return std::get<0>(torch::linalg_qr(columns));
  const auto points = fluid_points(grid);
  std::vector<torch::Tensor> of_channels;
  for (int64_t c = 0; c < grid.channels; ++c) of_channels.push_back(points + c * grid.points());
  const auto fluid = torch::cat(of_channels);
  const auto Q = std::get<0>(torch::linalg_qr(columns.index_select(0, fluid)));
  return torch::zeros({columns.size(0), Q.size(1)}, columns.options()).index_copy(0, fluid, Q);
}

// Channels are smoothed alike and apart: what is found for one serves all.
Grid one_channel(Grid grid) {
  grid.channels = 1;
  return grid;
}
torch::Tensor for_every_channel(const Grid& grid, const torch::Tensor& of_one) {
  return torch::block_diag(std::vector<torch::Tensor>(static_cast<size_t>(grid.channels), of_one));
}

// Orthonormal columns spanning the rows of every R S_k of one channel, [points, <= K n_zeta / C].
torch::Tensor restriction_span(const Grid& of_channel, const ReducedSpaceOptions& o) {
  const auto kept = restricted_points(of_channel, o.n_zeta);
  auto unit = torch::zeros({of_channel.size(), kept.numel()}, torch::kDouble);
  unit.index_put_({kept, torch::arange(kept.numel())}, 1.0);
  std::vector<torch::Tensor> rows;
  for (double width : kFilterWidths)
    rows.push_back(smooth_columns(unit, of_channel, {width, o.n_sigma, o.n_zeta}, /*transposed=*/true));
  // Smooth rows are nearly dependent (condition 1e10): QR in float64 still returns orthonormal columns.
  return orthonormal_on_fluid(torch::cat(rows, 1), of_channel);
}

// The basis itself is held whole, several times over while it is found.
void require_basis_memory(const Dataset& data, const ReducedSpaceOptions& o, int64_t n_zeta) {
  const auto q = static_cast<double>(kFilterWidths.size()) * static_cast<double>(n_zeta);
  const auto r = static_cast<double>(o.rank > 0 ? o.rank : o.max_rank);
  const double columns = std::max({10. * static_cast<double>(n_zeta), 5.6 * r + q, 4 * (q + r)});
  const double needed = 8 * columns * static_cast<double>(data.grid().size());
  constexpr double MiB = 0x1p20;
  if (needed > static_cast<double>(data.memory().basis_bytes))
    throw ConfigError(
        fmt::format("{} = {:.0f}: finding the reduced basis needs {:.0f} MiB, of data.memory {:.0f} MiB are "
                    "left for it; allow more memory or ask for a smaller rank",
                    o.rank > 0 ? "model.rank" : "model.max_rank", r, needed / MiB,
                    static_cast<double>(data.memory().basis_bytes) / MiB));
}

// mean |y_perp|^2 over validation for ranks 0..rank, given V = [Q, leading modes].
struct TruncationCurve {
  torch::Tensor mean_perp2;  // [rank + 1]
  double mean_norm2;
};
TruncationCurve truncation_curve(const Dataset& data, const torch::Tensor& Q, const torch::Tensor& modes) {
  const auto V = torch::cat({Q, modes}, 1);
  double norm2 = 0;
  int64_t count = 0;
  auto by_column = torch::zeros({V.size(1)}, torch::kDouble);
  for_each_block(data, "val", [&](const torch::Tensor& rows) {
    const auto y = rows.to(torch::kDouble);  // what is left nearly cancels
    const auto values = y.view({-1});
    norm2 += values.dot(values).item<double>();
    by_column += torch::mm(y, V).square().sum(0);
    count += y.size(0);
  });
  const auto explained = by_column.cumsum(0).narrow(0, Q.size(1) - 1, modes.size(1) + 1);
  return {(norm2 - explained).clamp_min(0) / static_cast<double>(count), norm2 / static_cast<double>(count)};
}

}  // namespace

std::string ReducedSpace::brief() const {
  return fmt::format("{} coordinates, {} of them POD modes; truncation {:.2g} of the field", V.size(1), rank,
                     truncation);
}

ReducedSpace build_reduced_space(const Dataset& data, const ReducedSpaceOptions& o, double noise_std,
                                 uint64_t seed) {
  const Grid& grid = data.grid();
  const int64_t n_y = grid.size(), n_fluid = grid.fluid_size();
  const auto kept = restricted_points(grid, o.n_zeta);
  require_basis_memory(data, o, kept.numel());
  if (2 * kept.numel() > n_fluid)
    throw ConfigError(
        fmt::format("model.n_zeta = [{}]: {} unknowns of {} values that are fluid, expected at most "
                    "one of two; fewer cells fit",
                    fmt::join(o.n_zeta, ", "), kept.numel(), n_fluid));
  const Grid of_channel = one_channel(grid);
  const auto Q_of_channel = restriction_span(of_channel, o), Q = for_every_channel(grid, Q_of_channel);

  const int64_t limit = std::min(o.rank > 0 ? o.rank : o.max_rank, n_fluid - Q.size(1));
  const RowBlocks snapshots = [&](const std::function<void(const torch::Tensor&)>& visit) {
    for_each_block(data, "train", visit);
  };
  PrincipalModes pod;
  TruncationCurve curve;
  auto clean_perp = [&](int64_t r) {  // what truncation costs beyond the noise that it removes
    const double noise2 = static_cast<double>(n_fluid - Q.size(1) - r) * noise_std * noise_std;
    return std::sqrt(std::max(0.0, curve.mean_perp2[r].item<double>() - noise2));
  };
  ReducedSpace space;
  for (int64_t most = o.rank > 0 ? limit : std::min(kFirstRank, limit);; most = limit) {
    pod = principal_modes(snapshots, n_y, most, seed, /*apart_from=*/Q);
    curve = truncation_curve(data, Q, pod.modes);
    const double bound = std::max(kTruncation * noise_std * std::sqrt(static_cast<double>(n_fluid)),
                                  1e-3 * std::sqrt(curve.mean_norm2));
    space.rank = o.rank > 0 ? pod.modes.size(1) : 0;
    while (space.rank < pod.modes.size(1) && clean_perp(space.rank) >= bound) ++space.rank;
    if (most == limit || clean_perp(space.rank) < bound) break;
  }
  space.truncation = clean_perp(space.rank) / std::sqrt(curve.mean_norm2);

  // The modes are orthogonal to Q up to round-off; once more makes V orthonormal to float64 precision.
  const auto modes = pod.modes.narrow(1, 0, space.rank);
  const auto M = orthonormal_on_fluid(modes - Q.mm(Q.t().mm(modes)), grid), V = torch::cat({Q, M}, 1);
  const auto kept_of_channel = restricted_points(of_channel, o.n_zeta);
  std::vector<torch::Tensor> smooth, restriction;
  for (double width : kFilterWidths) {
    const BasisKernel kernel = {width, o.n_sigma, o.n_zeta};
    const auto SQ = smooth_columns(Q_of_channel, of_channel, kernel), SM = smooth_columns(M, grid, kernel);
    const auto of_Q =
        torch::cat({for_every_channel(grid, Q_of_channel.t().mm(SQ)), M.t().mm(for_every_channel(grid, SQ))});
    smooth.push_back(torch::cat({of_Q, V.t().mm(SM)}, 1));
    restriction.push_back(torch::cat(
        {for_every_channel(grid, SQ.index_select(0, kept_of_channel)), SM.index_select(0, kept)}, 1));
  }
  space.V = V.to(torch::kFloat);
  space.smooth = torch::stack(smooth).to(torch::kFloat);
  space.restriction = torch::stack(restriction).to(torch::kFloat);
  return space;
}

}  // namespace msde
