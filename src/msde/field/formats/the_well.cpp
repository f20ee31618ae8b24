#include "msde/field/formats/the_well.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <numeric>
#include <optional>
#include <set>

#include "msde/core/error.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/core/files/natural_order.hpp"
#include "msde/core/report/printable.hpp"
#include "msde/field/formats/coordinates.hpp"
#include "msde/field/formats/strided_copy.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    if (end > start) words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

// A field of so many components a point: D to the power of the order of its tensor.
struct WellField {
  std::string dataset;                  // "t1_fields/velocity"
  std::vector<std::string> components;  // of their names: "velocity_x", "velocity_y"
  bool of_each_sample = true;           // else the same in all
};

class TheWell : public FieldSource {
 public:
  explicit TheWell(hdf5::File opened, bool may_be_one_snapshot)
      : FieldSource(opened.path()), file_(std::move(opened)) {
    facts_.format = "The Well";
    if (const auto name = text("/", "dataset_name")) facts_.case_name = *name;
    read_grid();
    read_boundaries();
    read_times(may_be_one_snapshot);
    for (int order = 0; order <= 2; ++order) read_fields(order);
    if (fields_.empty()) fail("t0_fields", "holds no field that varies in time and along every axis");
    facts_.grid.channels = static_cast<int64_t>(facts_.channels.size());
    read_scalars();
  }

  void read(size_t, const FrameRange& frames, float* out) const override { read_frames(frames, out); }
  void read(size_t, const FrameRange& frames, double* out) const override { read_frames(frames, out); }
  std::string place(size_t, int64_t trajectory, bool) const override {
    std::vector<std::string> names;
    for (const auto& field : fields_) names.push_back(field.dataset);
    return fmt::format("'{}': trajectory {}", fmt::join(names, "', '"), trajectory);
  }

 private:
  [[noreturn]] void fail(const std::string& object, const std::string& why) const {
    throw DataError(fmt::format("{}: '{}': {}", path_, printable(object), why));
  }
  std::optional<std::string> text(const std::string& object, const std::string& attribute) const {
    const auto all = file_.attributes(object);
    if (std::find(all.begin(), all.end(), attribute) == all.end()) return std::nullopt;
    if (file_.is_empty(object, attribute)) return "";  // an empty list is one of float64
    return file_.text(object, attribute);
  }
  bool flag(const std::string& object, const std::string& attribute, bool otherwise) const {
    const auto flags = file_.flags(object, attribute);
    return flags && flags->size() == 1 ? flags->front() : otherwise;
  }
  TrajectorySet& set() { return facts_.sets.front(); }

  void read_grid() {
    constexpr size_t kMostAxes = 8;
    const auto axes = words_of(text("dimensions", "spatial_dims").value_or(""));
    const std::set<std::string> different(axes.begin(), axes.end());
    if (axes.size() > kMostAxes || different.size() != axes.size())
      fail("dimensions@spatial_dims",
           fmt::format("got {} axes, {} of them different; expected {} at most, each once", axes.size(),
                       different.size(), kMostAxes));
    for (const auto& axis : axes) {
      const auto name = "dimensions/" + axis;
      if (!file_.is_dataset(name)) fail(name, "missing; expected the points of this axis");
      if (flag(name, "sample_varying", false) || flag(name, "time_varying", false))
        fail(name, "varies from trajectory to trajectory or in time; expected one grid for all");
      add_axis(facts_.grid, axis, read_coordinates(file_, name, coordinate_length(file_, name)));
    }
    if (facts_.grid.shape.empty())
      fail("dimensions", "has no attribute 'spatial_dims', the names of the axes");
    if (const auto type = text("/", "grid_type"); type && *type != "cartesian")
      facts_.notes.push_back(printable(*type) + " coordinates are taken as they are");
  }

