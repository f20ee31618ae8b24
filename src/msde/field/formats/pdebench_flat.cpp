#include "msde/field/formats/pdebench_flat.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/field/formats/coordinates.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/grid/boundary_words.hpp"

namespace msde {
namespace {

// Numbers among the root attributes that are parameters of PDEBench's equations; what else stands there is not.
const std::vector<std::string> known_parameters = {"M", "Nu", "beta", "eta", "nu", "rho", "zeta"};
const std::vector<std::string> fluid_fields = {"density", "pressure", "Vx", "Vy", "Vz"};

class FlatArrays : public FieldSource {
 public:
  explicit FlatArrays(hdf5::File opened) : FieldSource(opened.path()), file_(std::move(opened)) {
    facts_.format = "PDEBench, flat arrays";
    for (const auto& name : fluid_fields)
      if (file_.has(name)) facts_.channels.push_back(name);
    if (file_.has("tensor")) {
      if (!facts_.channels.empty())
        fail("tensor", fmt::format("is beside '{}'; expected either of them", facts_.channels[0]));
      facts_.channels = {"tensor"};
    }
    check_is_series();
    read_shape();
    for (const auto& name : facts_.channels) {
      facts_.finer_than_float |= file_.is_finer_than_float(name);
      if (facts_.missing_mark.empty()) facts_.missing_mark = file_.missing_mark(name);
    }
    read_set();
    // Of this layout most cases of PDEBench are periodic.
    facts_.assumed_boundaries.assign(facts_.grid.axes.size(), true);
    facts_.grid.boundary = parse_boundaries("periodic", facts_.grid.axes.size(), path_);
  }

  void read(size_t, const FrameRange& frames, float* out) const override { read_frames(frames, out); }
  void read(size_t, const FrameRange& frames, double* out) const override { read_frames(frames, out); }
  std::string place(size_t, int64_t trajectory, bool) const override {
    return fmt::format("'{}': trajectory {}", fmt::join(facts_.channels, "', '"), trajectory);
  }

 private:
  // Each channel is an array of its own; in `out` they lie together frame by frame.
  template <class T>
  void read_frames(const FrameRange& frames, T* out) const {
    const int64_t C = facts_.grid.channels, points = facts_.grid.points();
    std::vector<T> channel(C > 1 ? frames.count * points : 0);
    for (int64_t c = 0; c < C; ++c) {
      hdf5::Slab box{hdf5::Shape(shape_.size() + leading_, 0), shape_};
      if (leading_) box.count.insert(box.count.begin(), 1);
      box.start[leading_] = frames.trajectory, box.count[leading_] = 1;
      box.start[leading_ + 1] = frames.start, box.count[leading_ + 1] = frames.count;
      file_.read(facts_.channels[c], box, C > 1 ? channel.data() : out);
      for (int64_t t = 0; C > 1 && t < frames.count; ++t)
        std::copy_n(channel.data() + t * points, points, out + (t * C + c) * points);
    }
  }

  [[noreturn]] void fail(const std::string& object, const std::string& why) const {
    throw DataError(fmt::format("{}: '{}': {}", path_, object, why));
  }

  void check_is_series() const {
    if (file_.has("t-coordinate")) return;
    if (file_.has("nu"))
      fail("t-coordinate",
           "missing beside 'tensor' and 'nu': this is a steady problem (Darcy flow), expected a "
           "time series");
    fail("t-coordinate", "missing; expected the times of the snapshots");
  }

