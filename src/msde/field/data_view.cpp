#include "msde/field/data_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/core/options/nearest.hpp"
#include "msde/grid/boundary_words.hpp"

namespace msde {
namespace {

std::vector<std::string> parts(const std::string& text, char separator) {
  std::vector<std::string> found;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(separator, start), text.size());
    std::string part = text.substr(start, end - start);
    const size_t first = part.find_first_not_of(" \t"), last = part.find_last_not_of(" \t");
    found.push_back(first == std::string::npos ? "" : part.substr(first, last - first + 1));
    start = end + 1;
  }
  return found;
}

std::optional<int64_t> count(const std::string& text) {
  int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && value >= 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

std::vector<int64_t> suggested_split(int64_t n_trajectories) {
  const int64_t few = std::max<int64_t>(1, n_trajectories / 20);
  if (n_trajectories < 3) return {n_trajectories, 0, 0};
  return {n_trajectories - 2 * few, few, few};
}

std::string suggested_split_time(int64_t n_snapshots) {
  constexpr int64_t kLeast = 2;  // of each part
  if (n_snapshots < 3 * kLeast) return fmt::format("{0},{0}", n_snapshots);
  const int64_t validation = std::min(n_snapshots * 70 / 100, n_snapshots - 2 * kLeast);
  const int64_t test = std::clamp(n_snapshots * 85 / 100, validation + kLeast, n_snapshots - kLeast);
  return fmt::format("{},{}", validation, test);
}

TimeSplit parse_split_time(const std::string& text, const std::string& option) {
  const bool by_time = text.rfind("t=", 0) == 0;
  const auto values = parts(by_time ? text.substr(2) : text, ',');
  const auto fail = [&] {
    throw ConfigError(fmt::format(
        "{}: got '{}', expected where validation and test begin: snapshots counted from 0, as 600,700, or "
        "times, as t=12.5,15; validation before test",
        option, text));
  };
  if (values.size() != 2) fail();
  TimeSplit split = {by_time, 0, 0};
  double* const begins[] = {&split.validation, &split.test};
  for (size_t i = 0; i < 2; ++i) {
    const std::string& value = values[i];
    const auto read = std::from_chars(value.data(), value.data() + value.size(), *begins[i]);
    const bool whole = read.ec == std::errc() && read.ptr == value.data() + value.size();
    if (!whole || !std::isfinite(*begins[i]) || (!by_time && !count(value))) fail();
  }
  if (split.test < split.validation) fail();
  return split;
}

std::vector<int64_t> parse_split(const std::string& text, const std::string& option) {
  std::vector<int64_t> split;
  if (text.empty()) return split;
  for (const auto& part : parts(text, ',')) {
    const auto n = count(part);
    if (!n)
      throw ConfigError(fmt::format(
          "{}: got '{}', expected three counts: trajectories for training, validation and test, as 900,50,50",
          option, text));
    split.push_back(*n);
  }
  return split;
}

std::vector<AxisRange> parse_crop(const std::string& text, const std::string& option) {
  std::vector<AxisRange> crop;
  if (text.empty()) return crop;
  for (const auto& part : parts(text, ',')) {
    const size_t equals = part.find('='), colon = part.find(':');
    const bool complete = equals != std::string::npos && colon != std::string::npos && equals < colon;
    const auto first = complete ? count(part.substr(equals + 1, colon - equals - 1)) : std::nullopt;
    const auto last = complete ? count(part.substr(colon + 1)) : std::nullopt;
    if (!first || !last || equals == 0 || *last < *first + 2)
      throw ConfigError(fmt::format(
          "{}: got '{}', expected AXIS=FIRST:LAST with at least 2 points, as x=0:64,y=10:20", option, text));
    const auto axis = part.substr(0, equals);
    if (std::any_of(crop.begin(), crop.end(), [&](const AxisRange& other) { return other.axis == axis; }))
      throw ConfigError(fmt::format("{}: got axis {} twice in '{}'", option, axis, text));
    crop.push_back({axis, *first, *last});
  }
  return crop;
}

std::vector<std::string> parse_names(const std::string& text, const std::string& option) {
  if (text.empty()) return {};
  const auto names = parts(text, ',');
  for (auto name = names.begin(); name != names.end(); ++name)
    if (name->empty() || std::find(names.begin(), name, *name) != name)
      throw ConfigError(fmt::format("{}: got '{}', expected names, each once, as u,v", option, text));
  return names;
}

std::vector<AxisRange> view_box(const Grid& grid, const DataView& view, const std::string& path) {
  std::vector<AxisRange> box;
  for (size_t i = 0; i < grid.shape.size(); ++i) box.push_back({grid.axes[i], 0, grid.shape[i]});
  for (const AxisRange& range : view.crop) {
    const auto found = std::find(grid.axes.begin(), grid.axes.end(), range.axis);
    if (found == grid.axes.end())
      throw ConfigError(fmt::format("crop {}={}:{}: {} has the axes {}", range.axis, range.first, range.last,
                                    path, fmt::join(grid.axes, ", ")));
    auto& axis = box[found - grid.axes.begin()];
    if (range.last > axis.last)
      throw ConfigError(fmt::format("crop {}={}:{}: {} has {} points along {}", range.axis, range.first,
                                    range.last, path, axis.last, range.axis));
    axis = range;
  }
  return box;
}

Grid view_grid(const Grid& grid, const DataView& view, const std::string& path) {
  Grid seen = grid;
  if (!view.crop.empty()) {
    const auto box = view_box(grid, view, path);
    seen.origin.clear(), seen.spacing.clear();
    for (size_t i = 0; i < box.size(); ++i) {
      const auto axis = static_cast<int64_t>(i);
      const int64_t points = box[i].last - box[i].first;
      seen.origin.push_back(grid.origin_of(axis) + static_cast<double>(box[i].first) * grid.spacing_of(axis));
      seen.spacing.push_back(grid.spacing_of(axis));
      if (points == grid.shape[i]) continue;
      seen.shape[i] = points;
      seen.length[i] = static_cast<double>(points) * grid.spacing_of(axis);
      // Open where it was cut; data.boundary can say otherwise. A part of a ring has two cuts.
      AxisEnds& ends = seen.boundary[i];
      const bool ring = ends.periodic();
      if (ring || box[i].first > 0) ends.low = Boundary::open;
      if (ring || box[i].last < grid.shape[i]) ends.high = Boundary::open;
    }
    try {
      seen.mask = cropped_mask(grid, box);
    } catch (const DataError&) {
      throw ConfigError(path + ": data.crop: none of these points is fluid");
    }
  }
  if (view.boundary.empty()) return seen;
  std::vector<AxisEnds> boundary;
  try {
    boundary =
        parse_boundaries(view.boundary, seen.shape.size(), "boundary '" + view.boundary + "' of " + path);
  } catch (const DataError& error) {  // asked for on the command line or in the configuration
    throw ConfigError(error.what());
  }
  // The points stay where they are: a grid without coordinates of its own has them by its boundary.
  if (boundary != seen.boundary && seen.origin.empty() && !seen.length.empty())
    for (int64_t axis = 0; axis < seen.dimensions(); ++axis) {
      seen.origin.push_back(grid.origin_of(axis));
      seen.spacing.push_back(grid.spacing_of(axis));
    }
  seen.boundary = std::move(boundary);
  return seen;
}

}  // namespace msde
