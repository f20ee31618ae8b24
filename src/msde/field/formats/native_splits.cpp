#include "msde/field/formats/native_splits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "msde/core/error.hpp"
#include "msde/field/formats/hdf5_arrays.hpp"
#include "msde/field/formats/npz_arrays.hpp"
#include "msde/field/split_layout.hpp"
#include "msde/field/time_axis.hpp"

namespace msde {
namespace {

// The splits of one file must describe the same field.
void check_agreement(const std::string& path, const std::string& a, const SplitLayout& first,
                     const std::string& b, const SplitLayout& other) {
  const auto require = [&](bool holds, const std::string& dataset, const std::string& got,
                           const std::string& expected) {
    if (!holds) {
      throw DataError(fmt::format("{}: '{}_{}': got {}, expected {} as in '{}_{}'", path, b, dataset, got,
                                  expected, a, dataset));
    }
  };
  const auto show = [](const auto& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); };
  const auto here = first.snapshot_shape(), there = other.snapshot_shape();
  require(here == there, "x", "snapshots [C, *grid] = " + show(there), show(here));
  require(first.n_mu == other.n_mu, "mu", fmt::format("{} parameters", other.n_mu),
          std::to_string(first.n_mu));
  require(first.n_f == other.n_f, "f", fmt::format("{} forcings", other.n_f), std::to_string(first.n_f));
  double largest = 0;
  for (const auto* times : {&first.times, &other.times})
    for (const double time : *times) largest = std::max(largest, std::abs(time));
  const auto stored = std::min(first.stored_times, other.stored_times);  // the coarser of both
  if (!first.equal_times || !other.equal_times) return;
  require(std::abs(first.dt - other.dt) <= spacing_tolerance(largest, first.dt, stored), "t",
          fmt::format("a spacing of {:.9g}", other.dt), fmt::format("{:.9g}", first.dt));
}

class NativeSplits : public FieldSource {
 public:
  NativeSplits(std::unique_ptr<StoredArrays> opened, const std::vector<std::string>& splits,
               bool fields_only = false)
      : FieldSource(opened->path()), arrays_(std::move(opened)) {
    facts_.format = splits.front().empty() ? "fields x with times t" : "msde dataset";
    SplitLayout first;
    for (const std::string& name : splits) {
      const auto layout = read_split_layout(*arrays_, name, fields_only);
      if (!layout) continue;
      if (facts_.sets.empty())
        first = *layout;
      else
        check_agreement(path_, facts_.sets.front().split, first, name, *layout);
      facts_.sets.push_back(set_of(name, *layout));
      axes_.push_back({layout->one_trajectory, layout->one_channel});
      facts_.finer_than_float |= arrays_->stored_as(dataset_of(name, "x")) == Stored::float64;
      if (facts_.missing_mark.empty()) facts_.missing_mark = arrays_->missing_mark(dataset_of(name, "x"));
    }
    if (facts_.sets.empty())
      throw DataError(path_ +
                      ": no dataset 'train_x', 'val_x' or 'test_x'; expected {train,val,test}_{x,t,mu,f}");
    const auto attributes = arrays_->attributes();
    facts_.grid = make_grid(first.snapshot_shape(), attributes, path_);
    facts_.case_name = attributes.case_name;
    facts_.noise_std = attributes.noise_std;
    facts_.seed = attributes.seed;
    facts_.assumed_boundaries.assign(facts_.grid.axes.size(), attributes.boundary.empty());
    facts_.length_is_assumed = attributes.length.empty() && attributes.spacing.empty();
    facts_.channels = names_of("channels", attributes.channels, facts_.grid.channels);
    constexpr int64_t kManyChannels = 4;
    if (first.one_trajectory && attributes.channels.empty() && attributes.axes.empty() &&
        facts_.grid.channels > kManyChannels)
      facts_.notes.push_back(fmt::format("x is read as {} channels; fields of one channel are [T, 1, *grid]",
                                         facts_.grid.channels));
    facts_.parameters = names_of("parameters", attributes.parameters, first.n_mu);
  }

  void read(size_t set, const FrameRange& frames, float* out) const override { noisy(set, frames, out); }
  void read(size_t set, const FrameRange& frames, double* out) const override { noisy(set, frames, out); }
  void read_clean(size_t set, const FrameRange& frames, float* out) const override {
    clean(set, frames, out);
  }
  void read_clean(size_t set, const FrameRange& frames, double* out) const override {
    clean(set, frames, out);
  }
  std::string place(size_t set, int64_t trajectory, bool clean) const override {
    return fmt::format("'{}': trajectory {}", dataset_of(facts_.sets.at(set).split, clean ? "x_clean" : "x"),
                       trajectory);
  }

