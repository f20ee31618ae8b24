#include "msde/model/free_runs.hpp"

#include "msde/model/fused/choose.hpp"
#include "msde/model/fused/mean_path.hpp"

namespace msde {

Sde latent_sde(MultiscaleModel model, const Exogenous& in) {
  auto expand = [](const torch::Tensor& x, const torch::Tensor& z) {  // [B, k] -> [.., B, k]
    auto shape = z.sizes().slice(0, z.dim() - 1).vec();
    shape.push_back(x.size(-1));
    return x.expand(shape);
  };
  Sde sde;
  const auto fused = torch::GradMode::is_enabled() ? std::nullopt : fused_drift(model);
  sde.drift = [=](double t, const torch::Tensor& z) mutable {
    const DriftInputs now = inputs_at(in, torch::full({1}, t, torch::kDouble));
    const auto at = [](const torch::Tensor& x) { return x.select(1, 0); };
    const DriftInputs one = {at(now.t), at(now.mu), at(now.f)};
    if (fused && !torch::GradMode::is_enabled()) return drift_values(*fused, z, model->drift->outside(one));
    return model->drift->forward(z, {expand(one.t, z), expand(one.mu, z), expand(one.f, z)});
  };
  sde.dispersion = [=](double t) mutable {
    return model->dispersion->diagonal((in.start + t).unsqueeze(1)).expand({in.start.size(0), model->n_z()});
  };
  return sde;
}

torch::Tensor mean_path(MultiscaleModel& model, const Exogenous& in, const torch::Tensor& z0,
                        const TimeGrid& grid) {
  const auto path = fused_mean_path(model, in, z0, grid);
  return path ? *path : mean_path_by_steps(model, in, z0, grid);
}

torch::Tensor mean_path_by_steps(MultiscaleModel& model, const Exogenous& in, const torch::Tensor& z0,
                                 const TimeGrid& grid) {
  return integrate(Scheme::rk4, latent_sde(model, in), z0, grid, {}).transpose(0, 1);
}

namespace {

// The integrator of the members without their noise, from z0 [B, n_z]: [B, T, n_z].
torch::Tensor quiet_path(MultiscaleModel& model, const Exogenous& in, const torch::Tensor& z0,
                         const TimeGrid& grid, Scheme scheme) {
  const auto start = z0.unsqueeze(0);
  if (scheme == Scheme::srk)
    if (const auto paths = fused_member_paths(model, in, start, grid, 0, /*noise=*/false)) return (*paths)[0];
  Sde sde = latent_sde(model, in);
  sde.dispersion = [=](double) { return torch::zeros_like(z0); };
  return integrate(scheme, sde, start, grid, keyed_brownian_path(0, start.sizes(), start.options()))
      .movedim(0, 2)[0];
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
                             const TimeGrid& grid, Scheme scheme, uint64_t seed) {
  if (scheme == Scheme::srk)
    if (const auto paths = fused_member_paths(model, in, start, grid, seed)) return *paths;
  return integrate(scheme, latent_sde(model, in), start, grid,
                   keyed_brownian_path(seed, start.sizes(), start.options()))
      .movedim(0, 2);
}

}  // namespace msde
