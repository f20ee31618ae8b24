#include "msde/field/formats/cf/cf_series.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"
#include "msde/field/formats/cf/cf_file.hpp"
#include "msde/field/formats/cf/cf_layout.hpp"
#include "msde/field/formats/cf/cf_times.hpp"
#include "msde/field/formats/coordinates.hpp"
#include "msde/field/formats/strided_copy.hpp"
#include "msde/grid/boundary_words.hpp"

namespace msde {
namespace {

bool is_longitude(const CfFile& file, const CfVariable& coordinate) {
  const auto units = file.text(coordinate.name, "units").value_or("");
  return file.text(coordinate.name, "standard_name").value_or("") == "longitude" || units == "degrees_east" ||
         units == "degree_east" || units == "degrees_E" || units == "degreesE" || units == "degree_E";
}

// Where the values of one channel stand in its variable.
struct Stored1 {
  std::string variable;
  int64_t component = 0;
};

class CfSeries : public FieldSource {
 public:
  CfSeries(std::unique_ptr<CfFile> opened, const FileProbe& probe)
      : FieldSource(opened->path()), file_(std::move(opened)), layout_(cf_layout(*file_, probe.variables())) {
    facts_.format = "NetCDF";
    facts_.case_name = file_->text("", "case").value_or("");
    facts_.noise_std = file_->number("", "noise_std");
    if (const auto seed = file_->number("", "seed")) facts_.seed = static_cast<int64_t>(*seed);
    if (const auto noise = facts_.noise_std; noise && (!(*noise >= 0) || !std::isfinite(*noise)))
      fail("@noise_std", fmt::format("got {}, expected a finite number of at least 0", *noise));
    read_channels();
    read_grid();
    read_boundaries();
    read_set(probe.may_be_one_snapshot());
    if (!layout_.left_out.empty())
      facts_.notes.push_back(fmt::format("left out: {}", fmt::join(layout_.left_out, ", ")));
  }

  void read(size_t set, const FrameRange& frames, float* out) const override {
    read_frames(set, frames, out, false);
  }
  void read(size_t set, const FrameRange& frames, double* out) const override {
    read_frames(set, frames, out, false);
  }
  void read_clean(size_t set, const FrameRange& frames, float* out) const override {
    read_frames(set, frames, out, true);
  }
  void read_clean(size_t set, const FrameRange& frames, double* out) const override {
    read_frames(set, frames, out, true);
  }
  std::string place(size_t set, int64_t trajectory, bool clean) const override {
    std::vector<std::string> names;
    for (const auto& name : layout_.channels) names.push_back(clean ? clean_of(name) : name);
    return fmt::format("'{}': trajectory {}", fmt::join(names, "', '"), first_of_set(set) + trajectory);
  }
  std::optional<StaticArray> on_grid(const std::string& array) const override { return static_array(array); }

 private:
  [[noreturn]] void fail(const std::string& object, const std::string& why) const {
    throw DataError(fmt::format("{}: '{}': {}", path_, printable(object), why));
  }

  const CfVariable& variable(const std::string& name) const { return *file_->find(name); }
  int64_t length_of(const std::string& dimension) const {
    if (dimension.empty()) return 1;
    const auto& v = variable(layout_.channels.front());
    return v.shape[std::find(v.dimensions.begin(), v.dimensions.end(), dimension) - v.dimensions.begin()];
  }

  void read_channels() {
    const int64_t components = length_of(layout_.component);
    for (const auto& name : layout_.channels) {
      const auto units = file_->text(name, "units").value_or("");
      for (int64_t k = 0; k < components; ++k) {
        channels_.push_back({name, k});
        facts_.channels.push_back(components > 1 ? fmt::format("{}_{}", name, k) : name);
        facts_.unit_names.channels.push_back(units);
      }
      const auto& v = variable(name);
      facts_.finer_than_float |= v.stored == Stored::float64;
      if (facts_.missing_mark.empty()) facts_.missing_mark = file_->missing_mark(name);
      file_->require_whole(v);
      if (const auto* clean = file_->find(clean_of(name)); clean && has_clean(name))
        file_->require_whole(*clean);
      if (std::find(v.shape.begin(), v.shape.end(), 0) != v.shape.end())
        fail(name, fmt::format("got shape [{}], expected at least one value along every axis",
                               fmt::join(v.shape, ", ")));
    }
    facts_.grid.channels = static_cast<int64_t>(channels_.size());
  }

