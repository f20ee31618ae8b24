#include "msde/model/free_runs.hpp"

#include <algorithm>
#include <cmath>

#include "msde/model/fused/choose.hpp"
#include "msde/model/fused/mean_path.hpp"

namespace msde {

namespace {

torch::Tensor expanded(const torch::Tensor& x, const torch::Tensor& z) {  // [B, k] -> [.., B, k]
  auto shape = z.sizes().slice(0, z.dim() - 1).vec();
  shape.push_back(x.size(-1));
  return x.expand(shape);
}

// The drift at states z and at `times` [1] or [B, 1].
torch::Tensor drift_at(MultiscaleModel& model, const std::optional<FusedDrift>& fused, const Exogenous& in,
                       const torch::Tensor& times, const torch::Tensor& z) {
  const DriftInputs now = inputs_at(in, times);
  const auto at = [](const torch::Tensor& x) { return x.select(1, 0); };
  const DriftInputs one = {at(now.t), at(now.mu), at(now.f)};
  if (fused && !torch::GradMode::is_enabled()) return drift_values(*fused, z, model->drift->outside(one));
  return model->drift->forward(z, {expanded(one.t, z), expanded(one.mu, z), expanded(one.f, z)});
}

std::optional<FusedDrift> fused_without_gradients(const MultiscaleModel& model) {
  return torch::GradMode::is_enabled() ? std::nullopt : fused_drift(model);
}

}  // namespace

Sde latent_sde(MultiscaleModel model, const Exogenous& in) {
  Sde sde;
  sde.drift = [=, fused = fused_without_gradients(model)](double t, const torch::Tensor& z) mutable {
    return drift_at(model, fused, in, torch::full({1}, t, torch::kDouble), z);
  };
  sde.dispersion = [=](double t) mutable {
    return model->dispersion->diagonal((in.start + t).unsqueeze(1)).expand({in.start.size(0), model->n_z()});
  };
  return sde;
}

SdeOfStep latent_sde(MultiscaleModel model, const Exogenous& in, const UnequalSteps& steps) {
  const auto lengths = steps.lengths();
  return [=, fused = fused_without_gradients(model), begins = steps.times](int64_t k) {
    const auto begin = begins.narrow(1, k, 1), length = lengths.narrow(1, k, 1);  // [B, 1]
    const auto h = length.to(in.start.options());
    Sde sde;
    sde.drift = [=](double s, const torch::Tensor& z) mutable {
      return h * drift_at(model, fused, in, begin + s * length, z);
    };
    sde.dispersion = [=](double s) mutable {
      const auto t = in.start.unsqueeze(1) + (begin + s * length).to(in.start.options());
      return h.sqrt() * model->dispersion->diagonal(t).expand({in.start.size(0), model->n_z()});
    };
    return sde;
  };
}

torch::Tensor mean_path(MultiscaleModel& model, const Exogenous& in, const torch::Tensor& z0,
                        const TimeGrid& grid) {
  const auto path = fused_mean_path(model, in, z0, grid);
  return path ? *path : mean_path_by_steps(model, in, z0, grid);
}

torch::Tensor mean_path_by_steps(MultiscaleModel& model, const Exogenous& in, const torch::Tensor& z0,
                                 const TimeGrid& grid) {
  if (grid.unequal)
    return integrate(Scheme::rk4, latent_sde(model, in, *grid.unequal), z0, *grid.unequal, {})
        .transpose(0, 1);
  return integrate(Scheme::rk4, latent_sde(model, in), z0, grid, {}).transpose(0, 1);
}

namespace {

// SRA1 and the like are of second order for the drift alone: what turns without fading grows by y^4 / 8 a step, y being its rate
// times the step. RK4 steps that a prior's stiffness allows are divided for members. Unequal steps stay as they are.
TimeGrid for_members(const MultiscaleModel& model, const TimeGrid& grid) {
  constexpr double kReach = .3, kReachOfRk4 = 2.5;
  const auto* prior = model->drift->prior();
  if (prior == nullptr || grid.unequal) return grid;
  const double y = kReachOfRk4 * prior->stiffness() * grid.dt / static_cast<double>(grid.substeps);
  auto finer = grid;
  finer.substeps *= std::max<int64_t>(1, static_cast<int64_t>(std::ceil(std::min(y / kReach, 1e3))));
  return finer;
}

// The integrator of the members without their noise, from z0 [B, n_z]: [B, T, n_z].
torch::Tensor quiet_path(MultiscaleModel& model, const Exogenous& in, const torch::Tensor& z0,
                         const TimeGrid& of_frames, Scheme scheme) {
  const TimeGrid grid = for_members(model, of_frames);
  const auto start = z0.unsqueeze(0);
  if (scheme == Scheme::srk)
    if (const auto paths = fused_member_paths(model, in, start, grid, 0, /*noise=*/false)) return (*paths)[0];
  const auto silent = [z0](Sde sde) {
    sde.dispersion = [=](double) { return torch::zeros_like(z0); };
    return sde;
  };
  const auto noise = keyed_brownian_path(0, start.sizes(), start.options());
  if (grid.unequal) {
    const auto loud = latent_sde(model, in, *grid.unequal);
    return integrate(scheme, SdeOfStep([=](int64_t k) { return silent(loud(k)); }), start, *grid.unequal,
                     noise)
        .movedim(0, 2)[0];
  }
  return integrate(scheme, silent(latent_sde(model, in)), start, grid, noise).movedim(0, 2)[0];
}

}  // namespace

torch::Tensor integration_error(MultiscaleModel& model, const Exogenous& in, const torch::Tensor& mean,
                                const TimeGrid& grid, Scheme scheme) {
  const auto error = quiet_path(model, in, mean.select(1, 0), grid, scheme) - mean;
  return error.isfinite().all().item<bool>() ? error : torch::zeros_like(error);
}

torch::Tensor without_error(const MultiscaleModel& model, const torch::Tensor& paths,
                            const torch::Tensor& mean, const torch::Tensor& error) {
  const auto departure = (paths - mean - error).narrow(-1, 0, model->n_zeta()).square().mean(-1, true);
  return paths - (1 - departure).clamp_min(0) * error;
}

HeldMembers hold_members_that_leave(const torch::Tensor& paths, const torch::Tensor& mean) {
  constexpr double kFar = 10;
  const auto reach = kFar * mean.abs().amax({1, 2}).clamp_min(1);  // [B]
  const auto inside = (paths.abs().amax(-1) <= reach.view({1, -1, 1})).logical_and_(paths.isfinite().all(-1));
  const auto left = inside.logical_not().any(-1);  // [M, B]
  const auto counts = left.sum(0).cpu();
  if (counts.sum().item<int64_t>() == 0) return {paths, counts};
  // The frame of the last state that counts, for every frame; the start always does.
  const int64_t T = paths.size(2);
  const auto frame = torch::arange(T, torch::TensorOptions(torch::kLong).device(paths.device()));
  const auto so_far = inside.to(torch::kLong).cumprod(-1);
  const auto from = std::get<0>((so_far * frame).cummax(-1)).unsqueeze(-1).expand_as(paths);
  return {paths.gather(2, from), counts};
}

torch::Tensor ensemble_paths(MultiscaleModel& model, const Exogenous& in, const torch::Tensor& start,
                             const TimeGrid& of_frames, Scheme scheme, uint64_t seed) {
  const TimeGrid grid = for_members(model, of_frames);
  if (scheme == Scheme::srk)
    if (const auto paths = fused_member_paths(model, in, start, grid, seed)) return *paths;
  const auto noise = keyed_brownian_path(seed, start.sizes(), start.options());
  return (grid.unequal ? integrate(scheme, latent_sde(model, in, *grid.unequal), start, *grid.unequal, noise)
                       : integrate(scheme, latent_sde(model, in), start, grid, noise))
      .movedim(0, 2);
}

}  // namespace msde