  // Groups of boundary_conditions, each of one type for the ends of its axes that its mask marks.
  void read_boundaries() {
    const size_t d = facts_.grid.axes.size();
    std::vector<std::optional<Boundary>> low(d), high(d);
    if (file_.is_group("boundary_conditions"))
      for (const auto& name : file_.names("boundary_conditions")) {
        const auto group = "boundary_conditions/" + name;
        if (!file_.is_group(group)) continue;
        auto type = text(group, "bc_type").value_or("");
        std::transform(type.begin(), type.end(), type.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        const auto axes = words_of(text(group, "associated_dims").value_or(""));
        const Boundary boundary = type == "PERIODIC" ? Boundary::periodic
                                  : type == "WALL"   ? Boundary::wall
                                                     : Boundary::open;
        if (axes.size() > 1 && boundary != Boundary::periodic) {
          facts_.notes.push_back(
              fmt::format("'{}' is a boundary over several axes and is left out", printable(group)));
          continue;
        }
        for (const auto& axis : axes) {
          const size_t i =
              std::find(facts_.grid.axes.begin(), facts_.grid.axes.end(), axis) - facts_.grid.axes.begin();
          if (i == d) continue;
          const auto [at_low, at_high] = marked_ends(group + "/mask", facts_.grid.shape[i]);
          if (boundary == Boundary::periodic || at_low) low[i] = boundary;
          if (boundary == Boundary::periodic || at_high) high[i] = boundary;
        }
      }
    for (size_t i = 0; i < d; ++i) {
      facts_.assumed_boundaries.push_back(!low[i] || !high[i]);
      facts_.grid.boundary.push_back({low[i].value_or(Boundary::open), high[i].value_or(Boundary::open)});
      if (facts_.grid.boundary[i].low == Boundary::periodic ||
          facts_.grid.boundary[i].high == Boundary::periodic)
        facts_.grid.boundary[i] = {Boundary::periodic, Boundary::periodic};
    }
  }

  // Both where the mask marks neither, or is not one of n points.
  std::pair<bool, bool> marked_ends(const std::string& mask, int64_t n) const {
    if (!file_.is_dataset(mask) || file_.shape(mask) != hdf5::Shape{n}) return {true, true};
    const auto marked = file_.read_flags(mask);
    if (marked.empty() || (!marked.front() && !marked.back())) return {true, true};
    return {marked.front(), marked.back()};
  }

  void read_times(bool may_be_one) {
    const auto samples = file_.number("/", "n_trajectories");
    constexpr double kMost = 1e9;
    if (!samples || !(*samples >= 1) || *samples > kMost || *samples != std::floor(*samples))
      fail("@n_trajectories", "expected how many trajectories the file has");
    facts_.sets.emplace_back();
    set().n_trajectories = static_cast<int64_t>(*samples);
    const std::string name = "dimensions/time";
    if (!file_.is_dataset(name)) fail(name, "missing; expected the times of the snapshots");
    const auto shape = file_.shape(name);
    const int64_t N = set().n_trajectories;
    const bool of_each = shape.size() == 2;
    if (shape.empty() || shape.size() > 2 || (of_each && shape[0] != N))
      fail(name, fmt::format("got shape [{}], expected [T] or [{}, T]", fmt::join(shape, ", "), N));
    set().n_snapshots = shape.back();
    if (set().n_snapshots < 1) fail(name, "holds no times");
    if (set().n_snapshots < 2 && !may_be_one) fail(name, "got 1 snapshot, expected at least 2");
    constexpr int64_t kMostSnapshots = int64_t{1} << 24;
    if (set().n_snapshots > kMostSnapshots / N)
      fail(name, fmt::format("got {} snapshots of {} trajectories, expected {} at most", set().n_snapshots, N,
                             kMostSnapshots));
    const auto times = file_.read<double>(name);
    for (int64_t n = 0; n < (of_each ? 1 : N); ++n)
      set().times.insert(set().times.end(), times.begin(), times.end());
    if (set().n_snapshots < 2) return;
    const auto spacing = spacing_of(set().times, N, path_ + ": '" + name + "'", stored_as(file_, name));
    set().dt = spacing.mean, set().equal_times = spacing.equal;
  }

  // Names of the components of a tensor: "", then "x", "y", then "xx", "xy", "yx", "yy".
  std::vector<std::string> component_names(const std::string& field, int order) const {
    std::vector<std::string> names = {""};
    for (int i = 0; i < order; ++i) {
      std::vector<std::string> longer;
      for (const auto& name : names)
        for (const auto& axis : facts_.grid.axes) longer.push_back(name + axis);
      names = longer;
    }
    for (auto& name : names) name = name.empty() ? field : field + "_" + name;
    return names;
  }

  void read_fields(int order) {
    const auto group = fmt::format("t{}_fields", order);
    if (!file_.is_group(group)) return;
    auto names = words_of(text(group, "field_names").value_or(""));
    if (names.empty()) names = file_.names(group);
    for (const auto& name : names) {
      const auto dataset = group + "/" + name;
      if (!file_.is_dataset(dataset)) fail(dataset, "missing; 'field_names' of its group names it");
      if (!file_.is_numeric(dataset)) fail(dataset, "got values that are not numbers, expected float32");
      const auto varies = file_.flags(dataset, "dim_varying");
      const bool everywhere =
          !varies || std::all_of(varies->begin(), varies->end(), [](bool v) { return v; });
      if (!flag(dataset, "time_varying", true) || !everywhere) {
        facts_.notes.push_back(fmt::format("left out: {}, which is the same {}", printable(dataset),
                                           everywhere ? "at all times" : "along an axis"));
        continue;
      }
      WellField field = {dataset, component_names(name, order), flag(dataset, "sample_varying", true)};
      require_shape(field, order);
      facts_.channels.insert(facts_.channels.end(), field.components.begin(), field.components.end());
      facts_.finer_than_float |= file_.is_finer_than_float(dataset);
      if (facts_.missing_mark.empty()) facts_.missing_mark = file_.missing_mark(dataset);
      fields_.push_back(std::move(field));
    }
  }

  // [B if sample_varying][T][each axis][D, .. D].
  hdf5::Shape shape_of(const WellField& field) const {
    hdf5::Shape shape;
    if (field.of_each_sample) shape.push_back(facts_.sets.front().n_trajectories);
    shape.push_back(facts_.sets.front().n_snapshots);
    shape.insert(shape.end(), facts_.grid.shape.begin(), facts_.grid.shape.end());
    return shape;
  }
  void require_shape(const WellField& field, int order) const {
    auto expected = shape_of(field);
    expected.insert(expected.end(), static_cast<size_t>(order), facts_.grid.dimensions());
    if (const auto got = file_.shape(field.dataset); got != expected)
      fail(field.dataset, fmt::format("got shape [{}], expected [{}] as its attributes say",
                                      fmt::join(got, ", "), fmt::join(expected, ", ")));
  }

  // Scalars that are parameters of the simulation: mu; those that vary in time: f.
  void read_scalars() {
    const int64_t N = set().n_trajectories, T = set().n_snapshots;
    std::vector<std::vector<double>> mu, forcing;
    constexpr size_t kMostParameters = 4096;
    const auto parameters = words_of(text("/", "simulation_parameters").value_or(""));
    if (parameters.size() > kMostParameters ||
        static_cast<int64_t>(parameters.size()) > (int64_t{1} << 26) / (N * T))
      fail("@simulation_parameters",
           fmt::format("got {} parameters of {} trajectories, more than msde takes", parameters.size(), N));
    for (const auto& name : parameters) {
      const auto dataset = "scalars/" + name;
      std::vector<double> values;
      if (file_.is_dataset(dataset) && file_.is_numeric(dataset)) {
        const bool of_each = flag(dataset, "sample_varying", false),
                   in_time = flag(dataset, "time_varying", false);
        hdf5::Shape expected;
        if (of_each) expected.push_back(N);
        if (in_time) expected.push_back(T);
        if (file_.shape(dataset) != expected)
          fail(dataset, fmt::format("got shape [{}], expected [{}] as its attributes say",
                                    fmt::join(file_.shape(dataset), ", "), fmt::join(expected, ", ")));
        const auto stored = file_.read<double>(dataset);
        for (int64_t n = 0; n < (of_each ? 1 : N); ++n)
          values.insert(values.end(), stored.begin(), stored.end());
        if (in_time) {
          forcing.push_back(std::move(values));
          continue;
        }
      } else if (const auto number = file_.scalar("/", name)) {
        values.assign(static_cast<size_t>(N), *number);
      } else {
        facts_.notes.push_back("left out: parameter " + printable(name) + ", which has no number");
        continue;
      }
      facts_.parameters.push_back(name);
      mu.push_back(std::move(values));
    }
    set().n_mu = static_cast<int64_t>(mu.size()), set().n_f = static_cast<int64_t>(forcing.size());
    const auto interleave = [](const std::vector<std::vector<double>>& columns, std::vector<float>& out) {
      for (size_t row = 0; !columns.empty() && row < columns[0].size(); ++row)
        for (const auto& column : columns) out.push_back(static_cast<float>(column[row]));
    };
    interleave(mu, set().mu);
    interleave(forcing, set().forcing);
  }

  template <class T>
  void read_frames(const FrameRange& frames, T* out) const {
    const int64_t points = facts_.grid.points(), C = facts_.grid.channels;
    int64_t c = 0;
    for (const auto& field : fields_) {
      const auto components = static_cast<int64_t>(field.components.size());
      hdf5::Slab slab;
      const auto add = [&](int64_t start, int64_t count) {
        slab.start.push_back(start), slab.count.push_back(count);
      };
      if (field.of_each_sample) add(frames.trajectory, 1);
      add(frames.start, frames.count);
      for (const int64_t n : facts_.grid.shape) add(0, n);
      for (size_t axis = slab.count.size(); axis < file_.shape(field.dataset).size(); ++axis)
        add(0, facts_.grid.dimensions());
      if (C == 1) return file_.read(field.dataset, slab, out);
      std::vector<T> stored(static_cast<size_t>(frames.count * points * components));
      file_.read(field.dataset, slab, stored.data());
      for (int64_t k = 0; k < components; ++k, ++c)
        for (int64_t t = 0; t < frames.count; ++t)
          copy_strided(stored.data() + t * points * components + k, {points}, {components},
                       out + (t * C + c) * points);
    }
  }

  hdf5::File file_;
  std::vector<WellField> fields_;
};

}  // namespace

