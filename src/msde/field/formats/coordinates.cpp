#include "msde/field/formats/coordinates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/field/time_axis.hpp"

namespace msde {

int64_t coordinate_length(const hdf5::File& file, const std::string& name) {
  const auto fail = [&](const std::string& why) {
    throw DataError(fmt::format("{}: '{}': {}", file.path(), name, why));
  };
  if (!file.has(name)) fail("missing; expected the coordinates of the axis, one number a point");
  if (!file.is_dataset(name)) fail("got a group, expected a dataset");
  if (!file.is_numeric(name)) fail("got values that are not numbers, expected coordinates");
  const auto shape = file.shape(name);
  if (shape.size() != 1)
    fail(fmt::format("got shape [{}], expected one axis of coordinates", fmt::join(shape, ", ")));
  return shape[0];
}

Stored stored_as(const hdf5::File& file, const std::string& name) {
  return file.is_finer_than_float(name) ? Stored::float64 : Stored::float32;
}

void check_coordinates(const std::vector<double>& x, const std::string& where, Stored stored) {
  const auto fail = [&](size_t i, const std::string& why) {
    throw DataError(fmt::format("{}: point {}: {}", where, i, why));
  };
  const size_t n = x.size();
  if (n < 2) throw DataError(fmt::format("{}: got {} points, expected at least 2", where, n));
  double largest = 0;
  for (size_t i = 0; i < n; ++i) {
    if (!std::isfinite(x[i])) fail(i, fmt::format("got {}, expected a finite number", x[i]));
    largest = std::max(largest, std::abs(x[i]));
  }
  const double spacing = (x[n - 1] - x[0]) / static_cast<double>(n - 1);
  const double tolerance = spacing_tolerance(largest, spacing, stored);
  if (spacing > 0) require_resolved(largest, spacing, where, stored);
  for (size_t i = 1; i < n; ++i) {
    if (x[i] <= x[i - 1])
      fail(i, fmt::format("got {:.9g} after {:.9g}, expected increasing coordinates", x[i], x[i - 1]));
    if (std::abs(x[i] - x[i - 1] - spacing) > tolerance)
      fail(i, fmt::format("got a spacing of {:.9g}, expected {:.9g} +- {:.1g}: equally spaced points",
                          x[i] - x[i - 1], spacing, tolerance));
  }
}

std::vector<double> read_times(const hdf5::File& file, const std::string& name, int64_t n) {
  const int64_t length = coordinate_length(file, name);
  if (length < n || n < 2)
    throw DataError(fmt::format("{}: '{}': got {} points, expected at least {}", file.path(), name, length,
                                n < 2 ? 2 : n));
  std::vector<double> x(n);
  file.read(name, hdf5::Slab{{0}, {n}}, x.data());
  return x;
}

std::vector<double> read_coordinates(const hdf5::File& file, const std::string& name, int64_t n) {
  auto x = read_times(file, name, n);
  check_coordinates(x, fmt::format("{}: '{}'", file.path(), name), stored_as(file, name));
  return x;
}

void add_axis(Grid& grid, const std::string& name, const std::vector<double>& points) {
  const auto n = static_cast<int64_t>(points.size());
  const double first = points.front(), last = points.back();
  const double spacing = (last - first) / static_cast<double>(n - 1);
  grid.axes.push_back(name);
  grid.shape.push_back(n);
  grid.origin.push_back(first);
  grid.spacing.push_back(spacing);
  grid.length.push_back(spacing * static_cast<double>(n));
}

}  // namespace msde