  void read_grid() {
    for (const auto& dimension : layout_.grid) {
      const auto* coordinate = coordinate_of(*file_, dimension);
      const int64_t n = length_of(dimension);
      std::vector<double> points;
      bool is_reversed = false;
      if (coordinate && coordinate->is_numeric) {
        points = file_->read(*coordinate);
        is_reversed = points.front() > points.back();
        if (is_reversed) std::reverse(points.begin(), points.end());
        check_coordinates(points, fmt::format("{}: '{}'", path_, dimension), coordinate->stored);
        facts_.unit_names.axes.push_back(file_->text(coordinate->name, "units").value_or(""));
      } else {
        for (int64_t i = 0; i < n; ++i) points.push_back(static_cast<double>(i));
        facts_.unit_names.axes.push_back("");
        facts_.length_is_assumed = true;
        facts_.notes.push_back(
            fmt::format("'{}' has no coordinate: its points are counted from 0", dimension));
      }
      if (is_reversed)
        facts_.notes.push_back(
            fmt::format("'{}' decreases in the file and is read the other way round", dimension));
      add_axis(facts_.grid, dimension, points);
      is_reversed_.push_back(is_reversed);
    }
  }

  // A ring of longitudes is periodic; of other axes the conventions do not say, and open assumes least.
  void read_boundaries() {
    if (const auto words = file_->text("", "boundary")) {
      facts_.grid.boundary = parse_boundaries(*words, layout_.grid.size(), path_ + ": attribute 'boundary'");
      return;
    }
    for (size_t axis = 0; axis < layout_.grid.size(); ++axis) {
      const auto* coordinate = coordinate_of(*file_, layout_.grid[axis]);
      const double spacing = facts_.grid.spacing[axis], length = facts_.grid.length[axis];
      const bool on_sphere = coordinate && is_longitude(*file_, *coordinate);
      const bool ring = on_sphere && std::abs(length - 360) < .01 * spacing;
      facts_.grid.boundary.push_back(ring ? AxisEnds{Boundary::periodic} : AxisEnds{Boundary::open});
      facts_.assumed_boundaries.push_back(!ring);
      if (on_sphere && std::abs(length - spacing - 360) < .01 * spacing)
        facts_.notes.push_back(
            fmt::format("'{0}' ends where it begins, 360 degrees on; data.crop = \"{0}=0:{1}\" with "
                        "data.boundary leaves one of "
                        "them out",
                        layout_.grid[axis], facts_.grid.shape[axis] - 1));
    }
  }

  void read_set(bool may_be_one) {
    const int64_t N = length_of(layout_.sample) * length_of(layout_.member);
    auto times = read_cf_times(*file_, layout_, N, may_be_one);
    facts_.notes.insert(facts_.notes.end(), times.notes.begin(), times.notes.end());
    facts_.unit_names.time = times.units;
    TrajectorySet all;
    all.n_trajectories = N, all.n_snapshots = length_of(layout_.time);
    all.times = std::move(times.times), all.dt = times.dt, all.equal_times = times.equal_times;
    all.has_clean = std::all_of(layout_.channels.begin(), layout_.channels.end(),
                                [&](const auto& name) { return has_clean(name); });
    read_numbers(all.mu, all.n_mu, "parameters", false);
    read_numbers(all.forcing, all.n_f, "forcings", true);
    take_splits(all);
  }

