// Which arrays of a file hold the fields that are scored, their mean and their members; no field is read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "msde/field/formats/recognise.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct FieldArrays {
  std::string kind;  // "dataset", "forecast" or "array"
  // Names of arrays, "" = absent. `point` is empty for an array of members.
  std::string point, clean, mean, deviation, ensemble;
  std::vector<int64_t> shape;  // [N, T, C, *grid]
  int64_t members = 0;
  std::optional<bool> observation_noise;
  torch::Tensor times;         // [N, T] float64, undefined where the file has none
  std::vector<double> length;  // of each grid axis, empty where the file does not say
};

// What of a file of arrays is compared.
struct ArrayRequest {
  std::string split;
  size_t axes =
      0;  // of the file it is compared with, 0 = unknown: an array with one more holds members first
};

// DataError: no such split, no array that can be the fields, fewer than 4 axes, an axis without values, arrays
// that do not fit together, times that are not finite.
FieldArrays find_field_arrays(const StoredArrays& file, Holds holds, const ArrayRequest& request);

}  // namespace msde
