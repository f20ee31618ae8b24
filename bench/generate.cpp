// Trajectories of a case with its default sampling in time: simulation and noise, without the file.
#include "bench/workload.hpp"
#include "msde/core/error.hpp"
#include "msde/pde/cases.hpp"
#include "msde/pde/generated_trajectories.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde::bench {
namespace {

constexpr int64_t kSnapshotsSmall = 6;

class Generate : public Workload {
 public:
  explicit Generate(const WorkloadOptions& o) : row_(find_case(o.case_name)), generate_(row_.defaults) {
    if (row_.simulate == nullptr) throw ConfigError("generate: the peer does not have the case " + row_.name);
    generate_.n_train = o.count - 2;  // one each for validation and test is the least
    generate_.n_val = generate_.n_test = 1;
    if (o.small) generate_.n_steps = kSnapshotsSmall;
  }

  void write(hdf5::File& file) override {
    const SnapshotTimes times{row_.t_end * (small() ? 0.02 : 1), generate_.n_steps};
    std::vector<torch::Tensor> clean;
    for (uint64_t i = 0; i < 2; ++i) clean.push_back(row_.simulate({0, Stream::data_parameters, i}, times));
    file.set_attribute("/", "case", row_.name);
    file.set_attribute("/", "t_end", times.end);
    file.set_attribute("/", "n_steps", generate_.n_steps);
    file.set_attribute("/", "noise_std", generate_.noise_std);
    file.set_attribute("/", "count", generate_.n_train + 2);
    write_tensor(file, "expected/clean", torch::stack(clean));
  }

  void iterate() override {
    generate_trajectories(row_.name, generate_, [](const GeneratedTrajectory&) {});
  }

 private:
  bool small() const { return generate_.n_steps == kSnapshotsSmall; }

  const Case& row_;
  GenerateOptions generate_;
};

}  // namespace

std::unique_ptr<Workload> make_generate(const WorkloadOptions& options) {
  return std::make_unique<Generate>(options);
}

}  // namespace msde::bench