  // [N, T, *grid] of every channel, against the coordinates.
  void read_shape() {
    std::vector<std::string> axes;
    for (const std::string axis : {"x", "y", "z"})
      if (file_.has(axis + "-coordinate")) axes.push_back(axis);
    if (axes.empty()) fail("x-coordinate", "missing; expected the points of the first axis");
    const auto meaning = fmt::format("[N, T, {}]", fmt::join(axes, ", "));
    for (const auto& name : facts_.channels) {
      if (!file_.is_dataset(name)) fail(name, "got a group, expected a dataset " + meaning);
      if (!file_.is_numeric(name)) fail(name, "got values that are not numbers, expected float32");
      auto shape = file_.shape(name);
      const auto shown = fmt::format("[{}]", fmt::join(shape, ", "));
      const bool leading = shape.size() == axes.size() + 3 && shape[0] == 1;
      if (leading) shape.erase(shape.begin());
      if (shape.size() != axes.size() + 2)
        fail(name, fmt::format("got shape {}, expected {} as there are coordinates of {}", shown, meaning,
                               fmt::join(axes, ", ")));
      if (shape_.empty()) shape_ = shape, leading_ = leading;
      if (shape != shape_ || leading != leading_)
        fail(name, fmt::format("got shape {}, expected [{}] as '{}'", shown, fmt::join(shape_, ", "),
                               facts_.channels[0]));
      if (leading)
        facts_.notes.push_back(fmt::format("'{}' has shape {}; its first axis is left out", name, shown));
      if (shape[0] < 1) fail(name, fmt::format("got shape {}, expected at least one trajectory", shown));
      if (shape[1] < 2)
        fail(name, fmt::format("got {} = {}: {} snapshots, expected a time series of at least 2", meaning,
                               shown, shape[1]));
    }
    for (size_t i = 0; i < axes.size(); ++i) {
      const auto name = axes[i] + "-coordinate";
      if (const int64_t n = coordinate_length(file_, name); n != shape_[i + 2])
        fail(
            facts_.channels[0],
            fmt::format("got {} = [{}], but '{}' has {} points where the data have {}; are its axes swapped?",
                        meaning, fmt::join(shape_, ", "), name, n, shape_[i + 2]));
    }
    for (size_t i = 0; i < axes.size(); ++i)
      add_axis(facts_.grid, axes[i], read_coordinates(file_, axes[i] + "-coordinate", shape_[i + 2]));
    facts_.grid.channels = static_cast<int64_t>(facts_.channels.size());
  }

  void read_set() {
    const int64_t N = shape_[0], T = shape_[1];
    const int64_t n_t = coordinate_length(file_, "t-coordinate");
    if (n_t != T && n_t != T + 1)
      fail("t-coordinate", fmt::format("got {} times, expected {} (or one more) as '{}' has snapshots", n_t,
                                       T, facts_.channels[0]));
    if (n_t == T + 1)
      facts_.notes.push_back("'t-coordinate' has one time more than snapshots; it is left out");
    TrajectorySet set;
    set.n_trajectories = N, set.n_snapshots = T;
    const std::string name = "t-coordinate";
    const auto times = read_times(file_, name, T);
    const auto spacing = spacing_of(times, 1, fmt::format("{}: '{}'", path_, name), stored_as(file_, name));
    set.dt = spacing.mean, set.equal_times = spacing.equal;
    for (int64_t n = 0; n < N; ++n) set.times.insert(set.times.end(), times.begin(), times.end());
    std::vector<float> mu;
    constexpr size_t kShown = 20;
    size_t left_out = 0;
    for (const auto& name : file_.attributes("/")) {
      const bool is_known =
          std::find(known_parameters.begin(), known_parameters.end(), name) != known_parameters.end();
      if (!is_known && left_out >= kShown) {
        ++left_out;
        continue;
      }
      const auto value = file_.scalar("/", name);
      if (!value) continue;
      if (!is_known) {
        ++left_out;
        facts_.notes.push_back(
            fmt::format("attribute {} = {:g} is left out: no parameter of PDEBench", name, *value));
        continue;
      }
      if (!std::isfinite(*value))
        fail("@" + name, fmt::format("got {}, expected a finite parameter", *value));
      facts_.parameters.push_back(name);
      facts_.attributes.push_back(fmt::format("{} = {:g}", name, *value));
      mu.push_back(static_cast<float>(*value));
    }
    if (left_out > kShown)
      facts_.notes.push_back(fmt::format("{} more attributes are left out", left_out - kShown));
    set.n_mu = static_cast<int64_t>(mu.size());
    for (int64_t n = 0; n < N; ++n) set.mu.insert(set.mu.end(), mu.begin(), mu.end());
    facts_.sets = {set};
  }

  hdf5::File file_;
  hdf5::Shape shape_;     // [N, T, *grid]
  bool leading_ = false;  // an axis of length 1 before it
};

}  // namespace

bool has_flat_arrays(const FileProbe& probe) {
  const hdf5::File* file = probe.hdf5();
  if (!file) return false;
  // Arrays of these names alone may be anybody's.
  if (!file->has("x-coordinate") && !file->has("t-coordinate") && !file->has("nu")) return false;
  if (file->is_dataset("tensor")) return true;
  const auto is_field = [&](const std::string& name) { return file->is_dataset(name); };
  return std::any_of(fluid_fields.begin(), fluid_fields.end(), is_field);
}

std::unique_ptr<FieldSource> open_flat_arrays(FileProbe probe) {
  return std::make_unique<FlatArrays>(probe.take_hdf5());
}

}  // namespace msde
