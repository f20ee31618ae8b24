#include "msde/field/forecast_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/field/writers/cf_words.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/tensor/checks.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde {
namespace {

using hdf5::Shape;

// One row per dataset of results: its name, its axes in order, and whether it is there at all.
struct Variable {
  const char* name;
  bool present;
  bool has_members;  // leading axis "realization"
  int64_t latent;    // size of a latent axis that replaces channel and grid; 0 = a field
  const char* meaning = "";
  const char* cell_methods = "";
};

std::vector<Variable> variables(const ForecastLayout& l) {
  return {{"point", true, false, 0, "point prediction, without noise"},
          {"mean", true, false, 0, "mean of the ensemble", "realization: mean"},
          {"std", l.members >= 2, false, 0, "standard deviation of the ensemble",
           "realization: standard_deviation"},
          {"members", l.members >= 1 && l.write_members, true, 0, "members of the ensemble"},
          {"zeta", l.n_zeta > 0, false, l.n_zeta, "macroscale state of the point prediction"},
          {"eta", l.n_eta > 0, false, l.n_eta, "microscale state of the point prediction"}};
}

torch::ScalarType type_of(const Variable& v, const ForecastLayout& l) {
  return l.float64 && v.latent == 0 ? torch::kDouble : torch::kFloat;
}

// The dataset of an axis of the grid: no name of an axis takes that of a result.
std::string coordinate_name(const std::string& axis) {
  static const std::set<std::string> own = {
      "time",          "t",           "start",  "sample",      "trajectory",   "channel", "channel_name",
      "channel_units", "realization", "member", "members",     "members_left", "point",   "mean",
      "std",           "zeta",        "eta",    "zeta_number", "eta_number"};
  return own.count(axis) ? "axis_" + axis : axis;
}

struct Axes {
  Shape shape;
  std::vector<std::string> labels;
};

Axes axes_of(const Variable& v, const ForecastLayout& l) {
  Axes axes{{l.n_trajectories, l.n_frames}, {"sample", "time"}};
  if (v.has_members) {
    axes.shape.insert(axes.shape.begin(), l.members);
    axes.labels.insert(axes.labels.begin(), "realization");
  }
  if (v.latent > 0) {
    axes.shape.push_back(v.latent);
    axes.labels.push_back(std::string(v.name) + "_number");
    return axes;
  }
  axes.shape.push_back(l.grid.channels);
  axes.labels.push_back("channel");
  for (int64_t axis = 0; axis < l.grid.dimensions(); ++axis) {
    axes.shape.push_back(l.grid.shape[axis]);
    axes.labels.push_back(coordinate_name(l.grid.axes[axis]));
  }
  return axes;
}

std::vector<double> times_of_first(const ForecastLayout& l) {
  std::vector<double> times;
  for (int64_t k = 0; k < l.n_frames; ++k) times.push_back(time_of(l, 0, k));
  return times;
}

bool has_times_of_each(const ForecastLayout& l) {
  return !l.times.empty() && !same_since_first(l.times, l.n_trajectories);
}

void write_scales(hdf5::File& file, const ForecastLayout& l) {
  const TimeUnits& units = l.labels.units.time;
  if (l.members >= 1 && l.write_members)
    cf::write_numbers(file, "realization", l.members, "member of the ensemble");
  cf::write_numbers(file, "sample", l.n_trajectories, "trajectory");
  cf::write_times(file, "time", times_of_first(l), units);
  cf::write_numbers(file, "channel", l.grid.channels, "channel of the field");
  for (int64_t axis = 0; axis < l.grid.dimensions(); ++axis)
    cf::write_axis(file, coordinate_name(l.grid.axes[axis]), l.grid, axis, l.labels);
  for (const auto& v : variables(l))
    if (v.present && v.latent > 0)
      cf::write_numbers(file, std::string(v.name) + "_number", v.latent, "number of a latent state");
  cf::write_times(file, "start", l.start, units, "sample");
  if (has_times_of_each(l)) cf::write_times_of_each(file, l.times, l.n_trajectories, units);
  if (!l.labels.channels.empty()) cf::write_texts(file, "channel_name", l.labels.channels, "channel");
  if (!l.labels.units.channels.empty())
    cf::write_texts(file, "channel_units", l.labels.units.channels, "channel");
}

void write_attributes(hdf5::File& file, const ForecastLayout& l) {
  cf::write_conventions(file, "Forecast of " + (l.case_name.empty() ? "a field" : l.case_name));
  file.set_attribute("/", "forecaster", l.forecaster);
  file.set_attribute("/", "case", l.case_name);
  file.set_attribute("/", "length", l.grid.length);
  if (l.members > 0) file.set_attribute("/", "observation_noise", int64_t{l.observation_noise});
  file.set_attribute("/", "boundary", boundary_words(l.grid.boundary));
}

// What a variable is, as CF says it; units where all channels have the same.
void describe_variable(hdf5::File& file, const Variable& v, const ForecastLayout& l) {
  file.set_attribute(v.name, "long_name", std::string(v.meaning));
  if (*v.cell_methods) file.set_attribute(v.name, "cell_methods", std::string(v.cell_methods));
  if (v.latent > 0) return;
  const auto& units = l.labels.units.channels;
  if (!units.empty() && !units[0].empty() &&
      std::count(units.begin(), units.end(), units[0]) == l.grid.channels)
    file.set_attribute(v.name, "units", units[0]);
  file.set_attribute(v.name, "coordinates",
                     std::string("start") + (has_times_of_each(l) ? " t" : "") +
                         (l.labels.channels.empty() ? "" : " channel_name"));
}

// The values of a variable for one trajectory, shaped like a slab of the file: [(M,) 1, T, ...].
torch::Tensor value_of(const Variable& v, const Forecast& forecast) {
  const std::string name = v.name;
  if (name == "point") return forecast.point;
  if (name == "mean") return forecast.members.defined() ? forecast.members.mean(0) : forecast.point;
  if (name == "std") return forecast.members.std(0, /*unbiased=*/true);
  if (name == "members") return forecast.members;
  return name == "zeta" ? forecast.zeta : forecast.eta;
}

void write_trajectory(hdf5::File& file, const ForecastLayout& l, int64_t trajectory,
                      const Forecast& forecast) {
  const auto where = " of trajectory " + std::to_string(trajectory);
  const auto axes_of_members = axes_of({"members", true, true, 0}, l);
  if (l.members > 0) {
    auto expected = axes_of_members.shape;
    expected[1] = 1;
    check_shape("ensemble" + where, forecast.members, expected);
  }
  for (const auto& v : variables(l)) {
    if (!v.present) continue;
    const auto axes = axes_of(v, l);
    const size_t trajectory_axis = v.has_members ? 1 : 0;
    hdf5::Slab slab{Shape(axes.shape.size(), 0), axes.shape};
    slab.start[trajectory_axis] = trajectory;
    slab.count[trajectory_axis] = 1;
    const auto value = value_of(v, forecast);
    check_shape(v.name + where, value, slab.count);
    check_finite(v.name + where, value);
    const auto stored = value.to(type_of(v, l));
    write_tensor(file, v.name, slab, v.latent > 0 ? stored : without_solid(stored, l.grid));
  }
}

}  // namespace

