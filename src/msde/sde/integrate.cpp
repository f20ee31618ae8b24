#include "msde/sde/integrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {

void check(const TimeGrid& grid) {
  if (grid.unequal) return;                         // which are as many as were made room for
  constexpr int64_t kMostSteps = int64_t{1} << 40;  // random numbers are keyed by the step in 48 bits
  if (grid.substeps > kMostSteps / std::max<int64_t>(1, grid.n_outputs))
    throw ConfigError(
        fmt::format("time grid: got {} frames of {} steps of the integrator, expected at most {} steps",
                    grid.n_outputs, grid.substeps, kMostSteps));
  if (grid.n_outputs < 0 || grid.substeps < 1 || !(grid.dt > 0))
    throw ConfigError("time grid: got n_outputs " + std::to_string(grid.n_outputs) + ", substeps " +
                      std::to_string(grid.substeps) + ", dt " + std::to_string(grid.dt) +
                      ", expected n_outputs >= 0, substeps >= 1, dt > 0");
}

torch::Tensor integrate(Scheme scheme, const Sde& sde, const torch::Tensor& z0, const TimeGrid& grid,
                        const BrownianPath& noise) {
  check(grid);
  if (scheme != Scheme::rk4 && !noise)
    throw ConfigError("integrator " + to_string(scheme) + ": got no Brownian path, expected one");
  const double h = grid.dt / static_cast<double>(grid.substeps);
  std::vector<torch::Tensor> states{z0};
  states.reserve(grid.n_outputs + 1);
  auto z = z0;
  for (int64_t k = 0; k < grid.n_outputs * grid.substeps; ++k) {
    const double t = grid.t0 + static_cast<double>(k) * h;  // never a running sum: no drift over long runs
    z = step(scheme, sde, t, h, z, scheme == Scheme::rk4 ? BrownianStep{} : noise(k, h));
    if ((k + 1) % grid.substeps == 0) states.push_back(z);
  }
  return torch::stack(states);
}

torch::Tensor integrate(Scheme scheme, const SdeOfStep& sde_of_step, const torch::Tensor& z0,
                        const UnequalSteps& steps, const BrownianPath& noise) {
  if (scheme != Scheme::rk4 && !noise)
    throw ConfigError("integrator " + to_string(scheme) + ": got no Brownian path, expected one");
  std::vector<torch::Tensor> states{z0};
  auto z = z0;
  for (int64_t k = 0; k < steps.n_steps(); ++k) {
    z = step(scheme, sde_of_step(k), 0, 1, z, scheme == Scheme::rk4 ? BrownianStep{} : noise(k, 1));
    if (k + 1 == steps.frame_ends[states.size()]) states.push_back(z);
  }
  return torch::stack(states);
}

// (dW, dZ) is Gaussian with variances h, h^3/3 and covariance h^2/2:
//   dW = sqrt(h) u,  dZ = h^(3/2)/2 (u + v/sqrt(3))   (Kloeden & Platen 1992, eq. 10.4.3)
// Both numbers of a member lie together, [M, 2, ...], so that member m reads the same indices for every M.
BrownianPath keyed_brownian_path(uint64_t seed, at::IntArrayRef shape, const torch::TensorOptions& options) {
  TORCH_CHECK(!shape.empty(), "keyed_brownian_path: got shape [], expected members leading");
  std::vector<int64_t> pairs = shape.vec();
  pairs.insert(pairs.begin() + 1, 2);
  return [seed, pairs, options](int64_t step, double h) -> BrownianStep {
    const auto uv = normal({seed, Stream::ensemble, static_cast<uint64_t>(step)}, pairs, options);
    const auto u = uv.select(1, 0), v = uv.select(1, 1);
    return {std::sqrt(h) * u, std::pow(h, 1.5) / 2 * (u + v / std::sqrt(3.))};
  };
}

}  // namespace msde
