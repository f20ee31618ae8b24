#include "msde/field/forecast_images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/vtk/image_writer.hpp"
#include "msde/core/report/printable.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;

// Of x, y, z the axis of the grid that it is.
using ImageAxes = std::array<std::optional<int64_t>, 3>;

ImageAxes image_axes(const Grid& grid) {
  const std::vector<std::string> names = {"x", "y", "z"};
  ImageAxes by_name, by_place;
  bool all_named = true;
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const auto found = std::find(names.begin(), names.end(), grid.axes[axis]) - names.begin();
    if (found < 3)
      by_name[found] = axis;
    else
      all_named = false;
    by_place[grid.dimensions() - 1 - axis] = axis;
  }
  return all_named ? by_name : by_place;
}

// One kind of array: its name and its fields [C, *grid] of a frame.
struct Quantity {
  std::string name;
  std::function<Tensor(const Forecast&, int64_t frame)> of;
};

std::vector<Quantity> quantities(const ForecastLayout& l) {
  const auto point = [](const Forecast& f, int64_t k) { return f.point[0][k]; };
  const auto members = [](const Forecast& f, int64_t k) { return f.members.select(1, 0).select(1, k); };
  const auto mean = [members](const Forecast& f, int64_t k) { return members(f, k).mean(0); };
  const auto deviation = [members](const Forecast& f, int64_t k) {
    return members(f, k).std(0, /*unbiased=*/true);
  };
  std::vector<Quantity> all = {{"mean", point}};
  if (l.members > 0) all[0].of = mean;
  if (l.members >= 2) all.push_back({"std", deviation});
  all.push_back({"point", point});
  for (int64_t m = 0; l.write_members && m < l.members; ++m)
    all.push_back({fmt::format("member_{}", m),
                   [members, m](const Forecast& f, int64_t k) { return members(f, k)[m]; }});
  return all;
}

// What tells arrays of channels apart.
std::string of_channel(const ForecastLayout& l, int64_t channel) {
  if (!l.labels.channels.empty()) return "_" + printable(l.labels.channels.at(static_cast<size_t>(channel)));
  return l.grid.channels == 1 ? "" : fmt::format("_{}", channel);
}

vtk::ImageLayout layout_of(const ForecastLayout& l, const ImageAxes& axes) {
  vtk::ImageLayout image;
  for (size_t i = 0; i < 3; ++i) {
    if (!axes[i]) continue;
    image.points[i] = l.grid.shape[*axes[i]];
    image.origin[i] = l.grid.origin_of(*axes[i]);
    image.spacing[i] = l.grid.spacing_of(*axes[i]);
  }
  image.float64 = l.float64;
  for (const auto& quantity : quantities(l))
    for (int64_t c = 0; c < l.grid.channels; ++c) image.names.push_back(quantity.name + of_channel(l, c));
  return image;
}

void check_shapes(const ForecastLayout& l, int64_t trajectory, const Forecast& forecast) {
  const auto where = fmt::format(" of trajectory {}", trajectory);
  std::vector<int64_t> expected = {1, l.n_frames, l.grid.channels};
  expected.insert(expected.end(), l.grid.shape.begin(), l.grid.shape.end());
  check_shape("point" + where, forecast.point, expected);
  expected.insert(expected.begin(), l.members);
  if (l.members > 0) check_shape("ensemble" + where, forecast.members, expected);
}

// `fields` [C, *grid] with x fastest, then y, then z.
Tensor as_image(const Tensor& fields, const ImageAxes& axes, const ForecastLayout& l) {
  std::vector<int64_t> order = {0};
  for (size_t i = 3; i-- > 0;)
    if (axes[i]) order.push_back(1 + *axes[i]);
  return fields.permute(order).to(torch::kCPU, l.float64 ? torch::kDouble : torch::kFloat).contiguous();
}

std::string numbered(int64_t i, int64_t n) {
  return fmt::format("{:0{}}", i, std::max<size_t>(4, std::to_string(n - 1).size()));
}

