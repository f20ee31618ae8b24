#include "msde/scales/modes_beyond.hpp"

#include <algorithm>
#include <cmath>

#include "msde/ops/orbits.hpp"
#include "msde/scales/denoise_patterns.hpp"
#include "msde/scales/orthonormal_on_fluid.hpp"
#include "msde/scales/principal_modes.hpp"
#include "msde/scales/training_blocks.hpp"

namespace msde {
namespace {

constexpr int64_t kFirstRank =
    96;  // of the basis tried before one of model.max_rank: smooth fields need few modes
constexpr double kTruncation = 0.1;  // of the noise in a snapshot: small beside the error that is aimed at

// mean |y_perp|^2 over validation for ranks 0..rank, given V = [Q, leading modes].
struct TruncationCurve {
  torch::Tensor mean_perp2;  // [rank + 1]
  double mean_norm2;
  int64_t snapshots;
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
  return {(norm2 - explained).clamp_min(0) / static_cast<double>(count), norm2 / static_cast<double>(count),
          count};
}

// What truncation to r modes costs beyond the noise that it takes off, of a snapshot's |y|^2.
struct CleanPart {
  TruncationCurve curve;
  double noise_variance;
  int64_t n_left;   // values beside those of Q
  int64_t n_shown;  // of them those that modes can show: all, but for symmetric fields

  double at(int64_t r) const {
    return curve.mean_perp2[r].item<double>() - static_cast<double>(n_left - r) * noise_variance;
  }
  // The first r up to `most` that costs less, else `most`.
  int64_t first_below(double bound, int64_t most) const {
    int64_t r = 0;
    while (r < most && at(r) >= bound) ++r;
    return r;
  }
  double least(int64_t most) const {
    double value = at(0);
    for (int64_t r = 1; r <= most; ++r) value = std::min(value, at(r));
    return value;
  }
  // Above the least: little beside the bound, and more than modes of noise alone bring by chance.
  double margin(double bound, int64_t modes) const {
    const double chance = std::sqrt(2. * static_cast<double>(modes) / static_cast<double>(curve.snapshots));
    return std::max(.02 * bound, 2 * noise_variance * chance);
  }
};

// What the noise of r modes themselves costs of a snapshot's |y|^2.
double noise_of_modes(int64_t r, const CleanPart& clean, const PrincipalModes& pod) {
  return static_cast<double>(r) * clean.noise_variance * static_cast<double>(clean.n_shown) /
         static_cast<double>(pod.n_rows);
}

// Of a value of each channel in each mode, [C, r]: noise adds up over snapshots as the mode's weights do.
torch::Tensor noise_of_patterns(const ModesBeyondOptions& o, const PrincipalModes& pod, const Grid& grid) {
  const auto of_channels = o.channel_noise.empty() ? torch::full({grid.channels}, o.noise_std, torch::kDouble)
                                                   : torch::tensor(o.channel_noise, torch::kDouble);
  const double symmetric =
      std::sqrt(static_cast<double>(invariant_size(grid)) / static_cast<double>(grid.fluid_size()));
  return symmetric * of_channels.unsqueeze(1) / pod.singular_values.to(torch::kDouble);
}

}  // namespace

ModesBeyond modes_beyond(const torch::Tensor& Q, const Dataset& data, const ModesBeyondOptions& o) {
  const Grid& grid = data.grid();
  const int64_t n_fluid = grid.fluid_size(), n_shown = invariant_size(grid), q = Q.size(1);
  const double s2 = o.noise_std * o.noise_std;
  const RowBlocks snapshots = [&](const std::function<void(const torch::Tensor&)>& visit) {
    for_each_block(data, "train", visit);
  };
  const int64_t limit = std::min(o.rank > 0 ? o.rank : o.max_rank, n_shown - q);
  PrincipalModes pod;
  CleanPart clean{{}, s2, n_fluid - q, n_shown - q};
  double bound = 0;
  int64_t rank = 0;
  ModeSpace space = {.apart_from = Q};
  if (!grid.symmetry.empty())
    space.projection = [&](const torch::Tensor& columns) { return invariant_part(columns.t(), grid).t(); },
    space.dimensions = n_shown;
  for (int64_t most = o.rank > 0 ? limit : std::min(kFirstRank, limit);; most = limit) {
    pod = principal_modes(snapshots, grid.size(), most, o.seed, space);
    clean.curve = truncation_curve(data, Q, pod.modes);
    bound = std::max(kTruncation * kTruncation * s2 * static_cast<double>(n_shown),
                     1e-6 * clean.curve.mean_norm2);
    const int64_t found = pod.modes.size(1);
    rank = o.rank > 0 ? found : clean.first_below(bound, found);
    if (most == limit || clean.at(rank) < bound) break;
  }
  auto modes = pod.modes;
  const auto shape = data.split("train");
  const bool all_are_read = shape.n_trajectories * shape.n_snapshots <= kMostSnapshots;
  if (all_are_read && noise_of_modes(rank, clean, pod) > bound) {
    auto smoother = denoise_patterns(modes, noise_of_patterns(o, pod, grid), grid);
    if (space.projection) smoother = space.projection(smoother);
    smoother = orthonormal_on_fluid(smoother - Q.mm(Q.t().mm(smoother)), grid);
    CleanPart less = clean;
    less.curve = truncation_curve(data, Q, smoother);
    const int64_t found = smoother.size(1);
    if (o.rank > 0 ? less.at(found) < clean.at(found) : less.least(found) < clean.least(found)) {
      if (o.rank == 0) rank = less.first_below(less.least(found) + less.margin(bound, found), found);
      modes = smoother, clean = less;
    }
  }
  modes = modes.narrow(1, 0, rank);
  // They are orthogonal to Q up to round-off; once more makes both orthonormal to float64 precision.
  return {orthonormal_on_fluid(modes - Q.mm(Q.t().mm(modes)), grid),
          std::sqrt(std::max(0., clean.at(rank)) / clean.curve.mean_norm2)};
}

}  // namespace msde
