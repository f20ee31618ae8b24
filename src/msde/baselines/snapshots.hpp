// Snapshots as rows, and their coordinates in leading POD modes: what DMD and POD-SINDy are fitted on.
#pragma once

#include <functional>
#include <vector>

#include "msde/baselines/baselines.hpp"
#include "msde/field/dataset.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// A trajectory's snapshots as rows, float64 [T, D].
torch::Tensor trajectory_rows(const Dataset& data, const std::string& split, int64_t trajectory,
                              int64_t count);
// All training snapshots, trajectory by trajectory in blocks of bounded size; the same blocks at every call.
void visit_training_snapshots(const Dataset& data,
                              const std::function<void(const torch::Tensor& rows)>& visit);

// Trajectories in coordinates a = y U of the leading modes of all training snapshots, uncentred.
struct ReducedData {
  torch::Tensor modes;            // U, [D, rank], orthonormal columns, by falling energy
  torch::Tensor singular_values;  // [rank]
  double total_energy = 0;        // sum of all squared singular values
  double dt = 1;
  std::vector<torch::Tensor> train;       // [T, rank] each
  std::vector<torch::Tensor> val;         // [frames scored, rank] each: validation_frames()
  std::vector<torch::Tensor> val_energy;  // |y|^2 of each of these frames

  int64_t rank() const { return modes.size(1); }
  double retained_energy(int64_t rank) const;  // share of total_energy, sum of squares
};

// The rank is cut to the number of snapshots and of values in one; DataError for fewer than three snapshots a
// trajectory.
ReducedData reduce(const BaselineContext& context, int64_t rank);

// Mean relative L2 error over frames t > 0 of validation paths given in coordinates [frames, r]: equals that
// of the fields, since |U a - y|^2 = |a - U^T y|^2 + |y|^2 - |U^T y|^2.
double relative_error(const ReducedData& data, const std::vector<torch::Tensor>& paths);

// The ranks tried on validation: 5, 10, 15, 20, 25, 30, 40, 60 .. up to `most`, and `most`.
std::vector<int64_t> candidate_ranks(int64_t most);

}  // namespace msde