void make_folder(const std::string& path) {
  std::error_code problem;
  std::filesystem::create_directories(path, problem);
  if (problem) throw DataError(path + ": cannot be made: " + problem.message());
}

// forecast_0000.pvd, ..: what an earlier forecast left.
std::vector<std::filesystem::path> images_in(const std::string& folder) {
  std::error_code ignored;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string(), begin = "forecast_", end = ".pvd";
    if (name.size() <= begin.size() + end.size() || name.rfind(begin, 0) != 0 ||
        entry.path().extension() != end)
      continue;
    const auto digits = name.substr(begin.size(), name.size() - begin.size() - end.size());
    if (digits.find_first_not_of("0123456789") == std::string::npos) found.push_back(entry.path());
  }
  return found;
}

// Series first, then their frames: a series that is there is whole.
void remove_images(const std::string& folder) {
  std::error_code ignored;
  for (auto path : images_in(folder)) {
    std::filesystem::remove(path, ignored);
    std::vector<std::filesystem::path> frames;
    for (const auto& entry : std::filesystem::directory_iterator(path.replace_extension(), ignored))
      if (entry.path().extension() == ".vti") frames.push_back(entry.path());
    for (const auto& frame : frames) std::filesystem::remove(frame, ignored);
    std::filesystem::remove(path, ignored);  // unless something else is in it
  }
}

}  // namespace

bool has_images(const std::string& folder) {
  return !images_in(folder).empty();
}

std::string no_images_of(const Grid& grid) {
  return grid.dimensions() <= 3 ? ""
                                : fmt::format("got a grid of {} axes, VTK has 3 at most", grid.dimensions());
}

int64_t image_bytes(const ForecastLayout& layout) {
  const auto image = layout_of(layout, image_axes(layout.grid));
  return layout.n_trajectories * layout.n_frames * static_cast<int64_t>(image.names.size()) *
         image.bytes_of_array();
}

void write_forecast_images(const std::string& folder, const ForecastLayout& layout,
                           const std::function<Forecast(int64_t trajectory)>& forecast_of) {
  if (const auto why = no_images_of(layout.grid); !why.empty()) throw DataError(folder + ": " + why);
  remove_images(folder);
  const ImageAxes axes = image_axes(layout.grid);
  vtk::ImageLayout image = layout_of(layout, axes);
  for (int64_t i = 0; i < layout.n_trajectories; ++i) {
    const auto forecast = forecast_of(i);
    check_shapes(layout, i, forecast);
    const std::string name = "forecast_" + numbered(i, layout.n_trajectories),
                      series = folder + "/" + name + ".pvd";
    make_folder(folder + "/" + name);
    std::string sets;
    for (int64_t k = 0; k < layout.n_frames; ++k) {
      const std::string file = name + "/" + numbered(k, layout.n_frames) + ".vti";
      image.time = as_in_file(time_of(layout, i, k), layout.labels.units.time);
      write_atomically(folder + "/" + file, [&](const std::string& temporary) {
        vtk::ImageWriter writer(temporary, image);
        for (const auto& quantity : quantities(layout)) {
          const auto fields = quantity.of(forecast, k);
          check_finite(fmt::format("{} of trajectory {}, frame {}", quantity.name, i, k), fields);
          const auto values = as_image(without_solid(fields, layout.grid), axes, layout);
          for (int64_t c = 0; c < layout.grid.channels; ++c) writer.append(values[c].data_ptr());
        }
        writer.close();
      });
      sets += fmt::format("<DataSet timestep=\"{}\" group=\"\" part=\"0\" file=\"{}\"/>\n", image.time, file);
    }
    write_text_atomically(
        series, "<?xml version=\"1.0\"?>\n<VTKFile type=\"Collection\" version=\"0.1\">\n<Collection>\n" +
                    sets + "</Collection>\n</VTKFile>\n");
  }
}

}  // namespace msde