double time_of(const ForecastLayout& l, int64_t trajectory, int64_t frame) {
  if (!l.times.empty()) return l.times.at(static_cast<size_t>(trajectory * l.n_frames + frame));
  return l.start.at(static_cast<size_t>(trajectory)) + static_cast<double>(frame) * l.dt;
}

int64_t forecast_bytes(const ForecastLayout& layout) {
  int64_t bytes = 8 * (layout.n_frames + 2 * layout.n_trajectories + layout.grid.channels);
  if (layout.members >= 1) bytes += 8 * layout.n_trajectories;
  bytes += 8 * static_cast<int64_t>(has_times_of_each(layout) ? layout.times.size() : 0);
  if (layout.members >= 1 && layout.write_members) bytes += 8 * layout.members;
  for (int64_t n : layout.grid.shape) bytes += 8 * n;
  for (const auto& v : variables(layout)) {
    if (!v.present) continue;
    int64_t values = 1;
    for (int64_t n : axes_of(v, layout).shape) values *= n;
    bytes += values * static_cast<int64_t>(c10::elementSize(type_of(v, layout)));
  }
  return bytes;
}

void write_forecasts(const std::string& path, const ForecastLayout& layout,
                     const std::function<Forecast(int64_t trajectory)>& forecast_of) {
  write_atomically(path, [&](const std::string& temporary) {
    if (static_cast<int64_t>(layout.start.size()) != layout.n_trajectories)
      throw DataError(fmt::format("{}: got {} starting times for {} trajectories", path, layout.start.size(),
                                  layout.n_trajectories));
    if (!layout.times.empty() &&
        static_cast<int64_t>(layout.times.size()) != layout.n_trajectories * layout.n_frames)
      throw DataError(fmt::format("{}: got {} times for {} trajectories of {} frames", path,
                                  layout.times.size(), layout.n_trajectories, layout.n_frames));
    auto file = hdf5::File::create(temporary, hdf5::File::Kind::netcdf);
    write_attributes(file, layout);
    write_scales(file, layout);
    for (const auto& v : variables(layout)) {
      if (!v.present) continue;
      const auto axes = axes_of(v, layout);
      create_tensor(file, v.name, axes.shape, type_of(v, layout));
      for (size_t axis = 0; axis < axes.labels.size(); ++axis)
        file.attach_scale(v.name, static_cast<int64_t>(axis), axes.labels[axis], axes.labels[axis]);
      describe_variable(file, v, layout);
    }
    std::vector<int64_t> left;
    for (int64_t i = 0; i < layout.n_trajectories; ++i) {
      const auto forecast = forecast_of(i);
      write_trajectory(file, layout, i, forecast);
      left.push_back(forecast.members_left.defined() ? forecast.members_left.sum().item<int64_t>() : 0);
    }
    if (layout.members > 0) {
      file.write<int64_t>("members_left", {layout.n_trajectories}, left);
      file.attach_scale("members_left", 0, "sample", "sample");
      file.set_attribute("members_left", "long_name",
                         std::string("members that left the region of training"));
    }
    file.close();
  });
}

}  // namespace msde
