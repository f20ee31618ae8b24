#include "msde/run/assumptions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "msde/core/report/log.hpp"
#include "msde/core/report/printable.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/grid/boundary_words.hpp"

namespace msde {

namespace {

// "open along y, open along x".
std::string assumed_boundaries(const Dataset& data) {
  std::vector<std::string> assumed;
  const Grid& grid = data.grid();
  for (size_t axis = 0; axis < grid.axes.size(); ++axis)
    if (data.facts().boundary_is_assumed(axis))
      assumed.push_back(boundary_word(grid.boundary[axis]) + " along " + printable(grid.axes[axis]));
  return fmt::format("{}", fmt::join(assumed, ", "));
}

}  // namespace

void warn_of_assumptions(const Dataset& data, const std::string& boundary_option) {
  if (const auto assumed = assumed_boundaries(data); !assumed.empty() && !boundary_option.empty())
    spdlog::warn("{}: does not say its boundaries; assumed: {}; {} says otherwise", data.path(), assumed,
                 boundary_option);
  for (const auto& note : data.facts().notes) spdlog::warn("{}: {}", data.path(), printable(note));
  if (!data.has_split("train")) return;
  const auto trained = data.times("train");
  for (const std::string split : {"val", "test"})
    if (data.has_split(split))
      warn_of_far_times(data.path() + ": " + split, data.times(split).min().item<double>(),
                        data.times(split).max().item<double>(), trained.min().item<double>(),
                        trained.max().item<double>());
}

void warn_of_far_times(const std::string& what, double begin, double end, double trained_begin,
                       double trained_end) {
  if (!are_far_from(begin, end, trained_begin, trained_end)) return;
  spdlog::warn("{} is at times {:.9g} to {:.9g}, far outside those of training, {:.9g} to {:.9g}", what,
               begin, end, trained_begin, trained_end);
}

void warn_of_another_extent(const Dataset& data, const Grid& trained) {
  constexpr double kTolerance = .01;
  const Grid& grid = data.grid();
  if (data.facts().length_is_assumed || grid.shape != trained.shape) return;
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const double got = grid.spacing_of(axis), expected = trained.spacing_of(axis);
    if (std::abs(got - expected) > kTolerance * expected)
      spdlog::warn(
          "{}: points along {} are {:g} apart, {:g} in training: in other units, or of another domain? The "
          "model takes them as the same",
          data.path(), printable(grid.axes[axis]), got, expected);
  }
}

}  // namespace msde
