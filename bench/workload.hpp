// One piece of work that bench/run times: msde's own code on random weights and inputs of a case's real
// sizes.
#pragma once

#include <memory>
#include <string>

#include "msde/core/files/hdf5.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/tensor/torch.hpp"

namespace msde::bench {

struct WorkloadOptions {
  std::string case_name = "kdv_1d", preset = "reduced";
  std::string configs = "configs";  // folder of the configurations that give the model's options
  int64_t count = 8;  // windows of a train step, trajectories of a roll-out, members, trajectories, snapshots
  int64_t points = 0;    // of every axis of the grid; 0: the case's own
  int64_t window = 0;    // snapshots of a window of a train step; 0: that of the configuration
  bool small = false;    // sizes of a unit test
  bool doubles = false;  // float64

  torch::ScalarType type() const { return doubles ? torch::kDouble : torch::kFloat; }
};

class Workload {
 public:
  virtual ~Workload() = default;
  // Weights, inputs and what msde makes of them, for the peer to check itself by; call before `iterate`.
  virtual void write(hdf5::File& file) = 0;
  virtual void iterate() = 0;
};

std::unique_ptr<Workload> make_train_step(const WorkloadOptions& options);
std::unique_ptr<Workload> make_rollout_step(const WorkloadOptions& options);
std::unique_ptr<Workload> make_predict(const WorkloadOptions& options);
std::unique_ptr<Workload> make_generate(const WorkloadOptions& options);
std::unique_ptr<Workload> make_project(const WorkloadOptions& options);

}  // namespace msde::bench
