// An exact solution in a box of slip walls, for tests and measurements of the flow solver.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "msde/pde/flow/channel_flow.hpp"

namespace msde {

// Cells of Taylor & Green, two of them at once: the stream function
//   psi = (sin(pi x) sin(2 pi y) + .7 sin(2 pi x) sin(pi y)) exp(-5 pi^2 viscosity t), 0 < x, y < 1.
// lap psi = -5 pi^2 psi, so the vorticity is constant along streamlines and the whole decays, while the
// momentum of neither component is carried about by itself (G. I. Taylor, Phil. Mag. 46 (1923)).
struct TaylorGreen {
  int64_t n = 32;  // cells a side
  double viscosity = .02;

  Channel channel() const { return {n, n, 1 / static_cast<double>(n), viscosity, Channel::Sides::closed, 0}; }

  StaggeredVelocity exact(double t) const {
    StaggeredVelocity w(n, n);
    constexpr double pi = std::numbers::pi;
    const double decay = pi * std::exp(-5 * pi * pi * viscosity * t);
    const auto at = [this](int64_t i, double shift) {
      return pi * (static_cast<double>(i) + shift) / static_cast<double>(n);
    };
    for (int64_t i = 0; i <= n; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        const double x = at(i, 0), y = at(j, .5);
        w.u(i)[j] = decay * (2 * std::sin(x) * std::cos(2 * y) + .7 * std::sin(2 * x) * std::cos(y));
      }
    }
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j <= n; ++j) {
        const double x = at(i, .5), y = at(j, 0);
        w.v(i)[j] = -decay * (std::cos(x) * std::sin(2 * y) + 1.4 * std::cos(2 * x) * std::sin(y));
      }
    }
    fill_ghosts(channel(), w);
    return w;
  }

  StaggeredVelocity computed(int64_t steps, double t) const {
    ChannelFlow flow(channel(), std::nullopt);
    auto w = exact(0);
    flow.project(w);
    for (int64_t s = 0; s < steps; ++s) flow.advance(w, t / static_cast<double>(steps));
    return w;
  }
};

inline double largest_difference(const Channel& c, const StaggeredVelocity& a, const StaggeredVelocity& b) {
  double largest = 0;
  for (int64_t i = 0; i <= c.nx; ++i)
    for (int64_t j = 0; j < c.ny; ++j) largest = std::max(largest, std::abs(a.u(i)[j] - b.u(i)[j]));
  for (int64_t i = 0; i < c.nx; ++i)
    for (int64_t j = 0; j <= c.ny; ++j) largest = std::max(largest, std::abs(a.v(i)[j] - b.v(i)[j]));
  return largest;
}

}  // namespace msde
