#include "msde/field/field_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/core/files/npy.hpp"
#include "msde/field/dataset_attributes.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/field/split_layout.hpp"
#include "msde/tensor/checks.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;
using Shape = std::vector<int64_t>;

std::string text(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

// The splits of the dataset layout that the file has, among those that msde writes and the one asked for.
std::vector<std::string> splits_of(const hdf5::File& file, const std::string& asked) {
  std::vector<std::string> found;
  for (const std::string split : {"train", "val", "test"})
    if (file.has(split + "_x")) found.push_back(split);
  if (found.empty() && file.has(asked + "_x")) found.push_back(asked);
  return found;
}

std::string array_name(const hdf5::File& file) {
  if (file.is_dataset("x")) return "x";
  std::vector<std::string> datasets;
  for (const auto& name : file.names())
    if (file.is_dataset(name) && name != "t") datasets.push_back(name);
  if (datasets.size() == 1) return datasets[0];
  throw DataError(
      fmt::format("{}: got the datasets [{}], expected a dataset file ({{split}}_x), a forecast (point), "
                  "a dataset x or a single one",
                  file.path(), fmt::join(datasets, ", ")));
}

}  // namespace

struct FieldFile::Contents {
  std::string path, kind;
  std::optional<hdf5::File> h5;
  std::optional<NpyFile> npy;
  std::unique_ptr<FieldSource> source;  // of a file without splits, in place of h5
  // Names of datasets, "" = absent. `point` is empty for an array of members.
  std::string point, clean, mean, deviation, ensemble;
  Shape shape;
  int64_t members = 0;
  std::optional<bool> observation_noise;
  Tensor times;
  std::vector<double> length;

  Shape shape_of(const std::string& name) const {
    if (npy) return npy->shape();
    if (!h5->is_numeric(name))
      throw DataError(fmt::format("{}: '{}': got values that are not numbers", path, name));
    return h5->shape(name);
  }

  Tensor read(const std::string& name, const FrameRange& frames) const {
    if (name.empty()) throw DataError(path + ": asked for fields that the file does not have");
    if (source) return read_source(frames);
    const bool leading = name == ensemble;
    const Shape full = shape_of(name);
    hdf5::Slab slab{Shape(full.size(), 0), full};
    slab.start[leading] = frames.trajectory, slab.count[leading] = 1;
    slab.start[leading + 1] = frames.start, slab.count[leading + 1] = frames.count;
    const auto values = npy ? read_npy_slab(slab) : read_tensor(*h5, name, slab, torch::kDouble);
    const auto what = fmt::format("{}: {}, trajectory {}, frames from {}", path,
                                  npy ? "array" : "'" + name + "'", frames.trajectory, frames.start);
    check_finite<DataError>(what, values);
    return values;
  }

  Tensor read_source(const FrameRange& frames) const {
    const Grid& grid = source->facts().grid;
    Shape sizes = {1, frames.count, grid.channels};
    sizes.insert(sizes.end(), grid.shape.begin(), grid.shape.end());
    auto stored = torch::empty(sizes);
    source->read(0, frames, stored.data_ptr<float>());
    const auto values = stored.to(torch::kDouble);
    check_finite<DataError>(
        fmt::format("{}: {}, frames from {}", path, source->place(0, frames.trajectory, false), frames.start),
        values);
    return values;
  }

  // The frames of one trajectory lie together, member by member.
  Tensor read_npy_slab(const hdf5::Slab& slab) const {
    const bool leading = slab.count.size() > shape.size();
    const auto values = torch::empty(slab.count, torch::kDouble);
    int64_t frame = 1;
    for (size_t axis = 2; axis < shape.size(); ++axis) frame *= shape[axis];
    const int64_t count = slab.count[leading + 1] * frame;
    for (int64_t m = 0; m < (leading ? members : 1); ++m) {
      const auto part = npy->read(
          ((m * shape[0] + slab.start[leading]) * shape[1] + slab.start[leading + 1]) * frame, count);
      std::copy(part.begin(), part.end(), values.data_ptr<double>() + m * count);
    }
    return values;
  }

  void set_shape(const std::string& name, size_t axes) {
    shape = shape_of(name);
    const bool leading = axes > 0 && shape.size() == axes + 1;
    if (leading) {
      ensemble = name, members = shape[0];
      shape.erase(shape.begin());
    } else {
      point = name;
    }
    if (shape.size() < 4 || std::any_of(shape.begin(), shape.end(), [](int64_t n) { return n < 1; }) ||
        (leading && members < 1))
      throw DataError(
          fmt::format("{}: {}: got shape {}, expected [N, T, C, *grid] with values along every axis", path,
                      npy ? "array" : "'" + name + "'", text(shape_of(name))));
  }

  // `name` if it is there, after checking that it has the shape of the fields, members first if asked.
  std::string companion(const std::string& name, bool leading = false) const {
    if (!h5->is_dataset(name)) return "";
    Shape got = shape_of(name), rest = got;
    if (leading && !rest.empty()) rest.erase(rest.begin());
    if (rest != shape)
      throw DataError(fmt::format("{}: '{}': got shape {}, expected {}{} as of '{}'", path, name, text(got),
                                  leading ? "members before " : "", text(shape), point));
    return name;
  }

