// The incompressible Navier-Stokes equations in a channel, with or without a circular body.
#pragma once

#include <optional>

#include "msde/pde/flow/cosine_poisson.hpp"
#include "msde/pde/flow/immersed_circle.hpp"
#include "msde/pde/flow/staggered.hpp"

namespace msde {

// du/dt = -div(u u) - grad p + viscosity lap u + f, div u = 0, u = 0 on the body, whose force f is there to
// keep it so. With P the projection on what is free of divergence (Chorin, Math. Comput. 22 (1968)), E the
// velocity on the body and E^T its transposed (immersed_circle.hpp), any field w becomes
//   u = P (w + E^T F), F = -(E P E^T)^-1 E P w:
// the nearest one with div u = 0 and E u = 0, both to rounding: nothing leaks through the body (Taira &
// Colonius, J. Comput. Phys. 225 (2007)). E P E^T is a dense matrix, made once. E P w needs the pressure near
// the body alone, so that one Poisson solve makes both (cosine_poisson.hpp).
//
// In time the third-order Runge-Kutta method of Shu & Osher, J. Comput. Phys. 77 (1988), each stage
// projected: as the constraints are linear and constant, the order is that of the method. In space the order
// is two, near the body one.
class ChannelFlow {
 public:
  ChannelFlow(const Channel& channel, const std::optional<Circle>& body);

  // Force of the fluid on the body over the fluid's density, per unit of depth.
  struct Force {
    double drag = 0, lift = 0;
  };

  // w -> u, ghosts included; returns the impulse that the body takes.
  Force project(StaggeredVelocity& w);
  // One step, at most longest_step() long; returns the force at its start.
  Force advance(StaggeredVelocity& state, double dt);
  // Stable for speeds of up to 2.2, |u| + |v|: .55 h, and .2 h^2 / viscosity.
  double longest_step() const;

  const Channel& channel() const { return channel_; }
  double largest_divergence(const StaggeredVelocity& velocity) const;  // of the sum over the sides of a cell
  double largest_slip(const StaggeredVelocity& velocity) const;        // of u and v on the body's points

 private:
  // -div w of cells in rows first .. last - 1; all differences here are those of cells of side 1.
  void set_divergence(const StaggeredVelocity& w, int64_t first, int64_t last, double* all) const;
  // w - grad p in these rows, but for u of the first, which correct_first() makes; p of all rows.
  void correct(const double* p, int64_t first, int64_t last, StaggeredVelocity& w) const;
  void correct_first(const double* p, int64_t first, StaggeredVelocity& w) const;
  // a start + b (now + dt du/dt(now)), projected.
  Force stage(const StaggeredVelocity& start, const StaggeredVelocity& now, const StageWeights& weights,
              StaggeredVelocity& next);
  // The rest of a projection, once the modes of -div w are there.
  Force finish(StaggeredVelocity& w);
  std::vector<double> sense_projected(const StaggeredVelocity& w);  // E P w, pressure as modes in near_
  void make_matrix();

  Channel channel_;
  CosinePoisson poisson_;
  std::optional<ImmersedCircle> body_;
  std::vector<double> inverse_;       // of E P E^T, symmetric
  std::vector<double> modes_, near_;  // of all rows, of those up to the body
  StaggeredVelocity near_velocity_, stage_, second_stage_;
};

}  // namespace msde
