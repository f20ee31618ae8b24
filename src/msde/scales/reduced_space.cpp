#include "msde/scales/reduced_space.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/ops/orbits.hpp"
#include "msde/scales/modes_beyond.hpp"
#include "msde/scales/orthonormal_on_fluid.hpp"
#include "msde/scales/reduced_filter.hpp"

namespace msde {
namespace {

// Channels are smoothed alike and apart: what is found for one serves all.
Grid one_channel(Grid grid) {
  grid.channels = 1;
  return grid;
}
torch::Tensor for_every_channel(const Grid& grid, const torch::Tensor& of_one) {
  return torch::block_diag(std::vector<torch::Tensor>(static_cast<size_t>(grid.channels), of_one));
}

// Orthonormal columns spanning the rows of every R S_k of one channel, or their symmetric parts, [points, <= K n_zeta / C].
torch::Tensor restriction_span(const Grid& of_channel, const ReducedSpaceOptions& o) {
  const auto kept = restricted_points(of_channel, o.n_zeta);
  auto unit = torch::zeros({of_channel.size(), kept.numel()}, torch::kDouble);
  unit.index_put_({kept, torch::arange(kept.numel())}, 1.0);
  std::vector<torch::Tensor> rows;
  for (double width : kFilterWidths)
    rows.push_back(smooth_columns(unit, of_channel, {width, o.n_sigma, o.n_zeta}, /*transposed=*/true));
  // Smooth rows are nearly dependent (condition 1e10): QR in float64 still returns orthonormal columns.
  return orthonormal_on_fluid(invariant_part(torch::cat(rows, 1).t(), of_channel).t(), of_channel);
}

// The basis itself is held whole, several times over while it is found.
void require_basis_memory(const Dataset& data, const ReducedSpaceOptions& o, int64_t n_zeta) {
  const auto q = static_cast<double>(kFilterWidths.size()) * static_cast<double>(n_zeta);
  const auto r = static_cast<double>(o.rank > 0 ? o.rank : o.max_rank);
  double columns = std::max({10. * static_cast<double>(n_zeta), 5.6 * r + q, 4 * (q + r)});
  if (!data.grid().symmetry.empty()) columns += 3.3 * r;  // images of what is projected
  const double needed = 8 * columns * static_cast<double>(data.grid().size());
  constexpr double MiB = 0x1p20;
  if (needed > static_cast<double>(data.memory().basis_bytes))
    throw ConfigError(
        fmt::format("{} = {:.0f}: finding the reduced basis needs {:.0f} MiB, of data.memory {:.0f} MiB are "
                    "left for it; allow more memory or ask for a smaller rank",
                    o.rank > 0 ? "model.rank" : "model.max_rank", r, needed / MiB,
                    static_cast<double>(data.memory().basis_bytes) / MiB));
}

}  // namespace

std::string ReducedSpace::brief() const {
  return fmt::format("{} coordinates, {} of them POD modes; truncation {:.2g} of the field", V.size(1), rank,
                     truncation);
}

ReducedSpace build_reduced_space(const Dataset& data, const ReducedSpaceOptions& o, double noise_std,
                                 uint64_t seed) {
  const Grid& grid = data.grid();
  const int64_t n_fluid = grid.fluid_size();
  const auto kept = restricted_points(grid, o.n_zeta);
  require_basis_memory(data, o, kept.numel());
  if (2 * kept.numel() > n_fluid)
    throw ConfigError(
        fmt::format("model.n_zeta = [{}]: {} unknowns of {} values that are fluid, expected at most "
                    "one of two; fewer cells fit",
                    fmt::join(o.n_zeta, ", "), kept.numel(), n_fluid));
  const Grid of_channel = one_channel(grid);
  const auto Q_of_channel = restriction_span(of_channel, o), Q = for_every_channel(grid, Q_of_channel);

  const auto beyond = modes_beyond(Q, data, {o.rank, o.max_rank, noise_std, o.channel_noise, seed});
  ReducedSpace space;
  space.rank = beyond.modes.size(1);
  space.truncation = beyond.truncation;
  const torch::Tensor& M = beyond.modes;
  const auto V = torch::cat({Q, M}, 1);
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