  void open_forecast() {
    kind = "forecast";
    set_shape("point", 0);
    mean = companion("mean"), deviation = companion("std"), ensemble = companion("members", true);
    if (!ensemble.empty()) members = shape_of(ensemble)[0];
    if (const auto noise = h5->number("/", "observation_noise")) observation_noise = *noise != 0;
  }

  void open_dataset(const std::string& split) {
    kind = "dataset";
    const auto layout = read_split_layout(*h5, split);
    if (!layout)
      throw DataError(fmt::format("{}: no split '{}' ('{}_x' is missing); the file has: {}", path, split,
                                  split, fmt::join(splits_of(*h5, split), ", ")));
    set_shape(split + "_x", 0);
    if (layout->has_clean) clean = split + "_x_clean";
    times = torch::tensor(layout->times, torch::kDouble).view({shape[0], shape[1]});
  }

  void open_source(std::unique_ptr<FieldSource> opened) {
    kind = "dataset";
    source = std::move(opened);
    const auto& set = source->facts().sets[0];
    const Grid& grid = source->facts().grid;
    shape = {set.n_trajectories, set.n_snapshots, grid.channels};
    shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
    point = "fields";
    times = torch::tensor(set.times, torch::kDouble).view({shape[0], shape[1]});
    length = grid.length;
  }

  // t [T] or [N, T] beside the fields of a forecast or an array.
  void read_times() {
    if (times.defined() || !h5->is_dataset("t") || !h5->is_numeric("t")) return;
    const Shape got = h5->shape("t");
    if (got != Shape{shape[1]} && got != Shape{shape[0], shape[1]})
      throw DataError(fmt::format("{}: 't': got shape {}, expected [{}] or [{}, {}]", path, text(got),
                                  shape[1], shape[0], shape[1]));
    times = read_tensor(*h5, "t", torch::kDouble).expand({shape[0], shape[1]});
    if (kind == "forecast" && h5->is_dataset("start") && h5->shape("start") == Shape{shape[0]}) {
      const auto start =
          read_tensor(*h5, "start", torch::kDouble);  // each trajectory's own; t is that of the first
      times = times - times[0][0] + start.unsqueeze(1);
    }
    check_finite<DataError>(path + ": 't'", times);
  }

  void read_metadata() {
    read_times();
    const auto attributes = read_dataset_attributes(*h5);
    if (!attributes.length.empty())
      length = make_grid({shape.begin() + 2, shape.end()}, attributes, path).length;
  }
};

FieldFile FieldFile::open(const std::string& path, const std::string& split, size_t axes) {
  auto contents = std::make_shared<Contents>();
  Contents& c = *contents;
  c.path = path, c.kind = "array";
  if (NpyFile::recognises(path)) {
    c.npy = NpyFile::open(path);
    c.set_shape("array", axes);
  } else {
    c.h5 = hdf5::File::open(path);
    if (c.h5->is_dataset("point")) {
      c.open_forecast();
    } else if (!splits_of(*c.h5, split).empty()) {
      c.open_dataset(split);
    } else if (const FieldFormat* format = find_format(*c.h5); format && !c.h5->is_dataset("x")) {
      c.open_source(format->open(std::move(*c.h5)));
      c.h5.reset();
    } else {
      c.set_shape(array_name(*c.h5), axes);
    }
    if (!c.source) c.read_metadata();
  }
  FieldFile file;
  file.contents_ = std::move(contents);
  return file;
}

const std::string& FieldFile::path() const {
  return contents_->path;
}
const std::string& FieldFile::kind() const {
  return contents_->kind;
}
const std::vector<int64_t>& FieldFile::shape() const {
  return contents_->shape;
}
int64_t FieldFile::members() const {
  return contents_->members;
}
bool FieldFile::has_deviation() const {
  return !contents_->mean.empty() && !contents_->deviation.empty();
}
bool FieldFile::has_clean() const {
  return !contents_->clean.empty();
}
std::optional<bool> FieldFile::observation_noise() const {
  return contents_->observation_noise;
}
Tensor FieldFile::times() const {
  return contents_->times;
}
std::vector<double> FieldFile::length() const {
  return contents_->length;
}

Tensor FieldFile::fields(const FrameRange& frames) const {
  return contents_->point.empty() ? ensemble(frames).mean(0) : contents_->read(contents_->point, frames);
}
Tensor FieldFile::clean(const FrameRange& frames) const {
  return contents_->read(contents_->clean, frames);
}
Tensor FieldFile::mean(const FrameRange& frames) const {
  return contents_->read(contents_->mean, frames);
}
Tensor FieldFile::deviation(const FrameRange& frames) const {
  const auto std = contents_->read(contents_->deviation, frames);
  if (std.min().item<double>() < 0)
    throw DataError(fmt::format("{}: '{}': got a negative standard deviation in trajectory {}", path(),
                                contents_->deviation, frames.trajectory));
  return std;
}
Tensor FieldFile::ensemble(const FrameRange& frames) const {
  return contents_->read(contents_->ensemble, frames);
}

}  // namespace msde
