#include "msde/field/formats/seed_groups.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "msde/core/error.hpp"
#include "msde/core/files/natural_order.hpp"
#include "msde/field/formats/coordinates.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/grid/boundary_words.hpp"

namespace msde {
namespace {

// The value of a line "key: value" of a YAML text, "" where there is none.
std::string yaml_value(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(key + ":", 0) != 0) continue;
    const auto first = line.find_first_not_of(" \t'\"", key.size() + 1);
    const auto last = line.find_last_not_of(" \t\r'\"");
    return first == std::string::npos ? "" : line.substr(first, last - first + 1);
  }
  return "";
}

class SeedGroups : public FieldSource {
 public:
  explicit SeedGroups(hdf5::File opened) : FieldSource(opened.path()), file_(std::move(opened)) {
    facts_.format = "PDEBench, a group per trajectory";
    constexpr size_t kShown = 20;
    size_t left_out = 0;
    for (const auto& name : file_.names()) {
      if (file_.is_group(name))
        groups_.push_back(name);
      else if (++left_out <= kShown)
        facts_.notes.push_back("'" + name + "' beside the groups is left out");
    }
    if (left_out > kShown)
      facts_.notes.push_back(fmt::format("{} more beside the groups are left out", left_out - kShown));
    std::sort(groups_.begin(), groups_.end(),
              [](const auto& a, const auto& b) { return in_natural_order(a, b); });
    read_first();
    TrajectorySet set;
    const int64_t N = static_cast<int64_t>(groups_.size()), T = shape_[0];
    set.n_trajectories = N, set.n_snapshots = T;
    read_all_times(set);
    facts_.sets = {set};
    facts_.finer_than_float = file_.is_finer_than_float(data_of(groups_.front()));
    facts_.missing_mark = file_.missing_mark(data_of(groups_.front()));
    read_config();
  }

  void read(size_t, const FrameRange& frames, float* out) const override { read_frames(frames, out); }
  void read(size_t, const FrameRange& frames, double* out) const override { read_frames(frames, out); }
  std::string place(size_t, int64_t trajectory, bool) const override {
    return "'" + data_of(groups_.at(trajectory)) + "'";
  }

 private:
  // [t, *grid, c] of the file becomes [t, c, *grid].
  template <class T>
  void read_frames(const FrameRange& frames, T* out) const {
    hdf5::Slab box{hdf5::Shape(shape_.size(), 0), shape_};
    box.start[0] = frames.start, box.count[0] = frames.count;
    const auto name = data_of(groups_.at(frames.trajectory));
    const int64_t C = facts_.grid.channels, points = facts_.grid.points();
    if (C == 1) return file_.read(name, box, out);
    std::vector<T> stored(frames.count * points * C);
    file_.read(name, box, stored.data());
    for (int64_t t = 0; t < frames.count; ++t)
      for (int64_t p = 0; p < points; ++p)
        for (int64_t c = 0; c < C; ++c) out[(t * C + c) * points + p] = stored[(t * points + p) * C + c];
  }

  static std::string data_of(const std::string& group) { return group + "/data"; }
  static std::string grid_of(const std::string& group, const std::string& axis) {
    return group + "/grid/" + axis;
  }
  [[noreturn]] void fail(const std::string& object, const std::string& why) const {
    throw DataError(fmt::format("{}: '{}': {}", path_, object, why));
  }

  // The shape of a group's data, [t, *grid, c] or [t, *grid].
  hdf5::Shape data_shape(const std::string& group) const {
    const std::string name = data_of(group);
    if (const auto why = file_.why_absent(name); !why.empty()) fail(name, why);
    if (!file_.has(name))
      fail(group,
           "holds no 'data'; expected a trajectory [t, *grid, c] with its coordinates in 'grid', as in "
           "the other groups");
    if (!file_.is_dataset(name)) fail(name, "got a group, expected a dataset [t, *grid, c]");
    if (!file_.is_numeric(name)) fail(name, "got values that are not numbers, expected float32");
    return file_.shape(name);
  }

  // Shape and grid, which all others must share.
  void read_first() {
    const std::string& first = groups_.front();
    shape_ = data_shape(first);
    const auto shown = fmt::format("[{}]", fmt::join(shape_, ", "));
    std::vector<std::string> axes;
    for (const std::string axis : {"x", "y", "z"})
      if (file_.has(grid_of(first, axis))) axes.push_back(axis);
    if (axes.empty()) fail(first + "/grid", "holds no coordinates; expected x, or x and y, and t");
    const auto meaning = fmt::format("[t, {}, c]", fmt::join(axes, ", "));
    has_channels_ = shape_.size() == axes.size() + 2;
    if (!has_channels_ && shape_.size() != axes.size() + 1)
      fail(data_of(first), fmt::format("got {} axes (shape {}), expected {} as '{}/grid' has {}",
                                       shape_.size(), shown, meaning, first, fmt::join(axes, ", ")));
    const int64_t n_t = coordinate_length(file_, grid_of(first, "t"));
    if (n_t != shape_[0])
      fail(data_of(first), fmt::format("got {} = {}, expected {} snapshots as '{}' has times", meaning, shown,
                                       n_t, grid_of(first, "t")));
    if (n_t < 2) fail(data_of(first), fmt::format("got {} snapshots, expected at least 2", n_t));
    for (size_t i = 0; i < axes.size(); ++i) {
      const auto name = grid_of(first, axes[i]);
      const int64_t n = coordinate_length(file_, name);
      if (n != shape_[i + 1])
        fail(data_of(first),
             fmt::format("got {} = {}, but '{}' has {} points where the data have {}; are its axes swapped?",
                         meaning, shown, name, n, shape_[i + 1]));
    }
    for (const auto& axis : axes) {
      const auto name = grid_of(first, axis);
      points_.push_back(read_coordinates(file_, name, coordinate_length(file_, name)));
      add_axis(facts_.grid, axis, points_.back());
    }
    facts_.grid.channels = has_channels_ ? shape_.back() : 1;
    if (facts_.grid.channels < 1) fail(data_of(first), "got no channel in shape " + shown);
  }

