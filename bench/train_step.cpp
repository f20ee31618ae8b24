// One step of the solver-free stage, as the loop of infer/train.cpp makes it: draw windows and noise, ELBO,
// gradient, clipping, Muon and Adam, average.
#include <algorithm>
#include <cmath>

#include "bench/random_model.hpp"
#include "msde/core/error.hpp"
#include "msde/field/windows.hpp"
#include "msde/infer/elbo.hpp"
#include "msde/infer/optimiser/gradients.hpp"
#include "msde/infer/optimiser/optimiser.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde::bench {
namespace {

constexpr int64_t kTrajectories = 4,
                  kMostValues = int64_t{1} << 23;  // of the data that windows are drawn from
constexpr double kRateShape = 0.04;  // of the learning rates: where the one-cycle schedule begins

// What is drawn for one step.
struct Draw {
  WindowChoice choice;
  torch::Tensor input_noise;  // [B, W, n], undefined where the data are not denoised
  ElboNoise noise;
};

class TrainStep : public Workload {
 public:
  explicit TrainStep(const WorkloadOptions& o)
      : options_(o),
        train_(settings_of(o).train.elbo),
        model_(random_model(o)),
        weights_(model_->parameters()),
        optimiser_(weights_, {.muon = train_.optimiser == "muon", .clip = train_.clip}),
        average_(weights_.values().clone()),
        window_(o.small        ? 8
                : o.window > 0 ? o.window
                               : train_.window) {
    const int64_t n = model_->coordinates->size(), N = kTrajectories;
    const int64_t T = std::max(2 * window_, std::min<int64_t>(kMostValues / (N * n), o.small ? 20 : 1001));
    a_ = draw(1, {N, T, n}, o.type());
    off_norm2_ = draw(2, {N, T}, o.type()).square() * (model_->coordinates->is_reduced() ? 1 : 0);
    t_ = (torch::arange(T, o.type()) * model_->spec().dt).repeat({N, 1});
    mu_ = draw(3, {N, model_->spec().n_mu}, o.type());
    f_ = draw(4, {N, T, model_->spec().n_f}, o.type());
  }

  void write(hdf5::File& file) override {
    write_model(file, model_);
    for (const auto& [name, tensor] :
         {std::pair{"a", a_}, {"off_norm2", off_norm2_}, {"t", t_}, {"mu", mu_}, {"f", f_}})
      write_tensor(file, std::string("data/") + name, tensor);
    const auto d = draw_step(0);
    write_tensor(file, "inputs/trajectory", d.choice.trajectory);
    write_tensor(file, "inputs/start", d.choice.start);
    if (d.input_noise.defined()) write_tensor(file, "inputs/input_noise", d.input_noise);
    write_tensor(file, "inputs/likelihood_noise", d.noise.likelihood);
    write_tensor(file, "inputs/drift_noise", d.noise.drift);
    file.set_attribute("/", "window", window_);
    file.set_attribute("/", "clip", train_.clip);
    file.set_attribute("/", "noise_std", noise_std());
    file.set_attribute("/", "lr_matrices", rates().matrices);
    file.set_attribute("/", "lr_others", rates().others);
    file.set_attribute("/", "ema", train_.ema);
    const auto terms = elbo(model_, batch_of(d), d.noise);
    step(d);
    const std::pair<const char*, torch::Tensor> values[] = {
        {"elbo", terms.value()},
        {"macro_residual", terms.likelihood.macro_residual},
        {"micro_correlation", terms.likelihood.micro_correlation},
        {"micro_norm", terms.likelihood.micro_norm},
        {"log_determinant", terms.likelihood.log_determinant},
        {"drift_residual", terms.drift_residual},
        {"kl_initial", terms.kl_initial}};
    for (const auto& [name, value] : values)
      write_tensor(file, std::string("expected/terms/") + name, value.detach().reshape({1}));
    write_like_parameters(file, "gradients", model_, gradients_);
    write_like_parameters(file, "stepped", model_, model_->parameters());
    std::vector<torch::Tensor> averages;
    for (size_t i = 0; i < weights_.parameters().size(); ++i)
      averages.push_back(weights_.view_of(average_, i));
    write_like_parameters(file, "average", model_, averages);
    gradients_.clear();
  }

  void iterate() override { step(draw_step(++number_)); }

 private:
  double noise_std() const {
    return train_.denoise && model_->coordinates->is_reduced() ? model_->spec().noise_std : 0;
  }
  LearningRates rates() const { return {train_.lr * kRateShape, train_.lr_vectors * kRateShape}; }

  Draw draw_step(uint64_t step) const {
    Draw d;
    d.choice = choose_windows({a_.size(0), a_.size(1), false}, window_, options_.count,
                              {0, Stream::window_choice, step});
    const std::vector<int64_t> shape = {options_.count, window_, a_.size(2)};
    if (noise_std() > 0) d.input_noise = normal({0, Stream::encoder_sample, step}, shape, options_.type());
    auto both =
        normal({0, Stream::reparametrisation, step}, {2, shape[0], shape[1], model_->n_z()}, options_.type());
    d.noise = {both[0], both[1]};
    return d;
  }

  // [N, T, ..] -> [B, W, ..]
  torch::Tensor pick(const torch::Tensor& values, const WindowChoice& c) const {
    const auto snapshot = c.start.unsqueeze(1) + torch::arange(c.length);
    auto shape = values.sizes().vec();
    shape[0] = snapshot.size(0);
    shape[1] = snapshot.size(1);
    const auto flat = (c.trajectory.unsqueeze(1) * values.size(1) + snapshot).reshape({-1});
    return values.flatten(0, 1).index_select(0, flat).view(shape);
  }

  WindowBatch batch_of(const Draw& d) const {
    const auto a = pick(a_, d.choice);
    return {d.input_noise.defined() ? a + noise_std() * d.input_noise : a,
            a,
            pick(off_norm2_, d.choice),
            pick(t_, d.choice),
            mu_.index_select(0, d.choice.trajectory),
            pick(f_, d.choice),
            model_->spec().dt};
  }

  void step(const Draw& d) {
    const auto batch = batch_of(d);
    const auto& a = batch.a;
    const auto row = add_gradients(weights_, a.size(0), [&](const Ranks& thread) -> Part {
      const Share rows = thread.share(a.size(0));
      const auto part = weighted_elbo(model_, batch.cut(rows), d.noise.cut(rows), 1);
      const auto loss = rows.weight() * -part.value / static_cast<double>(a.size(1) * a.size(2));
      return {loss, {{"loss", loss.item<double>()}}};
    });
    const double l = row.front().second, norm = optimiser_.gradient_norm();
    if (!std::isfinite(l) || !std::isfinite(norm)) throw NumericsError("train_step: diverged");
    if (number_ == 0)
      for (const auto& p : weights_.parameters()) gradients_.push_back(p.grad().clone());
    optimiser_.step(rates(), norm);
    const double s = static_cast<double>(number_) + 1;
    average_.lerp_(weights_.values(), 1 - std::min(train_.ema, (1 + s) / (10 + s)));
  }

  WorkloadOptions options_;
  ElboOptions train_;
  MultiscaleModel model_;
  FlatParameters weights_;
  Optimiser optimiser_;
  torch::Tensor average_;
  int64_t window_;
  torch::Tensor a_, off_norm2_, t_, mu_, f_;  // [N, T, ..]
  uint64_t number_ = 0;
  std::vector<torch::Tensor> gradients_;  // of step 0
};

}  // namespace

std::unique_ptr<Workload> make_train_step(const WorkloadOptions& options) {
  return std::make_unique<TrainStep>(options);
}

}  // namespace msde::bench
