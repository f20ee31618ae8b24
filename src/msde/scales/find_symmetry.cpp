#include "msde/scales/find_symmetry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/field/spread_snapshots.hpp"
#include "msde/grid/symmetry.hpp"
#include "msde/ops/orbits.hpp"

namespace msde {
namespace {

constexpr int64_t kSnapshots = 256;  // that are looked at
constexpr double kRounding = 1e-5;   // of the fields
constexpr double kRoom = 1.1;        // above the edge of noise, also for an estimate of s

bool is_none(const std::vector<std::string>& asked) {
  return asked.empty() || asked == std::vector<std::string>{"none"};
}
bool is_auto(const std::vector<std::string>& asked) {
  return asked == std::vector<std::string>{"auto"};
}

bool holds(const torch::Tensor& rows, const Grid& grid, const std::vector<double>& channel_noise) {
  const int64_t C = grid.channels, m = rows.size(0);
  const auto off = (rows - invariant_part(rows, grid)).view({m, C, -1}), all = rows.view({m, C, -1});
  const auto directions =
      static_cast<double>(grid.fluid_size() - invariant_size(grid)) / static_cast<double>(C);
  for (int64_t c = 0; c < C; ++c) {
    const auto w = off.select(1, c);
    const double largest = torch::linalg_eigvalsh(w.mm(w.t()))[m - 1].item<double>();
    const double s = channel_noise[static_cast<size_t>(c)];
    const double edge = s * (std::sqrt(directions) + std::sqrt(static_cast<double>(m)));
    const double rounding = kRounding * torch::linalg_vector_norm(all.select(1, c)).item<double>();
    if (largest > kRoom * edge * edge + rounding * rounding) return false;
  }
  return true;
}

// What may hold: reflections of one axis, of several at once, exchanges of two, and those with a reflection after them.
std::vector<std::string> candidates(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  std::vector<std::string> words;
  const size_t axes = grid.shape.size();
  for (size_t set = 1; set < size_t{1} << axes; ++set) {
    std::vector<std::string> names;
    bool periodic = true;
    for (size_t axis = 0; axis < axes; ++axis)
      if (set >> axis & 1) {
        names.push_back(grid.axes[axis]);
        periodic = periodic && grid.boundary[axis].periodic();
      }
    words.push_back(fmt::format("reflect {}", fmt::join(names, " ")));
    if (periodic) words.push_back(words.back() + " at 0");
  }
  std::stable_sort(words.begin(), words.end(),
                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
  for (size_t a = 0; a < axes; ++a)
    for (size_t b = a + 1; b < axes; ++b) {
      if (grid.shape[a] != grid.shape[b] || grid.boundary[a].periodic() != grid.boundary[b].periodic() ||
          n_zeta[a] != n_zeta[b])
        continue;
      const auto& first = grid.axes[a];
      const auto swap = fmt::format("swap {} {}", first, grid.axes[b]);
      words.push_back(swap);
      words.push_back(fmt::format("{} reflect {}", swap, first));
      words.push_back(fmt::format("{} reflect {} {}", swap, first, grid.axes[b]));
    }
  return words;
}

// Whether the group of `words` has that of `word` in it already; a group of translations has, for they are not meant.
bool is_new(const Grid& with_words, const std::string& word) try {
  const auto group = symmetry_group(with_words);
  if (std::find(group.begin(), group.end(), parse_symmetry(word, with_words)) != group.end()) return false;
  Grid both = with_words;
  both.symmetry.push_back(word);
  symmetry_group(both);
  return true;
} catch (const ConfigError&) {
  return false;
}

std::string told(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  const auto group = coarse_symmetry_group(grid, n_zeta);
  const auto smallest = orbits(group, n_zeta);
  int64_t unlike = 0;
  for (size_t cell = 0; cell < smallest.size(); ++cell)
    unlike += smallest[cell] == static_cast<int64_t>(cell);
  return fmt::format("({}): {} of {} coarse cells carry unknowns, the others are their images",
                     fmt::join(grid.symmetry, ", "), unlike, smallest.size());
}

}  // namespace

void check_symmetry(const std::vector<std::string>& asked, const Grid& of_data,
                    const std::vector<int64_t>& n_zeta, bool reduced) {
  if (is_none(asked) || is_auto(asked)) return;
  if (!reduced) throw ConfigError("data.symmetry: words are for model.preset = \"reduced\"");
  Grid grid = of_data;
  grid.symmetry = asked;
  symmetry_group(grid);
  coarse_symmetry_group(grid, n_zeta);
  if (!mask_is_invariant(grid))
    throw ConfigError(
        fmt::format("data.symmetry: ({}) does not map the points that are fluid onto themselves",
                    fmt::join(asked, ", ")));
}

Asymmetry asymmetry(const torch::Tensor& snapshot, const Grid& grid,
                    const std::vector<double>& channel_noise) {
  const auto u = snapshot.reshape({1, -1}).to(torch::kDouble);
  const double size = torch::linalg_vector_norm(u).item<double>();
  double noise = 0;
  for (const double s : channel_noise) noise += s * s;
  const auto directions = static_cast<double>(grid.fluid_size() - invariant_size(grid));
  noise = std::sqrt(noise * directions / static_cast<double>(channel_noise.size())) *
          (kRoom + 3 / std::sqrt(2 * std::max(1., directions)));
  const double off = torch::linalg_vector_norm(u - invariant_part(u, grid)).item<double>();
  if (size == 0) return {};
  return {off / size, noise / size};
}

bool fields_are_symmetric(const Dataset& data, const Grid& grid, const std::vector<double>& channel_noise) {
  return holds(spread_snapshots(data, "train", kSnapshots), grid, channel_noise);
}

FieldSymmetry find_symmetry(const Dataset& data, const std::vector<std::string>& asked,
                            const FieldSymmetryOptions& o) {
  if (is_none(asked)) return {};
  Grid grid = data.grid();
  grid.symmetry.clear();
  const auto rows = spread_snapshots(data, "train", kSnapshots);
  if (!is_auto(asked)) {
    check_symmetry(asked, grid, o.n_zeta, /*reduced=*/true);
    grid.symmetry = asked;
    auto line = "taken as asked, data.symmetry " + told(grid, o.n_zeta);
    if (!holds(rows, grid, o.channel_noise)) {
      const double lost = torch::linalg_vector_norm(rows - invariant_part(rows, grid)).item<double>() /
                          torch::linalg_vector_norm(rows).item<double>();
      line += fmt::format("; training fields are not symmetric: {:.2g} of them is lost", lost);
    }
    return {asked, line};
  }
  for (const auto& word : candidates(grid, o.n_zeta)) {
    Grid alone = grid;
    alone.symmetry = {word};
    if (is_new(grid, word) && mask_is_invariant(alone) && holds(rows, alone, o.channel_noise))
      grid.symmetry.push_back(word);
  }
  if (grid.symmetry.empty()) return {};
  return {grid.symmetry, "every training field is symmetric, to within noise " + told(grid, o.n_zeta)};
}

}  // namespace msde