  // Checks that every group has the shape and the grid of the first, and reads its times, [N, T].
  void read_all_times(TrajectorySet& set) const {
    const std::string& first = groups_.front();
    const int64_t T = shape_[0];
    double largest = 0, sum = 0;
    std::vector<double> means;
    for (const auto& group : groups_) {
      if (group != first) check_like_first(group);
      const auto name = grid_of(group, "t");
      if (const int64_t n = coordinate_length(file_, name); n != T)
        fail(name, fmt::format("got {} times, expected {} as '{}' has snapshots", n, T, data_of(group)));
      const auto times = read_times(file_, name, T);
      const auto spacing = spacing_of(times, 1, fmt::format("{}: '{}'", path_, name), stored_as(file_, name));
      set.equal_times = set.equal_times && spacing.equal;
      means.push_back(spacing.mean), sum += spacing.mean;
      for (const double time : times) largest = std::max(largest, std::abs(time));
      set.times.insert(set.times.end(), times.begin(), times.end());
    }
    const double tolerance = spacing_tolerance(largest, means[0], stored_as(file_, grid_of(first, "t")));
    for (const double mean : means)
      set.equal_times = set.equal_times && std::abs(mean - means[0]) * static_cast<double>(T - 1) <=
                                               tolerance * static_cast<double>(T);
    set.dt = set.equal_times ? means[0] : sum / static_cast<double>(means.size());
  }

  void check_like_first(const std::string& group) const {
    const std::string& first = groups_.front();
    const auto shape = data_shape(group);
    if (shape != shape_)
      fail(data_of(group), fmt::format("got shape [{}], expected [{}] as '{}'", fmt::join(shape, ", "),
                                       fmt::join(shape_, ", "), data_of(first)));
    for (size_t i = 0; i < facts_.grid.axes.size(); ++i) {
      const auto name = grid_of(group, facts_.grid.axes[i]), like = grid_of(first, facts_.grid.axes[i]);
      const auto& expected = points_[i];
      const auto n = static_cast<int64_t>(expected.size());
      if (const int64_t got = coordinate_length(file_, name); got != n)
        fail(name, fmt::format("got {} points, expected {} as '{}'", got, n, like));
      const auto points = file_.read<double>(name);
      double largest = 0;
      for (const double point : expected) largest = std::max(largest, std::abs(point));
      const double spacing = (expected.back() - expected.front()) / static_cast<double>(n - 1);
      const double tolerance = spacing_tolerance(largest, spacing, stored_as(file_, name));
      for (int64_t at = 0; at < n; ++at)
        if (!(std::abs(points[at] - expected[at]) <= tolerance))
          fail(name, fmt::format("point {}: got {:.9g}, expected {:.9g} as '{}': one grid for all groups", at,
                                 points[at], expected[at], like));
    }
  }

  // PDEBench does not store boundaries, and none of its cases of this layout is periodic.
  void read_config() {
    std::string config;
    try {
      config = file_.text(groups_.front(), "config").value_or("");
    } catch (const DataError&) {
      facts_.notes.push_back("attribute 'config' is no text and is left out");
    }
    facts_.case_name = yaml_value(config, "case");
    if (const std::string offset = yaml_value(config, "subtract");
        !offset.empty() && std::atof(offset.c_str()) != 0)
      facts_.notes.push_back(fmt::format(
          "holds the fields of its case + {0}: --subtract {0} (data.subtract) gives them back", offset));
    const std::string words = yaml_value(config, "boundary");
    facts_.assumed_boundaries.assign(facts_.grid.axes.size(), words.empty());
    facts_.grid.boundary =
        parse_boundaries(words.empty() ? "open" : words, facts_.grid.axes.size(),
                         fmt::format("{}: 'boundary' in '{}@config'", path_, groups_.front()));
    std::istringstream lines(config);
    for (std::string line; std::getline(lines, line);) facts_.attributes.push_back("config: " + line);
  }

  hdf5::File file_;
  std::vector<std::string> groups_;
  hdf5::Shape shape_;  // of every data
  bool has_channels_ = false;
  std::vector<std::vector<double>> points_;  // of each axis
};

}  // namespace

bool has_seed_groups(const FileProbe& probe) {
  const hdf5::File* file = probe.hdf5();
  if (!file) return false;
  for (const auto& name : file->names())
    if (file->has(name + "/data") && file->is_group(name)) return true;
  return false;
}

std::unique_ptr<FieldSource> open_seed_groups(FileProbe probe) {
  return std::make_unique<SeedGroups>(probe.take_hdf5());
}

}  // namespace msde