  static std::string clean_of(const std::string& name) { return name + "_clean"; }
  bool has_clean(const std::string& name) const {
    const auto* clean = file_->find(clean_of(name));
    const auto words = " " + file_->text(name, "ancillary_variables").value_or("") + " ";
    return clean && clean->is_numeric && clean->is_over(variable(name).dimensions) &&
           words.find(" " + clean_of(name) + " ") != std::string::npos;
  }

  // Variables that a root attribute names, over samples or over samples and time, as the columns of mu or f.
  void read_numbers(std::vector<float>& values, int64_t& columns, const char* attribute, bool in_time) {
    std::istringstream words(file_->text("", attribute).value_or(""));
    std::vector<std::vector<double>> read;
    for (std::string name; words >> name;) {
      const auto* v = file_->find(name);
      std::vector<std::string> over = {layout_.sample};
      if (in_time) over.push_back(layout_.time);
      if (!v || !v->is_numeric || !v->is_over(over) || !layout_.member.empty())
        fail(name, fmt::format("is among the {} of the file, expected a variable over [{}]", attribute,
                               fmt::join(over, ", ")));
      read.push_back(file_->read(*v));
      if (!in_time) facts_.parameters.push_back(name);
      const auto left = std::find(layout_.left_out.begin(), layout_.left_out.end(), shown(*v));
      if (left != layout_.left_out.end()) layout_.left_out.erase(left);
    }
    columns = static_cast<int64_t>(read.size());
    for (size_t row = 0; columns > 0 && row < read[0].size(); ++row)
      for (const auto& column : read) values.push_back(static_cast<float>(column[row]));
  }

  // Trajectories for training, validation and test, one after the other, where the file says how many there are.
  void take_splits(const TrajectorySet& all) {
    int64_t first = 0;
    for (const char* split : {"train", "val", "test"}) {
      const auto count = file_->number("", std::string("n_") + split);
      if (!count || *count == 0) continue;
      const int64_t left = all.n_trajectories - first;
      if (!(*count >= 1) || *count > static_cast<double>(left) || *count != std::floor(*count))
        fail(std::string("@n_") + split,
             fmt::format("got {}, expected trajectories, of which {} are left", *count, left));
      const auto n = static_cast<int64_t>(*count);
      TrajectorySet set = all;
      set.split = split;
      set.n_trajectories = n;
      const auto part = [&](auto& values, int64_t width) {
        values = {values.begin() + first * width, values.begin() + (first + n) * width};
      };
      part(set.times, all.n_snapshots);
      part(set.mu, all.n_mu);
      part(set.forcing, all.n_snapshots * all.n_f);
      facts_.sets.push_back(std::move(set));
      first_.push_back(first);
      first += n;
    }
    if (facts_.sets.empty()) facts_.sets = {all}, first_ = {0};
  }

  int64_t first_of_set(size_t set) const { return first_.at(set); }

