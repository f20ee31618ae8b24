// Trajectories of fields on one grid, read from a file a slab at a time: memory stays bounded however large
// the file. The file may have any layout that formats/recognise.hpp knows; DataView says how it is seen.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "msde/core/process/memory_plan.hpp"
#include "msde/field/clock.hpp"
#include "msde/field/data_view.hpp"
#include "msde/field/formats/field_source.hpp"
#include "msde/field/start_frame.hpp"
#include "msde/field/units.hpp"
#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct SplitShape {
  int64_t n_trajectories = 0;
  int64_t n_snapshots = 0;
  bool has_clean = false;
};

struct DatasetOptions {
  DataView view = {};
  // The fields of a split smaller than memory.cache_bytes are kept once asked for; larger ones are read by
  // slabs.
  MemoryPlan memory = {};
  // In place of the mask of the data that of a model, of the points that are seen; null: all are fluid. DataError where
  // the data lack some.
  std::optional<std::shared_ptr<const Mask>> mask = std::nullopt;
};

class Dataset {
 public:
  // Opens and checks everything that needs no read of fields: datasets, ranks, lengths, sorted times
  // (time_axis.hpp). DataError for the file; ConfigError
  // for a view that does not fit it: a file without splits needs view.split or view.split_time, one with splits takes
  // neither nor, unless its noise_std is 0, noise; view.clock needs times with dates.
  static Dataset open(const std::string& path, const DatasetOptions& options = {});
  static Dataset of(std::unique_ptr<FieldSource> source, const DatasetOptions& options = {});
  // The same data without units: fields, times and dt as a model sees them. What is said of the file, noise_std()
  // among it, stays as the file has it.
  Dataset in(const Units& units) const;
  // The same data on a grid of which these are the symmetries (grid/symmetry.hpp); fields stay as they are.
  Dataset with_symmetry(const std::vector<std::string>& words) const;
  // Data without units, every trajectory moved by the places of its first snapshot.
  Dataset in_frame(const StartFrame& frame) const;
  // Of stored fields [count, C, *grid] with NaN where values are missing the same without.
  using Fill = std::function<torch::Tensor(const torch::Tensor& stored)>;
  // The same data with their missing values filled, but for clean fields.
  Dataset filled(Fill fill) const;
  bool is_filled() const { return fill_ != nullptr; }
  Dataset unfilled() const;
  torch::Tensor fill(
      const torch::Tensor& stored) const;  // as its own fields; without a filling they stay as they are
  // Of fluid the share of values that are there, of the file and not filled: [count] float32 in 0..1.
  torch::Tensor share_seen(const std::string& split, int64_t trajectory, int64_t start, int64_t count) const;

  struct Missing {
    int64_t values = 0, all = 0;
    int64_t of_training = 0;  // those of training and validation
  };
  // Streams through the file once. DataError naming dataset, trajectory and snapshot of the first value that is infinite
  // or too large, or of a snapshot without any value; of parameters and forcings of the first that is not finite.
  Missing check_values() const;

  const std::string& path() const;
  const SourceFacts& facts() const;  // of the file, not of the view
  const Grid& grid() const;          // of the view
  const MemoryPlan& memory() const;  // for all who stream through these data
  int64_t block_rows() const;        // snapshots in a block of memory().block_bytes as float64: 1..256
  FieldLabels labels() const;        // as the file says
  Clock clock() const;               // of the view, and what reads it
  const std::vector<std::string>& asked_symmetry() const;  // of the view
  const std::string& case_name() const;                    // "" where neither view nor file say
  // Standard deviation of the observation noise: of the view, else where the file says.
  std::optional<double> noise_std() const;
  std::optional<int64_t> seed() const;
  bool draws_noise() const;  // fields are clean fields with the noise of the view
  double dt() const;         // spacing of snapshots, the same in every split; else its mean in training
  bool equal_times() const;  // within the tolerance of time_axis.hpp, in all of the file
  int64_t n_mu() const;
  int64_t n_f() const;

  bool has_split(const std::string& split) const;    // "train", "val", "test"
  SplitShape split(const std::string& split) const;  // DataError if absent
  // Where a snapshot of a trajectory of a split, or its clean fields, stand in the file, for messages.
  std::string place(const std::string& split, int64_t trajectory, int64_t snapshot, bool clean) const;
  // Trajectories of a split that follow each other and have predicted snapshots in common (DataView::start_every); 1: none do.
  int64_t starts_per_block(const std::string& split) const;

  torch::ScalarType stored_type() const;  // of fields in the file, kFloat or kDouble
  // Fields as they are stored, float32 or float64: what is scored and what forecasts start from. Without units float32.
  torch::Tensor stored_fields(const std::string& split, int64_t trajectory, int64_t start, int64_t count,
                              bool clean = false) const;
  // Points of these and of what follows that are no fluid are 0, in units and without.
  // All tensors float32 on the CPU. x: [count, C, *grid] of one trajectory.
  torch::Tensor fields(const std::string& split, int64_t trajectory, int64_t start, int64_t count) const;
  torch::Tensor clean_fields(const std::string& split, int64_t trajectory, int64_t start,
                             int64_t count) const;
  torch::Tensor times(const std::string& split) const;  // [N, T], float64
  std::vector<double> first_times(const std::string& split, int64_t trajectory, int64_t count) const;
  torch::Tensor mu(const std::string& split) const;       // [N, n_mu]
  torch::Tensor forcing(const std::string& split) const;  // [N, T, n_f]

 private:
  struct Contents;
  std::shared_ptr<const Contents> contents_;
  std::shared_ptr<const Units> units_;  // null: those of the file
  std::shared_ptr<const Grid> grid_;    // null: that of the view
  struct Filling;
  std::shared_ptr<const Filling> fill_;  // null: missing values stay so
  struct Framing;
  std::shared_ptr<const Framing> frame_;  // null: fields stay where they are
};

}  // namespace msde
