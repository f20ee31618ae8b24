#include "msde/field/writers/cf_words.hpp"

#include <algorithm>

namespace msde::cf {

void write_conventions(hdf5::File& file, const std::string& title) {
  file.set_attribute("/", "Conventions", std::string("CF-1.8"));
  file.set_attribute("/", "title", title);
  file.set_attribute("/", "source", std::string("msde, stochastic multiscale models learned from data"));
}

void write_numbers(hdf5::File& file, const std::string& name, int64_t n, const std::string& meaning) {
  std::vector<int64_t> values(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) values[static_cast<size_t>(i)] = i;
  file.write<int64_t>(name, {n}, values);
  file.make_scale(name);
  file.set_attribute(name, "long_name", meaning);
  if (name == "realization") file.set_attribute(name, "standard_name", name);
}

namespace {

std::vector<double> in_file(const std::vector<double>& times, const TimeUnits& units) {
  std::vector<double> values;
  for (const double time : times) values.push_back(as_in_file(time, units));
  return values;
}

}  // namespace

void write_times(hdf5::File& file, const std::string& name, const std::vector<double>& times,
                 const TimeUnits& units, const std::string& dimension) {
  const auto values = in_file(times, units);
  file.write<double>(name, {static_cast<int64_t>(values.size())}, values);
  if (dimension.empty()) {
    file.make_scale(name);
    file.set_attribute(name, "axis", std::string("T"));
  } else {
    file.attach_scale(name, 0, dimension, dimension);
  }
  file.set_attribute(name, "long_name",
                     std::string(dimension.empty() ? "time" : "time of the first snapshot"));
  if (units.units.empty()) return;
  file.set_attribute(name, "units", units.units);
  if (!is_since_a_date(units)) return;
  file.set_attribute(name, "standard_name",
                     std::string(dimension.empty() ? "time" : "forecast_reference_time"));
  if (units.in_months) file.set_attribute(name, "counted_in", std::string("months"));
  file.set_attribute(name, "calendar", units.calendar.empty() ? std::string("standard") : units.calendar);
}

void write_times_of_each(hdf5::File& file, const std::vector<double>& times, int64_t n_trajectories,
                         const TimeUnits& units) {
  const std::string name = "t";
  const auto values = in_file(times, units);
  file.write<double>(name, {n_trajectories, static_cast<int64_t>(values.size()) / n_trajectories}, values);
  file.attach_scale(name, 0, "sample", "sample");
  file.attach_scale(name, 1, "time", "time");
  file.set_attribute(name, "long_name", std::string(kTimesOfEach));
  if (units.units.empty()) return;
  file.set_attribute(name, "units", units.units);
  if (is_since_a_date(units))
    file.set_attribute(name, "calendar", units.calendar.empty() ? std::string("standard") : units.calendar);
}

void write_axis(hdf5::File& file, const std::string& name, const Grid& grid, int64_t axis,
                const FieldLabels& labels) {
  const auto i = static_cast<size_t>(axis);
  std::vector<double> points;
  for (int64_t k = 0; k < grid.shape[i]; ++k)
    points.push_back(grid.origin_of(axis) + static_cast<double>(k) * grid.spacing_of(axis));
  file.write<double>(name, {grid.shape[i]}, points);
  file.make_scale(name);
  const auto from_last = grid.shape.size() - 1 - i;
  if (from_last < 3) file.set_attribute(name, "axis", std::string(1, "XYZ"[from_last]));
  file.set_attribute(name, "long_name", grid.axes[i]);
  const auto units = i < labels.units.axes.size() ? labels.units.axes[i] : "";
  if (units.empty()) return;
  file.set_attribute(name, "units", units);
  if (units == "degrees_north") file.set_attribute(name, "standard_name", std::string("latitude"));
  if (units == "degrees_east") file.set_attribute(name, "standard_name", std::string("longitude"));
}

void write_texts(hdf5::File& file, const std::string& name, const std::vector<std::string>& texts,
                 const std::string& dimension) {
  file.write_texts(name, texts);
  file.attach_scale(name, 0, dimension, dimension);
}

}  // namespace msde::cf
