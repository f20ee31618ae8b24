#include "msde/field/dataset_attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"
#include "msde/grid/boundary_words.hpp"

namespace msde {
namespace {

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) {
    const auto first = word.find_first_not_of(" \t"), last = word.find_last_not_of(" \t");
    found.push_back(first == std::string::npos ? "" : word.substr(first, last - first + 1));
  }
  return found;
}

std::vector<std::string> default_axes(size_t dimensions) {
  if (dimensions == 1) return {"x"};
  if (dimensions == 2) return {"y", "x"};
  if (dimensions == 3) return {"z", "y", "x"};
  std::vector<std::string> names;
  for (size_t i = 0; i < dimensions; ++i) names.push_back(fmt::format("x{}", i));
  return names;
}

// They become names of datasets.
void check_names(const std::string& attribute, const std::vector<std::string>& names,
                 const std::string& path) {
  constexpr size_t kLongest = 200;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    const bool control =
        std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 127; });
    const bool twice = std::find(names.begin(), names.begin() + static_cast<int64_t>(i), name) !=
                       names.begin() + static_cast<int64_t>(i);
    if (name.empty() || name == "." || name.find('/') != std::string::npos || control ||
        name.size() > kLongest || twice)
      throw DataError(fmt::format("{}: attribute '{}': got '{}' as name {}{}, expected a word without '/'",
                                  path, attribute, printable(name), i, twice ? " again" : ""));
  }
}

}  // namespace

DatasetAttributes read_dataset_attributes(const hdf5::File& file) {
  const auto fail = [&](const std::string& name, double got, const std::string& expected) {
    throw DataError(fmt::format("{}: attribute '{}': got {}, expected {}", file.path(), name, got, expected));
  };
  DatasetAttributes attributes;
  attributes.case_name = file.text("/", "case").value_or("");
  attributes.length = file.numbers("/", "length").value_or(std::vector<double>{});
  attributes.origin = file.numbers("/", "origin").value_or(std::vector<double>{});
  attributes.spacing = file.numbers("/", "spacing").value_or(std::vector<double>{});
  attributes.boundary = words(file.text("/", "boundary").value_or(""));
  attributes.axes = words(file.text("/", "axes").value_or(""));
  attributes.channels = words(file.text("/", "channels").value_or(""));
  attributes.parameters = words(file.text("/", "parameters").value_or(""));
  attributes.noise_std = file.number("/", "noise_std");
  for (const auto& [name, values] :
       {std::pair{"length", &attributes.length}, std::pair{"spacing", &attributes.spacing}}) {
    for (const double value : *values)
      if (!(value > 0) || !std::isfinite(value)) fail(name, value, "positive finite numbers");
  }
  for (const double origin : attributes.origin)
    if (!std::isfinite(origin)) fail("origin", origin, "finite numbers");
  if (const auto noise = attributes.noise_std; noise && (!(*noise >= 0) || !std::isfinite(*noise))) {
    fail("noise_std", *noise, "a finite number of at least 0");
  }
  if (const auto seed = file.number("/", "seed")) {
    if (*seed != std::floor(*seed) || std::abs(*seed) > 9e18) fail("seed", *seed, "an integer");
    attributes.seed = static_cast<int64_t>(*seed);
  }
  return attributes;
}

Grid make_grid(const std::vector<int64_t>& snapshot_shape, const DatasetAttributes& attributes,
               const std::string& path) {
  Grid grid;
  grid.channels = snapshot_shape.at(0);
  grid.shape.assign(snapshot_shape.begin() + 1, snapshot_shape.end());
  const size_t d = grid.shape.size();
  const auto check_count = [&](const std::string& name, size_t got, bool one_for_all) {
    if (got == 0 || got == d || (one_for_all && got == 1)) return;
    throw DataError(
        fmt::format("{}: attribute '{}': got {} values, expected {}, one per axis", path, name, got, d));
  };
  check_count("length", attributes.length.size(), true);
  check_count("origin", attributes.origin.size(), true);
  check_count("spacing", attributes.spacing.size(), true);
  check_count("boundary", attributes.boundary.size(), true);
  check_count("axes", attributes.axes.size(), false);
  grid.axes = attributes.axes.empty() ? default_axes(d) : attributes.axes;
  check_names("axes", grid.axes, path);
  for (size_t i = 0; i < d; ++i) {
    // One value stands for all axes.
    const auto pick = [&](const auto& values, auto fallback) {
      return values.empty() ? fallback : values[values.size() == 1 ? 0 : i];
    };
    grid.length.push_back(pick(attributes.length, 1.));
    if (!attributes.origin.empty()) grid.origin.push_back(pick(attributes.origin, 0.));
    if (!attributes.spacing.empty()) grid.spacing.push_back(pick(attributes.spacing, 1.));
    try {
      grid.boundary.push_back(parse_boundary_word(pick(attributes.boundary, std::string("periodic"))));
    } catch (const DataError& error) {
      throw DataError(path + ": attribute 'boundary': " + error.what());
    }
  }
  return grid;
}

}  // namespace msde
