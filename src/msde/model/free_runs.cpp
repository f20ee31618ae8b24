#include "msde/model/free_runs.hpp"

#include "msde/model/fused/member_paths.hpp"

namespace msde {

Sde latent_sde(MultiscaleModel model, const Exogenous& in) {
  auto expand = [](const torch::Tensor& x, const torch::Tensor& z) {  // [B, k] -> [.., B, k]
    auto shape = z.sizes().slice(0, z.dim() - 1).vec();
    shape.push_back(x.size(-1));
    return x.expand(shape);
  };
  Sde sde;
  const auto networks = torch::GradMode::is_enabled() ? std::nullopt : model->drift->networks();
  sde.drift = [=](double t, const torch::Tensor& z) mutable {
    const DriftInputs now = inputs_at(in, torch::full({1}, t, torch::kDouble));
    const auto at = [](const torch::Tensor& x) { return x.select(1, 0); };
    const DriftInputs one = {at(now.t), at(now.mu), at(now.f)};
    if (networks && !torch::GradMode::is_enabled())
      return drift_values(*networks, z, model->drift->outside(one));
    return model->drift->forward(z, {expand(one.t, z), expand(one.mu, z), expand(one.f, z)});
  };
  sde.dispersion = [=](double t) mutable {
    return model->dispersion->diagonal((in.start + t).unsqueeze(1)).expand({in.start.size(0), model->n_z()});
  };
  return sde;
}

torch::Tensor mean_path(MultiscaleModel& model, const Exogenous& in, const torch::Tensor& z0,
                        const TimeGrid& grid) {
  if (const auto drift = model->drift->networks()) {
    const PathSteps steps = {grid.dt / static_cast<double>(grid.substeps), grid.n_outputs + 1, grid.substeps};
    return rk4_path(*drift, z0, model->drift->outside(inputs_at(in, half_steps(steps))), steps);
  }
  return integrate(Scheme::rk4, latent_sde(model, in), z0, grid, {}).transpose(0, 1);
}

torch::Tensor ensemble_paths(MultiscaleModel& model, const Exogenous& in, const torch::Tensor& start,
                             const TimeGrid& grid, Scheme scheme, uint64_t seed) {
  const auto drift = scheme == Scheme::srk ? model->drift->networks() : std::nullopt;
  if (!drift || grid.n_outputs == 0)
    return integrate(scheme, latent_sde(model, in), start, grid,
                     keyed_brownian_path(seed, start.sizes(), start.options()))
        .movedim(0, 2);
  MemberSteps steps;
  steps.h = grid.dt / static_cast<double>(grid.substeps);
  steps.n_frames = grid.n_outputs + 1;
  steps.substeps = grid.substeps;
  steps.seed = seed;
  const auto t = inputs_at(in, step_times(steps)).t;
  const std::vector<int64_t> shape = {start.size(1), t.size(1), start.size(2)};
  steps.dispersion = model->dispersion->diagonal(t).to(torch::kFloat).expand(shape).contiguous();
  steps.outside = model->drift->outside(inputs_at(in, drift_times(steps))).to(torch::kFloat).contiguous();
  return member_paths(*drift, start, steps);
}

}  // namespace msde
