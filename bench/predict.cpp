// A forecast from one first snapshot: the point prediction and its ensemble, decoded on the fine grid.
#include "bench/random_model.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde::bench {
namespace {

constexpr int64_t kSteps = 1000, kStepsSmall = 12;

class Predict : public Workload {
 public:
  explicit Predict(const WorkloadOptions& o) : options_(o), model_(random_model(o)) {
    const ModelSpec& spec = model_->spec();
    std::vector<int64_t> shape = {1, spec.grid.channels};
    shape.insert(shape.end(), spec.grid.shape.begin(), spec.grid.shape.end());
    request_ = {.first = draw(1, shape, o.type()),
                .mu = draw(2, {1, spec.n_mu}, o.type()),
                .forcing = {},
                .t0 = 0,
                .dt = spec.dt,
                .n_steps = o.small ? kStepsSmall : kSteps,
                .members = o.count,
                .decoder_noise = false,
                .seed = 5};
    request_.forcing = draw(3, {1, request_.n_steps + 1, spec.n_f}, o.type());
  }

  void write(hdf5::File& file) override {
    write_model(file, model_);
    write_tensor(file, "inputs/first", request_.first);
    write_tensor(file, "inputs/mu", request_.mu);
    write_tensor(file, "inputs/forcing", request_.forcing);
    file.set_attribute("/", "n_steps", request_.n_steps);
    // The same numbers that the forecaster draws from its keys.
    const std::vector<int64_t> shape = {request_.members, 1, model_->n_z()};
    const auto options = request_.first.options();
    write_tensor(file, "inputs/start_noise", normal({request_.seed, Stream::first_state, 0}, shape, options));
    const auto path = keyed_brownian_path(request_.seed, shape, options);
    std::vector<torch::Tensor> dW, dZ;
    for (int64_t k = 0; k < request_.n_steps; ++k) {
      const auto noise = path(k, request_.dt);
      dW.push_back(noise.dW);
      dZ.push_back(noise.dZ);
    }
    write_tensor(file, "inputs/dW", torch::stack(dW));
    write_tensor(file, "inputs/dZ", torch::stack(dZ));
    const auto forecast = make();
    write_tensor(file, "expected/point", forecast.point.flatten(2));
    write_tensor(file, "expected/last_members", forecast.members.select(2, request_.n_steps).flatten(2));
  }

  void iterate() override { make(); }

 private:
  Forecast make() const { return ModelForecaster(model_, {}).forecast(request_); }

  WorkloadOptions options_;
  MultiscaleModel model_;
  ForecastRequest request_;
};

}  // namespace

std::unique_ptr<Workload> make_predict(const WorkloadOptions& options) {
  return std::make_unique<Predict>(options);
}

}  // namespace msde::bench
