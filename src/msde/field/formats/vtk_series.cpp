#include "msde/field/formats/vtk_series.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "msde/core/error.hpp"
#include "msde/core/files/vtk/collection.hpp"
#include "msde/core/files/vtk/root_type.hpp"
#include "msde/field/formats/vtk_channels.hpp"
#include "msde/field/formats/vtk_facts.hpp"

namespace msde {
namespace {

class VtkSeries : public FieldSource {
 public:
  explicit VtkSeries(const FileProbe& probe)
      : FieldSource(probe.path()),
        variables_(probe.variables()),
        files_(vtk::read_collection(probe.path())),
        first_(files_.front().path, variables_) {
    std::vector<double> times;
    for (const auto& file : files_) {
      times.push_back(file.time);
      if (times.size() > 1) open(file.path);
    }
    facts_ = facts_of(first_, /*with_z=*/true, std::move(times), path_);
    facts_.format = "VTK images of a .pvd";
  }

  void read(size_t, const FrameRange& frames, float* out) const override { read_frames(frames, out); }
  void read(size_t, const FrameRange& frames, double* out) const override { read_frames(frames, out); }
  std::string place(size_t, int64_t trajectory, bool) const override {
    return fmt::format("{}: trajectory {}", first_.shown(), trajectory);
  }

 private:
  // Files are opened when they are read: there may be more of them than a process may hold open.
  VtkChannels open(const std::string& path) const {
    VtkChannels channels(path, variables_);
    const auto& here = channels.header();
    const auto& there = first_.header();
    const auto require = [&](bool holds, const std::string& what, const auto& got, const auto& expected) {
      if (!holds)
        throw DataError(fmt::format("{}: got {} [{}], expected [{}] as in {}", path, what,
                                    fmt::join(got, ", "), fmt::join(expected, ", "), first_.path()));
    };
    require(channels.names() == first_.names(), "channels", channels.names(), first_.names());
    require(here.counts == there.counts, here.of_cells ? "cells" : "points", here.counts, there.counts);
    bool near = true;
    constexpr double kRounding = 1e-6;  // of the spacing: text has six digits often
    for (size_t axis = 0; axis < 3; ++axis) {
      if (there.counts[axis] == 1) continue;  // a plane may lie anywhere
      const double room = kRounding * there.spacing[axis];
      near = near && std::abs(here.spacing[axis] - there.spacing[axis]) <= room &&
             std::abs(here.first[axis] - there.first[axis]) <= room;
    }
    require(near, "origin and spacing",
            std::vector{here.first[0], here.first[1], here.first[2], here.spacing[0], here.spacing[1],
                        here.spacing[2]},
            std::vector{there.first[0], there.first[1], there.first[2], there.spacing[0], there.spacing[1],
                        there.spacing[2]});
    return channels;
  }

  template <class T>
  void read_frames(const FrameRange& frames, T* out) const {
    const int64_t points = facts_.grid.points();
    for (int64_t frame = 0; frame < frames.count; ++frame)
      open(files_.at(static_cast<size_t>(frames.start + frame)).path)
          .read(0, points, points, out + frame * facts_.grid.size());
  }

  std::vector<std::string> variables_;
  std::vector<vtk::CollectedFile> files_;
  VtkChannels first_;
};

}  // namespace

bool is_vtk_series(const FileProbe& probe) {
  return vtk::root_type(probe.path()) == "Collection";
}

std::unique_ptr<FieldSource> open_vtk_series(FileProbe probe) {
  return std::make_unique<VtkSeries>(probe);
}

std::vector<std::string> with_images_of_series(const std::string& path) {
  std::vector<std::string> files = {path};
  if (vtk::root_type(path) != "Collection") return files;
  try {
    for (const auto& image : vtk::read_collection(path)) files.push_back(image.path);
  } catch (const DataError&) {
    files.resize(1);
  }
  return files;
}

}  // namespace msde
