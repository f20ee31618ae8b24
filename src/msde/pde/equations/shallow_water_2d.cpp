#include "msde/pde/equations/shallow_water_2d.hpp"

#include "msde/pde/numpy_random.hpp"

namespace msde {
namespace {

// The field of the benchmark is h - 1, so that still water is 0.
torch::Tensor depth_offset() {
  return torch::tensor({1., 0., 0.}, torch::kDouble).view({3, 1, 1});
}

FiniteVolumes<ShallowWaterLaw> volumes_on(const CoarseGrid& grid) {
  return {{{grid.shape[0], grid.shape[1]},
           {grid.spacing(0), grid.spacing(1)},
           {grid.boundary[0], grid.boundary[1]}},
          {}};
}

}  // namespace

torch::Tensor dam_state(const RadialDam& dam) {
  const auto x = dam.first_point() + torch::arange(dam.n, torch::kDouble) * dam.spacing();
  const auto inside = (x.square().unsqueeze(1) + x.square()).sqrt() <= dam.radius;
  auto state = torch::zeros({3, dam.n, dam.n}, torch::kDouble);
  state[0].fill_(dam.outer).masked_fill_(inside, dam.inner);
  return state;
}

FiniteVolumes<ShallowWaterLaw> dam_volumes(const RadialDam& dam) {
  return {{{dam.n, dam.n}, {dam.spacing(), dam.spacing()}, {Boundary::open, Boundary::open}}, {}};
}

torch::Tensor break_dam(const RadialDam& dam, const SnapshotTimes& times) {
  const auto volumes = dam_volumes(dam);
  auto snapshots = torch::empty({times.n_snapshots, 3, dam.n, dam.n}, torch::kDouble);
  trajectory([&](const torch::Tensor& u) { return volumes.advance(u, times.spacing()); }, dam_state(dam),
             times.n_snapshots, 1, [&](int64_t i, const torch::Tensor& u) { snapshots[i].copy_(u); });
  return snapshots;
}

double dam_radius(uint64_t seed, uint64_t split, uint64_t index) {
  constexpr uint64_t first[] = {0, 900, 950}, count[] = {900, 50, 50};  // of the published splits
  constexpr uint64_t beyond[] = {1000, 1u << 30, 1u << 31};             // where longer splits go on
  const uint64_t group = index < count[split] ? first[split] + index : beyond[split] + index - count[split];
  std::vector<uint32_t> entropy = {static_cast<uint32_t>(group)};
  if (seed != 0)
    entropy.insert(entropy.end(), {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  return NumpyGenerator(entropy).uniform(.3, .7);
}

torch::Tensor simulate_shallow_water_2d(const RandomKey& key, const SnapshotTimes& times) {
  const RadialDam dam{.radius = dam_radius(key.seed, key.step >> 32, key.step & 0xffffffff)};
  return break_dam(dam, times).narrow(1, 0, 1) - 1;
}

torch::Tensor water_at_rest(const torch::Tensor& field) {
  return torch::cat({field, torch::zeros_like(field), torch::zeros_like(field)});
}

torch::Tensor coarse_shallow_water_rate(const CoarseGrid& grid, const torch::Tensor& u) {
  return volumes_on(grid).rate(u + depth_offset());
}

CoarseStep coarse_shallow_water_step(const CoarseGrid& grid, double dt) {
  const auto volumes = volumes_on(grid);
  return [volumes, dt](const torch::Tensor& u, int64_t& evaluations) {
    return volumes.advance(u + depth_offset(), dt, &evaluations) - depth_offset();
  };
}

}  // namespace msde
