#include "msde/field/field_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/field/array_tensor.hpp"
#include "msde/field/field_arrays.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/field/split_layout.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {

using torch::Tensor;

// Fields come from named arrays or, of a file that has none, from its trajectories.
struct FieldFile::Contents : FieldArrays {
  std::string path;
  std::unique_ptr<StoredArrays> arrays;
  std::unique_ptr<FieldSource> source;
  size_t set = 0;  // of the source
  Grid grid;       // shape and mask

  Tensor read(const std::string& name, const FrameRange& frames, bool may_miss_values = false) const {
    if (name.empty()) throw DataError(path + ": asked for fields that the file does not have");
    const auto values =
        with_solid(source ? stored_source(name == clean, frames) : stored_array(name, frames), grid, 0);
    const auto where = place(name, frames);
    if (may_miss_values)
      check_snapshots(where, values.flatten(0, values.dim() - 2 - grid.dimensions()), grid);
    else
      check_finite<DataError>(where, values);
    return values;
  }

  std::string place(const std::string& name, const FrameRange& frames) const {
    return source ? fmt::format("{}: {}, frames from {}", path,
                                source->place(set, frames.trajectory, name == clean), frames.start)
                  : fmt::format("{}: {}, trajectory {}, frames from {}", path, arrays->called(name),
                                frames.trajectory, frames.start);
  }

  // As stored.
  Tensor stored_array(const std::string& name, const FrameRange& frames) const {
    const bool leading = name == ensemble;
    const auto full = arrays->shape(name);
    ArrayBox box{std::vector<int64_t>(full.size(), 0), full};
    box.start[leading] = frames.trajectory, box.count[leading] = 1;
    box.start[leading + 1] = frames.start, box.count[leading + 1] = frames.count;
    return read_tensor(*arrays, name, box);
  }

  Tensor stored_source(bool without_noise, const FrameRange& frames) const {
    std::vector<int64_t> sizes = {1, frames.count, grid.channels};
    sizes.insert(sizes.end(), grid.shape.begin(), grid.shape.end());
    auto stored = torch::empty(sizes, torch::kDouble);
    without_noise ? source->read_clean(set, frames, stored.data_ptr<double>())
                  : source->read(set, frames, stored.data_ptr<double>());
    return stored;
  }

  // Points that a channel misses in every frame looked at; of members in all of them.
  void find_missing_points() {
    constexpr int64_t kLooks = 32;
    grid.shape.assign(shape.begin() + 3, shape.end());
    const int64_t frames = shape[0] * shape[1], looks = std::min(kLooks, frames);
    Tensor absent;  // [points]
    for (int64_t k = 0; k < looks; ++k) {
      const int64_t frame = looks == 1 ? 0 : k * (frames - 1) / (looks - 1);
      const auto values =
          stored_array(point.empty() ? ensemble : point, {frame / shape[1], frame % shape[1], 1});
      const auto here = values.isnan().reshape({-1, shape[2], grid.points()}).all(0).any(0);
      absent = absent.defined() ? absent.logical_and(here) : here;
      if (!absent.any().item<bool>()) return;
    }
    if (absent.all().item<bool>()) return;  // reading them says so
    const auto fluid = absent.logical_not().to(torch::kByte).contiguous();
    grid.mask = make_mask({fluid.data_ptr<uint8_t>(), fluid.data_ptr<uint8_t>() + fluid.numel()});
  }

  // A split, or all trajectories of a file without splits.
  void take(std::unique_ptr<FieldSource> opened, const std::string& split) {
    source = std::move(opened);
    const auto& sets = source->facts().sets;
    const auto is_asked = [&](const TrajectorySet& one) { return one.split.empty() || one.split == split; };
    set = std::find_if(sets.begin(), sets.end(), is_asked) - sets.begin();
    if (set == sets.size()) throw DataError(fmt::format("{}: no split '{}'", path, split));
    const TrajectorySet& taken = sets[set];
    grid = source->facts().grid;
    kind = "dataset";
    shape = {taken.n_trajectories, taken.n_snapshots, grid.channels};
    shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
    point = "fields";
    if (taken.has_clean) clean = "clean fields";
    times = torch::tensor(taken.times, torch::kDouble).view({shape[0], shape[1]});
    length = grid.length;
  }
};

FieldFile FieldFile::open(const std::string& path, const std::string& split, size_t axes) {
  auto contents = std::make_shared<Contents>();
  contents->path = path;
  FileProbe probe(path);
  const FieldFormat& format = format_of(probe);
  if (format.open_arrays) {
    contents->arrays = format.open_arrays(std::move(probe));
    if (format.open &&
        (holds_one_trajectory(*contents->arrays, "") || holds_one_trajectory(*contents->arrays, split)))
      contents->take(open_fields(path), split);
  } else {
    contents->take(open_fields(path), split);
  }
  if (!contents->source) {
    static_cast<FieldArrays&>(*contents) = find_field_arrays(*contents->arrays, format.holds, {split, axes});
    contents->find_missing_points();
  }
  FieldFile file;
  file.contents_ = std::move(contents);
  return file;
}

FieldFile FieldFile::as_truth() const {
  FieldFile file = *this;
  file.may_miss_values_ = true;
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
Stored FieldFile::stored() const {
  const auto& c = *contents_;
  if (c.source) return c.source->facts().finer_than_float ? Stored::float64 : Stored::float32;
  return c.arrays->stored_as(c.point.empty() ? c.ensemble : c.point);
}
std::vector<double> FieldFile::length() const {
  return contents_->length;
}

std::shared_ptr<const Mask> FieldFile::mask() const {
  return contents_->grid.mask;
}

Tensor FieldFile::fields(const FrameRange& frames) const {
  return contents_->point.empty() ? ensemble(frames).mean(0)
                                  : contents_->read(contents_->point, frames, may_miss_values_);
}
Tensor FieldFile::clean(const FrameRange& frames) const {
  return contents_->read(contents_->clean, frames, may_miss_values_);
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
