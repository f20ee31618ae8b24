#include "msde/field/formats/vtk_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "msde/core/error.hpp"
#include "msde/core/files/vtk/root_type.hpp"
#include "msde/field/formats/vtk_channels.hpp"
#include "msde/field/formats/vtk_facts.hpp"
#include "msde/field/time_axis.hpp"

namespace msde {
namespace {

class TimeAlongZ : public FieldSource {
 public:
  explicit TimeAlongZ(const FileProbe& probe)
      : FieldSource(probe.path()), channels_(probe.path(), probe.variables()) {
    const auto& header = channels_.header();
    constexpr int64_t kMostTimes = int64_t{1} << 24;
    if (header.counts[2] > kMostTimes)
      throw DataError(
          fmt::format("{}: got {} times along z, expected {} at most", path_, header.counts[2], kMostTimes));
    std::vector<double> times(static_cast<size_t>(header.counts[2]));
    for (size_t i = 0; i < times.size(); ++i)
      times[i] = header.first[2] + static_cast<double>(i) * header.spacing[2];
    facts_ = facts_of(channels_, /*with_z=*/false, std::move(times), path_ + ": times along z");
    facts_.format = "VTK image, time along z";
  }

  void read(size_t, const FrameRange& frames, float* out) const override { read_frames(frames, out); }
  void read(size_t, const FrameRange& frames, double* out) const override { read_frames(frames, out); }
  std::string place(size_t, int64_t trajectory, bool) const override {
    return fmt::format("{}: trajectory {}", channels_.shown(), trajectory);
  }

 private:
  template <class T>
  void read_frames(const FrameRange& frames, T* out) const {
    const int64_t points = facts_.grid.points();
    for (int64_t frame = 0; frame < frames.count; ++frame)
      channels_.read((frames.start + frame) * points, points, points, out + frame * facts_.grid.size());
  }

  VtkChannels channels_;
};

class VtkSnapshot : public StoredArrays {
 public:
  explicit VtkSnapshot(const FileProbe& probe)
      : StoredArrays(probe.path()), channels_(probe.path(), probe.variables()), time_(channels_.time()) {
    Grid grid;
    add_image_axes(grid, channels_.header(), /*with_z=*/true);
    shape_ = {channels_.count()};
    shape_.insert(shape_.end(), grid.shape.begin(), grid.shape.end());
    attributes_.length = grid.length, attributes_.axes = grid.axes;
    attributes_.origin = grid.origin, attributes_.spacing = grid.spacing;
    attributes_.channels = channels_.names();
  }

  using StoredArrays::read;
  std::vector<std::string> names() const override {
    return time_ ? std::vector<std::string>{"t", "x"} : std::vector<std::string>{"x"};
  }
  bool has(const std::string& name) const override { return name == "x" || (time_ && name == "t"); }
  bool is_array(const std::string& name) const override { return has(name); }
  bool is_numeric(const std::string&) const override { return true; }
  Stored stored_as(const std::string& array) const override {
    return array == "t" || channels_.finer_than_float() ? Stored::float64 : Stored::float32;
  }
  Shape shape(const std::string& array) const override { return array == "t" ? Shape{1} : shape_; }
  DatasetAttributes attributes() const override { return attributes_; }
  void read(const std::string& array, const ArrayBox& box, double* out) const override {
    if (array == "t") return void(*out = *time_);
    if (fields_.empty()) {
      const int64_t points = channels_.header().values();
      std::vector<double> fields(static_cast<size_t>(channels_.count() * points));
      channels_.read(0, points, points, fields.data());
      fields_ = std::move(fields);
    }
    in_runs(shape_, box, path_,
            [&](int64_t first, int64_t count) { out = std::copy_n(fields_.begin() + first, count, out); });
  }

 private:
  VtkChannels channels_;
  std::optional<double> time_;
  Shape shape_;
  DatasetAttributes attributes_;
  mutable std::vector<double> fields_;  // once they are asked for
};

bool is_image(const FileProbe& probe) {
  return vtk::root_type(probe.path()) == "ImageData";
}

bool is_one_snapshot(const FileProbe& probe) {
  const auto header = vtk::read_image_header(ByteFile(probe.path()));
  return image_axes(header) < 3 || header.time;
}

}  // namespace

bool has_time_along_z(const FileProbe& probe) {
  return is_image(probe) && !is_one_snapshot(probe);
}

bool is_vtk_snapshot(const FileProbe& probe) {
  return is_image(probe) && is_one_snapshot(probe);
}

std::unique_ptr<FieldSource> open_time_along_z(FileProbe probe) {
  return std::make_unique<TimeAlongZ>(probe);
}

std::unique_ptr<StoredArrays> open_vtk_snapshot(FileProbe probe) {
  return std::make_unique<VtkSnapshot>(probe);
}

}  // namespace msde