 private:
  TrajectorySet set_of(const std::string& name, const SplitLayout& layout) const {
    const int64_t N = layout.x[0], T = layout.x[1];
    TrajectorySet set;
    set.split = name;
    set.n_trajectories = N, set.n_snapshots = T;
    set.dt = layout.dt, set.equal_times = layout.equal_times;
    set.has_clean = layout.has_clean;
    set.times = layout.times;
    set.n_mu = layout.n_mu, set.n_f = layout.n_f;
    if (layout.n_mu > 0) set.mu = whole(dataset_of(name, "mu"));
    if (layout.n_f > 0) set.forcing = whole(dataset_of(name, "f"));
    return set;
  }

  std::vector<float> whole(const std::string& name) const {
    const auto shape = arrays_->shape(name);
    std::vector<float> values(
        static_cast<size_t>(std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>())));
    arrays_->read(name, {std::vector<int64_t>(shape.size(), 0), shape}, values.data());
    return values;
  }

  std::vector<std::string> names_of(const std::string& attribute, const std::vector<std::string>& names,
                                    int64_t expected) const {
    if (names.empty() || static_cast<int64_t>(names.size()) == expected) return names;
    throw DataError(fmt::format("{}: attribute '{}': got {} names, expected {}", path_, attribute,
                                names.size(), expected));
  }

  template <class T>
  void noisy(size_t set, const FrameRange& frames, T* out) const {
    read_part(set, "x", frames, out);
  }
  template <class T>
  void clean(size_t set, const FrameRange& frames, T* out) const {
    const auto& split = facts_.sets.at(set);
    if (!split.has_clean)
      throw DataError(fmt::format("{}: '{}' is missing", path_, dataset_of(split.split, "x_clean")));
    read_part(set, "x_clean", frames, out);
  }
  template <class T>
  void read_part(size_t set, const std::string& part, const FrameRange& frames, T* out) const {
    const auto& stored = axes_.at(set);
    ArrayBox box;
    const auto add = [&](int64_t start, int64_t count) {
      box.start.push_back(start), box.count.push_back(count);
    };
    if (!stored.one_trajectory) add(frames.trajectory, 1);
    add(frames.start, frames.count);
    if (!stored.one_channel) add(0, facts_.grid.channels);
    for (const int64_t points : facts_.grid.shape) add(0, points);
    arrays_->read(dataset_of(facts_.sets.at(set).split, part), box, out);
  }

  struct StoredAxes {
    bool one_trajectory = false, one_channel = false;  // these have no axis
  };
  std::unique_ptr<StoredArrays> arrays_;
  std::vector<StoredAxes> axes_;  // of each set
};

}  // namespace

bool has_native_splits(const FileProbe& probe) {
  const auto has_part = [](const auto& file) {
    for (const std::string split : {"train", "val", "test"})
      for (const std::string part : {"_x", "_t", "_mu", "_f", "_x_clean"})
        if (file.has(split + part)) return true;
    return false;
  };
  if (is_npz(probe)) return has_part(*open_npz_arrays(FileProbe(probe.path())));
  return probe.hdf5() && has_part(*probe.hdf5());
}

bool has_fields_with_times(const FileProbe& probe) {
  if (is_npz(probe)) {
    const auto file = open_npz_arrays(FileProbe(probe.path()));
    return file->is_array("x") && file->is_array("t") && file->shape("x").size() > 1;
  }
  const hdf5::File* file = probe.hdf5();
  return file && file->is_dataset("x") && file->is_dataset("t") && file->shape("x").size() > 1;
}

std::unique_ptr<StoredArrays> open_named_arrays(FileProbe probe) {
  return is_npz(probe) ? open_npz_arrays(std::move(probe)) : open_hdf5_arrays(std::move(probe));
}

std::unique_ptr<FieldSource> open_native_splits(FileProbe probe) {
  return std::make_unique<NativeSplits>(open_named_arrays(std::move(probe)),
                                        std::vector<std::string>{"train", "val", "test"});
}

std::unique_ptr<FieldSource> open_fields_with_times(FileProbe probe) {
  return std::make_unique<NativeSplits>(open_named_arrays(std::move(probe)), std::vector<std::string>{""});
}

std::unique_ptr<FieldSource> open_fields_with_times_alone(FileProbe probe) {
  return std::make_unique<NativeSplits>(open_named_arrays(std::move(probe)), std::vector<std::string>{""},
                                        /*fields_only=*/true);
}

}  // namespace msde
