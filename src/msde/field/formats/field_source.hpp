// A file of trajectories of fields, whatever its layout: what it says of them, and slabs of them. In plain
// memory, so that msde info answers without LibTorch; Dataset makes tensors of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "msde/core/error.hpp"
#include "msde/field/field_labels.hpp"
#include "msde/grid/grid.hpp"

namespace msde {

struct FrameRange {
  int64_t trajectory = 0, start = 0, count = 0;
};

// Trajectories that belong together: a split, or all of a file without splits.
struct TrajectorySet {
  std::string split;  // "train", "val" or "test"; "" = the file has no splits
  int64_t n_trajectories = 0, n_snapshots = 0;
  double dt = 0;            // spacing of the times; their mean where it is not equal
  bool equal_times = true;  // else spacings differ, in a trajectory or from one to the next
  bool has_clean = false;
  int64_t n_mu = 0, n_f = 0;
  std::vector<double> times;   // [N, T], increasing
  std::vector<float> mu;       // [N, n_mu]
  std::vector<float> forcing;  // [N, T, n_f]
};

// All that is known without reading a field.
struct SourceFacts {
  std::string format;  // for people: "PDEBench, a group per trajectory"
  Grid grid;
  std::vector<std::string> channels, parameters;  // names of channels and of mu; empty: not in the file
  std::vector<TrajectorySet> sets;                // the splits, or one set without a name; never empty
  UnitNames unit_names;
  std::string case_name;  // "" = not in the file
  std::optional<double> noise_std;
  std::optional<int64_t> seed;
  bool finer_than_float = false;  // float32 may round the fields
  bool mask_is_found = false;     // by missing values of some snapshots: all others must miss them, too
  std::string missing_mark;       // what marks missing values of the fields, "" = nothing
  std::vector<bool> assumed_boundaries;  // of each axis, whether the file does not say; empty: it says all
  bool length_is_assumed = false;        // it does not say how long its axes are
  std::vector<std::string> notes;        // what was left out or taken for granted, a line each
  std::vector<std::string> attributes;   // "name = value", for people

  bool equal_times() const;  // in every set
  bool has_splits() const { return !sets.front().split.empty(); }
  bool boundary_is_assumed(size_t axis) const {
    return axis < assumed_boundaries.size() && assumed_boundaries[axis];
  }
};

// Values of fields, parameters and forcings of at most this size: float32, the most of which is 3.4e38, must hold their
// differences.
constexpr float kMostValue = 1e37f;

// Numbers that a file has beside its fields, over the points of their grid.
struct StaticArray {
  std::vector<int64_t> shape;  // as stored
  bool fit = false;            // one number per point, whatever axes of one value there are
  std::vector<double> values;  // in the order of the grid, NaN where missing; none unless they fit
};

// Not for several threads at once: HDF5 is not. Dataset guards it.
class FieldSource {
 public:
  virtual ~FieldSource() = default;
  const std::string& path() const { return path_; }
  const SourceFacts& facts() const { return facts_; }
  // Which points of the grid are fluid, where the file itself does not say (find_mask.hpp). What is read stays as it is.
  void set_mask(std::shared_ptr<const Mask> mask, bool is_found = false) {
    facts_.grid.mask = std::move(mask), facts_.mask_is_found = is_found;
  }

  // Writes [count, C, *grid] of one trajectory of facts().sets[set] to `out`. DataError.
  virtual void read(size_t set, const FrameRange& frames, float* out) const = 0;
  virtual void read(size_t set, const FrameRange& frames, double* out) const = 0;
  virtual void read_clean(size_t set, const FrameRange& frames, float* out) const;
  virtual void read_clean(size_t set, const FrameRange& frames, double* out) const;
  // An array of numbers by its name, its axes turned as those of the fields are; nothing where there is none, or where
  // the format leaves that to the stored order of axes.
  virtual std::optional<StaticArray> on_grid(const std::string&) const { return std::nullopt; }
  // Where a trajectory stands in the file, as messages name it: "'train_x': trajectory 3", "'0003/data'".
  virtual std::string place(size_t set, int64_t trajectory, bool clean) const = 0;

 protected:
  explicit FieldSource(std::string path) : path_(std::move(path)) {}
  std::string path_;
  SourceFacts facts_;
};

// What is said of a value that is not finite, at "'train_x': trajectory 3, snapshot 5".
DataError not_finite(const std::string& path, const std::string& place, double got);
// What is said of a snapshot of which every value is missing.
DataError no_values(const std::string& path, const std::string& place);

}  // namespace msde
