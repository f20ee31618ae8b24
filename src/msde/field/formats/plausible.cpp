#include "msde/field/formats/plausible.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"

namespace msde {
namespace {

class Check {
 public:
  explicit Check(const std::string& path) : path_(path) {}

  void scale(const std::string& what, double value) const {
    if (value >= kLeastScale && value <= kMostScale) return;
    fail(what, value, fmt::format("{} to {}", kLeastScale, kMostScale));
  }
  void size(const std::string& what, double value, double most) const {
    if (std::abs(value) <= most) return;
    fail(what, value, fmt::format("a number of at most {} in size", most));
  }

 private:
  [[noreturn]] void fail(const std::string& what, double value, const std::string& expected) const {
    throw DataError(
        fmt::format("{}: {}: got {}, expected {}; choose another unit", path_, what, value, expected));
  }
  const std::string& path_;
};

}  // namespace

void check_plausible(const SourceFacts& facts, const std::string& path) {
  const Check check(path);
  const Grid& grid = facts.grid;
  for (size_t i = 0; i < grid.shape.size(); ++i) {
    const auto axis = static_cast<int64_t>(i);
    const auto of_axis = [&](const char* what) { return fmt::format("{} of axis {}", what, grid.axes[i]); };
    if (!grid.spacing.empty()) check.scale(of_axis("spacing"), std::abs(grid.spacing_of(axis)));
    if (!grid.origin.empty()) check.size(of_axis("origin"), grid.origin_of(axis), kMostScale);
    check.scale(of_axis("length"), grid.length[i]);
  }
  if (facts.noise_std) check.size("noise_std", *facts.noise_std, kMostScale / 10);
  for (const auto& set : facts.sets) {
    const std::string of_set = set.split.empty() ? "" : " of " + set.split;
    const std::string prefix = set.split.empty() ? "" : set.split + "_";
    if (set.n_snapshots > 1) check.scale("spacing of the times" + of_set, set.dt);  // one: a part of a series
    const std::string times = "times" + of_set;
    for (const double time : set.times) check.size(times, time, kMostScale);
    const auto numbers = [&](const char* name, const std::vector<float>& values, int64_t width,
                             int64_t snapshots) {
      const auto far = std::find_if_not(values.begin(), values.end(),
                                        [](float value) { return std::abs(value) <= kMostValue; });
      if (far == values.end()) return;
      const int64_t row = (far - values.begin()) / width;
      const auto snapshot = snapshots > 1 ? fmt::format(", snapshot {}", row % snapshots) : "";
      check.size(fmt::format("'{}{}': trajectory {}{}", prefix, name, row / snapshots, snapshot), *far,
                 kMostValue);
    };
    numbers("mu", set.mu, set.n_mu, 1);
    numbers("f", set.forcing, set.n_f, set.n_snapshots);
  }
}

}  // namespace msde
