// The shallow-water equations: radial dam breaks as in PDEBench (Takamoto et al., NeurIPS 2022).
#pragma once

#include "msde/core/random/random.hpp"
#include "msde/pde/coarse_equation.hpp"
#include "msde/pde/steppers/finite_volumes.hpp"
#include "msde/pde/steppers/trajectory.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// h_t + (hu)_x + (hv)_y = 0,  (hu)_t + (hu^2 + g h^2/2)_x + (huv)_y = 0 and alike for hv; state (h, hu, hv)
// per cell, h > 0. Fluxes by the HLLC solver with wave speeds from the two-rarefaction estimate (Toro,
// Shock-Capturing Methods for Free-Surface Shallow Flows, 2001, section 10.4).
struct ShallowWaterLaw {
  static constexpr int components = 3;
  using State = std::array<double, 3>;
  double g = 1;

  template <int axis>
  State flux(const State& left, const State& right) const;
  double speed(const State& u, int axis) const {
    return std::abs(u[static_cast<size_t>(1 + axis)] / u[0]) + std::sqrt(g * u[0]);
  }
  static double mirrored(int component, int axis) { return component == 1 + axis ? -1 : 1; }
  double diffusivity() const { return 0; }
};

// Water of depth `inner` where |x| <= radius, `outer` elsewhere, at rest; cells of side / n around the
// origin.
struct RadialDam {
  int64_t n = 128;
  double side = 5;
  double radius = .5;
  double inner = 2, outer = 1;

  double spacing() const { return side / static_cast<double>(n); }
  double first_point() const { return (spacing() - side) / 2; }
};
torch::Tensor dam_state(const RadialDam& dam);                              // [3, n, n]
FiniteVolumes<ShallowWaterLaw> dam_volumes(const RadialDam& dam);           // open on all sides
torch::Tensor break_dam(const RadialDam& dam, const SnapshotTimes& times);  // [n_snapshots, 3, n, n]

// The radius of trajectory `index` of split 0 (train), 1 (val) or 2 (test):
// numpy.random.default_rng(s).uniform(.3, .7), s the group of PDEBench's file that holds it (train 0..899,
// val 900..949, test 950..999, longer splits further on); with a seed other than 0 default_rng([s, seed]).
double dam_radius(uint64_t seed, uint64_t split, uint64_t index);

// One trajectory of the benchmark: h - 1, [n_snapshots, 1, 128, 128]. key.step = split << 32 | index.
torch::Tensor simulate_shallow_water_2d(const RandomKey& key, const SnapshotTimes& times);

// For the baseline coarse_dns: the same code on coarse cells; states (h - 1, hu, hv), water at rest at first.
torch::Tensor water_at_rest(const torch::Tensor& field);  // [1, ..] -> [3, ..]
torch::Tensor coarse_shallow_water_rate(const CoarseGrid& grid, const torch::Tensor& u);
CoarseStep coarse_shallow_water_step(const CoarseGrid& grid, double dt);

template <int axis>
ShallowWaterLaw::State ShallowWaterLaw::flux(const State& left, const State& right) const {
  constexpr size_t normal = 1 + axis, transverse = 2 - axis;
  const double hl = left[0], hr = right[0];
  const double ul = left[normal] / hl, ur = right[normal] / hr;
  const double cl = std::sqrt(g * hl), cr = std::sqrt(g * hr);
  // Depth between the waves if both were rarefactions; a deeper one is behind a shock, which is faster.
  const double c = std::max(0., .5 * (cl + cr) + .25 * (ul - ur)), middle = c * c / g;
  const auto shock = [&](double h) { return middle > h ? std::sqrt(.5 * (middle + h) * middle) / h : 1; };
  const double sl = ul - cl * shock(hl), sr = ur + cr * shock(hr);
  const double s = (sl * hr * (ur - sr) - sr * hl * (ul - sl)) / (hr * (ur - sr) - hl * (ul - sl));

  const double mass_l = left[normal], mass_r = right[normal];
  const double force_l = mass_l * ul + .5 * g * hl * hl, force_r = mass_r * ur + .5 * g * hr * hr;
  // HLL with speeds cut at zero is the flux of the left or right state where all waves go one way.
  const double a = std::min(sl, 0.), b = std::max(sr, 0.);
  State f;
  f[0] = (b * mass_l - a * mass_r + a * b * (hr - hl)) / (b - a);
  f[normal] = (b * force_l - a * force_r + a * b * (mass_r - mass_l)) / (b - a);
  f[transverse] = f[0] * (s > 0 ? left[transverse] / hl : right[transverse] / hr);  // carried by the contact
  return f;
}

}  // namespace msde
