// Snapshots in the coordinates of the reduced basis, as the streaming of infer/data/training_data.cpp does it.
#include "bench/random_model.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde::bench {
namespace {

class Project : public Workload {
 public:
  explicit Project(const WorkloadOptions& o) : model_(random_model(o)) {
    fields_ = draw(1, {o.count, model_->coordinates->fine_size()}, o.type());
  }

  void write(hdf5::File& file) override {
    write_model(file, model_);
    write_tensor(file, "inputs/fields", fields_);
    const auto projected = project();
    write_tensor(file, "expected/a", projected.a);
    write_tensor(file, "expected/off_norm2", projected.off_norm2);
  }

  void iterate() override { project(); }

 private:
  Snapshots project() const {
    torch::NoGradGuard no_grad;
    return model_->coordinates->project(fields_);
  }

  MultiscaleModel model_;
  torch::Tensor fields_;
};

}  // namespace

std::unique_ptr<Workload> make_project(const WorkloadOptions& options) {
  return std::make_unique<Project>(options);
}

}  // namespace msde::bench