  template <class T>
  void read_frames(size_t set, const FrameRange& frames, T* out, bool clean) const {
    const int64_t trajectory = first_of_set(set) + frames.trajectory, members = length_of(layout_.member);
    const std::map<std::string, std::pair<int64_t, int64_t>> chosen = {
        {layout_.member, {trajectory % members, 1}},
        {layout_.sample, {trajectory / members, 1}},
        {layout_.time, {frames.start, frames.count}},
        {layout_.component, {0, length_of(layout_.component)}}};
    std::vector<T> stored;
    for (size_t c = 0; c < channels_.size();) {
      const auto name = clean ? clean_of(channels_[c].variable) : channels_[c].variable;
      const auto& v = variable(name);
      Slab slab{std::vector<int64_t>(v.shape.size(), 0), v.shape};
      for (size_t axis = 0; axis < v.shape.size(); ++axis)
        if (const auto found = chosen.find(v.dimensions[axis]); found != chosen.end())
          slab.start[axis] = found->second.first, slab.count[axis] = found->second.second;
      int64_t n = 1;
      for (const int64_t count : slab.count) n *= count;
      const auto stride = c_strides(slab.count);
      const auto stride_of = [&](const std::string& dimension) {
        const auto found = std::find(v.dimensions.begin(), v.dimensions.end(), dimension);
        return found == v.dimensions.end() ? int64_t{0} : stride[found - v.dimensions.begin()];
      };
      const int64_t components = length_of(layout_.component), points = facts_.grid.points();
      // As stored: nothing to reorder.
      std::vector<int64_t> along;
      int64_t first = 0;
      for (size_t axis = 0; axis < layout_.grid.size(); ++axis) {
        const int64_t step = stride_of(layout_.grid[axis]);
        if (is_reversed_[axis]) first += step * (facts_.grid.shape[axis] - 1);
        along.push_back(is_reversed_[axis] ? -step : step);
      }
      const bool as_stored = channels_.size() == 1 && along == c_strides(facts_.grid.shape) &&
                             (frames.count == 1 || stride_of(layout_.time) == points);
      if (as_stored) return file_->read(name, slab, out);
      stored.resize(static_cast<size_t>(n));
      file_->read(name, slab, stored.data());
      for (int64_t k = 0; k < components; ++k, ++c)
        for (int64_t t = 0; t < frames.count; ++t)
          copy_strided(stored.data() + first + t * stride_of(layout_.time) + k * stride_of(layout_.component),
                       facts_.grid.shape, along,
                       out + (t * facts_.grid.channels + static_cast<int64_t>(c)) * points);
    }
  }

  // Over the dimensions of the grid, in any order; others of one value may be there.
  std::optional<StaticArray> static_array(const std::string& name) const {
    const CfVariable* v = file_->find(name);
    if (!v || !v->is_numeric || !v->unreadable.empty()) return std::nullopt;
    StaticArray array = {v->shape, false, {}};
    const auto stride = c_strides(v->shape);
    std::vector<int64_t> along;
    int64_t first = 0, values = 1;
    for (const int64_t n : v->shape) values *= n;
    for (size_t axis = 0; axis < layout_.grid.size(); ++axis) {
      const auto found = std::find(v->dimensions.begin(), v->dimensions.end(), layout_.grid[axis]);
      if (found == v->dimensions.end()) return array;
      const int64_t step = stride[static_cast<size_t>(found - v->dimensions.begin())];
      if (is_reversed_[axis]) first += step * (facts_.grid.shape[axis] - 1);
      along.push_back(is_reversed_[axis] ? -step : step);
    }
    array.fit = values == facts_.grid.points();
    if (!array.fit) return array;
    file_->require_whole(*v);
    const auto stored = file_->read(*v);
    array.values.resize(stored.size());
    copy_strided(stored.data() + first, facts_.grid.shape, along, array.values.data());
    return array;
  }

  std::unique_ptr<CfFile> file_;
  CfLayout layout_;
  std::vector<Stored1> channels_;
  std::vector<bool> is_reversed_;  // of each axis of the grid
  std::vector<int64_t> first_;     // trajectory of each set
};

}  // namespace

bool is_netcdf(const FileProbe& probe) {
  if (is_netcdf3(probe)) return true;
  if (!is_netcdf4(probe)) return false;
  const hdf5::File& file = *probe.hdf5();
  // Fields x with times t as msde has them, whichever library wrote them.
  return !(file.is_dataset("x") && file.is_dataset("t") && file.shape("x").size() > 2);
}

std::unique_ptr<FieldSource> open_netcdf(FileProbe probe) {
  auto file = open_cf_file(FileProbe(probe.path()));
  // A forecast of msde: mean, std and members are there beside it, but no channels.
  const bool is_forecast = file->find("point") && file->text("", "forecaster");
  if (is_forecast && probe.variables().empty())
    return std::make_unique<CfSeries>(std::move(file),
                                      FileProbe(probe.path(), {{"point"}, probe.may_be_one_snapshot()}));
  return std::make_unique<CfSeries>(std::move(file), probe);
}

}  // namespace msde
