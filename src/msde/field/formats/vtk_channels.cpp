#include "msde/field/formats/vtk_channels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"

namespace msde {
namespace {

constexpr const char* kAxisNames[] = {"x", "y", "z"};

// Lists of names are written with commas between them.
std::string channel_name(const vtk::DataArray& array, int64_t component) {
  std::string name = printable(array.name);
  std::replace(name.begin(), name.end(), ',', ' ');
  if (array.components == 1) return name;
  return array.components <= 3 ? name + "_" + kAxisNames[component] : fmt::format("{}_{}", name, component);
}

}  // namespace

VtkChannels::VtkChannels(const std::string& path, const std::vector<std::string>& variables)
    : file_(path), header_(vtk::read_image_header(file_)) {
  std::vector<std::string> there;
  const auto each = [&](const auto& use) {
    for (const auto& array : header_.arrays)
      for (int64_t component = 0; component < array.components; ++component) use(array, component);
  };
  if (variables.empty()) each([&](const auto& array, int64_t component) { take(array, component); });
  for (const auto& wanted : variables) {
    const size_t before = names_.size();
    each([&](const auto& array, int64_t component) {
      if (wanted == array.name || wanted == channel_name(array, component)) take(array, component);
    });
    if (names_.size() > before) continue;
    each([&](const auto& array, int64_t component) { there.push_back(channel_name(array, component)); });
    throw DataError(
        fmt::format("{}: no array '{}'; the file has [{}]", path, printable(wanted), fmt::join(there, ", ")));
  }
}

void VtkChannels::take(const vtk::DataArray& array, int64_t component) {
  const auto name = channel_name(array, component);
  if (!known_.insert(name).second)
    throw DataError(
        fmt::format("{}: two channels are called '{}', expected names that tell them apart", path(), name));
  const auto [found, is_new] = places_.try_emplace(array.name, taken_.size());
  if (is_new) taken_.push_back({vtk::ArrayValues(file_, header_.encoding, array, header_.values()), {}});
  taken_[found->second].channels.push_back({component, count()});
  names_.push_back(name);
}

bool VtkChannels::finer_than_float() const {
  return std::any_of(taken_.begin(), taken_.end(),
                     [](const Taken& one) { return one.values.array().type->finer_than_float(); });
}

std::optional<double> VtkChannels::time() const {
  if (!header_.time) return std::nullopt;
  double time = 0;
  vtk::ArrayValues(file_, header_.encoding, *header_.time, 1).read(0, 1, &time);
  return time;
}

std::string VtkChannels::shown() const {
  return fmt::format("'{}'", fmt::join(names_, "', '"));
}

template <class T>
void VtkChannels::read(int64_t first, int64_t count, int64_t stride, T* out) const {
  for (const auto& [values, channels] : taken_) {
    const int64_t width = values.array().components;
    if (width == 1) {
      values.read(first, count, out + channels[0].second * stride);
      continue;
    }
    constexpr int64_t kPart = 1 << 16;  // values that are spread at once
    const int64_t tuples = std::max<int64_t>(1, kPart / width);
    std::vector<T> part(static_cast<size_t>(std::min(tuples, count) * width));
    for (int64_t done = 0; done < count; done += tuples) {
      const int64_t n = std::min(tuples, count - done);
      values.read((first + done) * width, n * width, part.data());
      for (const auto& [component, channel] : channels)
        for (int64_t i = 0; i < n; ++i)
          out[channel * stride + done + i] = part[static_cast<size_t>(i * width + component)];
    }
  }
}

template void VtkChannels::read<float>(int64_t, int64_t, int64_t, float*) const;
template void VtkChannels::read<double>(int64_t, int64_t, int64_t, double*) const;

int64_t image_axes(const vtk::ImageHeader& header) {
  return std::count_if(header.counts.begin(), header.counts.end(), [](int64_t n) { return n > 1; });
}

void add_image_axes(Grid& grid, const vtk::ImageHeader& header, bool with_z) {
  for (size_t axis = with_z ? 3 : 2; axis-- > 0;) {
    const int64_t n = header.counts[axis];
    if (n == 1) continue;
    grid.axes.push_back(kAxisNames[axis]);
    grid.shape.push_back(n);
    grid.origin.push_back(header.first[axis]);
    grid.spacing.push_back(header.spacing[axis]);
    grid.length.push_back(header.spacing[axis] * static_cast<double>(n));
  }
}

}  // namespace msde
