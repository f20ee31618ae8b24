// The roll-out loss of infer/rollout.hpp, forward and gradient.
#include "bench/random_model.hpp"
#include "msde/infer/optimiser/gradients.hpp"
#include "msde/infer/rollout.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde::bench {
namespace {

constexpr int64_t kSteps = 40, kStepsSmall = 5;  // RK4 steps

class RolloutStep : public Workload {
 public:
  explicit RolloutStep(const WorkloadOptions& o) : model_(random_model(o)), weights_(model_->parameters()) {
    const int64_t B = o.count, K = (o.small ? kStepsSmall : kSteps) + 1, n = model_->coordinates->size();
    const int64_t stride = o.small ? 2 : settings_of(o).train.rollout.stride;
    const double dt = model_->spec().dt * static_cast<double>(stride);
    batch_.a = draw(1, {B, K, n}, o.type());
    batch_.first = batch_.a.select(1, 0) + model_->spec().noise_std * draw(2, {B, n}, o.type());
    batch_.off_norm2 = draw(3, {B, K}, o.type()).square();
    batch_.t = (dt * torch::arange(K, o.type())).repeat({B, 1});
    batch_.mu = draw(4, {B, model_->spec().n_mu}, o.type());
    batch_.f = draw(5, {B, (K - 1) * stride + 1, model_->spec().n_f}, o.type());
    batch_.snapshots_per_frame = stride;
    batch_.dt_frames = dt;
  }

  void write(hdf5::File& file) override {
    write_model(file, model_);
    for (const auto& [name, tensor] : {std::pair{"a", batch_.a},
                                       {"first", batch_.first},
                                       {"off_norm2", batch_.off_norm2},
                                       {"t", batch_.t},
                                       {"mu", batch_.mu},
                                       {"f", batch_.f}})
      write_tensor(file, std::string("inputs/") + name, tensor);
    file.set_attribute("/", "snapshots_per_frame", batch_.snapshots_per_frame);
    file.set_attribute("/", "dt_frames", batch_.dt_frames);
    file.set_attribute("/", "substeps", batch_.substeps);
    {
      const torch::NoGradGuard no_grad;
      const auto scales = model_->scales();
      write_tensor(file, "expected/z", roll_out(model_, batch_, scales));
    }
    write_tensor(file, "expected/error", torch::full({1}, forward_and_gradient(), batch_.a.options()));
    std::vector<torch::Tensor> gradients;
    for (const auto& p : weights_.parameters()) gradients.push_back(p.grad());
    write_like_parameters(file, "gradients", model_, gradients);
  }

  void iterate() override { forward_and_gradient(); }

 private:
  double forward_and_gradient() {
    weights_.gradients().zero_();
    batch_.mean_energy = mean_energy(batch_);
    const int64_t B = batch_.a.size(0);
    const auto row = add_gradients(weights_, B, [&](const Ranks& thread) -> Part {
      const Share rows = thread.share(B);
      const auto part = batch_.cut(rows);
      const auto scales = model_->scales();
      const auto error = relative_square_error(model_, part, roll_out(model_, part, scales), scales).mean();
      return {rows.weight() * error, {{"error", rows.weight() * error.item<double>()}}};
    });
    return row.front().second;
  }

  MultiscaleModel model_;
  FlatParameters weights_;
  RolloutBatch batch_;
};

}  // namespace

std::unique_ptr<Workload> make_rollout_step(const WorkloadOptions& options) {
  return std::make_unique<RolloutStep>(options);
}

}  // namespace msde::bench
