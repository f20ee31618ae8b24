// Any file with trajectories of fields, whatever wrote it, read a few frames at a time.
//
// Recognised by formats/recognise.hpp (docs/formats.md, "Files that are scored"):
//   dataset   a split of the layout of dataset.hpp: {split}_x, {split}_x_clean; or all trajectories of a file
//             without splits
//   forecast  forecast.h5 of `msde predict`: point, mean, std, members
//   array     HDF5 with a dataset x, or with a single one, or .npy: [N, T, C, *grid], or [M, N, T, C, *grid]
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

class FieldFile {
 public:
  // `axes` of the file it is compared with, 0 = unknown: an array with one more holds members first.
  // DataError: unreadable, of no known layout, no such split (listing those there are), fewer than 4 axes,
  // an axis without values, or datasets of one file that do not fit together.
  static FieldFile open(const std::string& path, const std::string& split, size_t axes = 0);
  FieldFile as_truth() const;  // the same; values may be missing, NaN, in fields() and clean()

  const std::string& path() const;
  const std::string& kind() const;            // "dataset", "forecast" or "array"
  const std::vector<int64_t>& shape() const;  // [N, T, C, *grid]
  int64_t members() const;                    // 0 = none
  bool has_deviation() const;                 // ensemble mean and standard deviation are in the file
  bool has_clean() const;
  std::optional<bool> observation_noise() const;  // whether members hold it, where the file says
  torch::Tensor times() const;                    // [N, T] float64, undefined where the file has none
  Stored stored() const;                          // what may round the fields
  std::vector<double> length() const;             // of each grid axis, empty where the file does not say
  // Which points hold fields, null: all. Of a dataset as formats/find_mask.hpp; of arrays those that are not missing in
  // every frame looked at.
  std::shared_ptr<const Mask> mask() const;

  // float64, B = 1, 0 at points without fields. DataError naming the place of the first value that is not finite; of a
  // truth that is infinite, or of a snapshot without any value.
  torch::Tensor fields(
      const FrameRange& frames) const;  // [1, count, C, *grid]; of an array of members: their mean
  torch::Tensor clean(const FrameRange& frames) const;
  torch::Tensor mean(const FrameRange& frames) const;
  torch::Tensor deviation(const FrameRange& frames) const;
  torch::Tensor ensemble(const FrameRange& frames) const;  // [M, 1, count, C, *grid]

 private:
  struct Contents;
  std::shared_ptr<const Contents> contents_;
  bool may_miss_values_ = false;
};

}  // namespace msde