bool is_of_the_well(const FileProbe& probe) {
  if (probe.is_folder()) return !files_of_the_well(probe.path()).empty();
  const hdf5::File* file = probe.hdf5();
  return file && file->is_group("dimensions") && file->is_group("t0_fields");
}

std::unique_ptr<FieldSource> open_of_the_well(FileProbe probe) {
  if (probe.is_folder())
    return open_joined(probe.path(), files_of_the_well(probe.path()), {probe.variables(), false});
  const bool may_be_one = probe.may_be_one_snapshot();
  return std::make_unique<TheWell>(probe.take_hdf5(), may_be_one);
}

std::vector<FilesOfSplit> files_of_the_well(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {};
  const fs::path root =
      fs::is_directory(fs::path(path) / "data", ignored) ? fs::path(path) / "data" : fs::path(path);
  std::vector<FilesOfSplit> splits;
  for (const auto& [split, folder] : {std::pair{"train", "train"}, {"val", "valid"}, {"test", "test"}}) {
    FilesOfSplit files = {split, {}};
    for (const auto& entry : fs::directory_iterator(root / folder, ignored)) {
      const auto ending = entry.path().extension().string();
      if (entry.is_regular_file(ignored) && (ending == ".h5" || ending == ".hdf5"))
        files.files.push_back(entry.path());
    }
    std::sort(files.files.begin(), files.files.end(),
              [](const auto& a, const auto& b) { return in_natural_order(a, b); });
    if (!files.files.empty()) splits.push_back(std::move(files));
  }
  return splits;
}

}  // namespace msde
