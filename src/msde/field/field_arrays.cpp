#include "msde/field/field_arrays.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/field/array_tensor.hpp"
#include "msde/field/forecast_times.hpp"
#include "msde/field/split_layout.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using Shape = std::vector<int64_t>;

std::string text(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

// The splits of the dataset layout that the file has, among those that msde writes and the one asked for.
std::vector<std::string> splits_of(const StoredArrays& file, const std::string& asked) {
  std::vector<std::string> found;
  for (const std::string split : {"train", "val", "test"})
    if (file.has(split + "_x")) found.push_back(split);
  if (found.empty() && file.has(asked + "_x")) found.push_back(asked);
  return found;
}

std::string array_name(const StoredArrays& file) {
  if (file.is_array("x")) return "x";
  std::vector<std::string> arrays;
  for (const auto& name : file.names())
    if (file.is_array(name) && name != "t") arrays.push_back(name);
  if (arrays.size() == 1) return arrays[0];
  throw DataError(
      fmt::format("{}: got the datasets [{}], expected a dataset file ({{split}}_x), a forecast (point), "
                  "a dataset x or a single one",
                  file.path(), fmt::join(arrays, ", ")));
}

class Finder {
 public:
  explicit Finder(const StoredArrays& file) : file_(file) {}

  FieldArrays forecast() {
    found_.kind = "forecast";
    set_shape("point", 0);
    found_.mean = companion("mean"), found_.deviation = companion("std");
    found_.ensemble = companion("members", true);
    if (!found_.ensemble.empty()) found_.members = shape_of(found_.ensemble)[0];
    if (const auto noise = file_.number("observation_noise")) found_.observation_noise = *noise != 0;
    return with_metadata();
  }

  FieldArrays dataset(const std::string& split) {
    found_.kind = "dataset";
    const auto layout = read_split_layout(file_, split);
    if (!layout)
      throw DataError(fmt::format("{}: no split '{}' ('{}_x' is missing); the file has: {}", file_.path(),
                                  split, split, fmt::join(splits_of(file_, split), ", ")));
    set_shape(split + "_x", 0);
    if (layout->has_clean) found_.clean = split + "_x_clean";
    found_.times = torch::tensor(layout->times, torch::kDouble).view({found_.shape[0], found_.shape[1]});
    return with_metadata();
  }

  FieldArrays array(size_t axes) {
    found_.kind = "array";
    set_shape(array_name(file_), axes);
    return with_metadata();
  }

 private:
  Shape shape_of(const std::string& name) const {
    if (!file_.is_numeric(name))
      throw DataError(
          fmt::format("{}: {}: got values that are not numbers", file_.path(), file_.called(name)));
    return file_.shape(name);
  }

  void set_shape(const std::string& name, size_t axes) {
    Shape& shape = found_.shape;
    shape = shape_of(name);
    const bool leading = axes > 0 && shape.size() == axes + 1;
    if (leading) {
      found_.ensemble = name, found_.members = shape[0];
      shape.erase(shape.begin());
    } else {
      found_.point = name;
    }
    if (shape.size() < 4 || std::any_of(shape.begin(), shape.end(), [](int64_t n) { return n < 1; }) ||
        (leading && found_.members < 1))
      throw DataError(
          fmt::format("{}: {}: got shape {}, expected [N, T, C, *grid] with values along every axis",
                      file_.path(), file_.called(name), text(shape_of(name))));
  }

  // `name` if it is there, after checking that it has the shape of the fields, members first if asked.
  std::string companion(const std::string& name, bool leading = false) const {
    if (!file_.is_array(name)) return "";
    const Shape got = shape_of(name);
    Shape rest = got;
    if (leading && !rest.empty()) rest.erase(rest.begin());
    if (rest != found_.shape)
      throw DataError(fmt::format("{}: '{}': got shape {}, expected {}{} as of '{}'", file_.path(), name,
                                  text(got), leading ? "members before " : "", text(found_.shape),
                                  found_.point));
    return name;
  }

  // Beside the fields of a forecast; t [T] or [N, T] beside those of an array.
  void read_times() {
    const int64_t N = found_.shape[0], T = found_.shape[1];
    if (found_.times.defined()) return;
    if (found_.kind == "forecast") {
      if (const auto times = forecast_times(file_, N, T)) found_.times = *times;
      return;
    }
    if (!file_.is_array("t") || !file_.is_numeric("t")) return;
    const Shape got = file_.shape("t");
    if (got != Shape{T} && got != Shape{N, T})
      throw DataError(
          fmt::format("{}: 't': got shape {}, expected [{}] or [{}, {}]", file_.path(), text(got), T, N, T));
    found_.times = read_tensor(file_, "t").expand({N, T});
    check_finite<DataError>(file_.path() + ": 't'", found_.times);
  }

  FieldArrays with_metadata() {
    read_times();
    const auto attributes = file_.attributes();
    if (!attributes.length.empty())
      found_.length =
          make_grid({found_.shape.begin() + 2, found_.shape.end()}, attributes, file_.path()).length;
    return found_;
  }

  const StoredArrays& file_;
  FieldArrays found_;
};

}  // namespace

FieldArrays find_field_arrays(const StoredArrays& file, Holds holds, const ArrayRequest& request) {
  Finder finder(file);
  if (holds == Holds::forecast) return finder.forecast();
  // A split may have any name: "middle_x" is one where it is asked for.
  const bool has_splits = !splits_of(file, request.split).empty();
  if (has_splits || (holds == Holds::dataset && !file.is_array("x"))) return finder.dataset(request.split);
  return finder.array(request.axes);
}

}  // namespace msde
