#include "msde/pde/flow/staggered.hpp"

#include <algorithm>

namespace msde {
namespace {

struct Terms {
  double flux, diffusion;  // 1 / h, viscosity / h^2
  StageWeights weights;
};

void advance_u(const Terms& t, int64_t ny, const double* west, const double* u, const double* east,
               const double* v_west, const double* v_east, const double* start, double* __restrict next) {
  for (int64_t j = 0; j < ny; ++j) {
    const double e = .5 * (u[j] + east[j]), w = .5 * (west[j] + u[j]);
    const double n = .25 * (v_west[j + 1] + v_east[j + 1]) * (u[j] + u[j + 1]);
    const double s = .25 * (v_west[j] + v_east[j]) * (u[j - 1] + u[j]);
    const double rate =
        t.diffusion * (east[j] + west[j] + u[j + 1] + u[j - 1] - 4 * u[j]) - t.flux * (e * e - w * w + n - s);
    next[j] = t.weights.start * start[j] + t.weights.now * (u[j] + t.weights.dt * rate);
  }
}

void advance_v(const Terms& t, int64_t ny, const double* west, const double* v, const double* east,
               const double* u_west, const double* u_east, const double* start, double* __restrict next) {
  for (int64_t j = 1; j < ny; ++j) {
    const double e = .25 * (u_east[j - 1] + u_east[j]) * (v[j] + east[j]);
    const double w = .25 * (u_west[j - 1] + u_west[j]) * (west[j] + v[j]);
    const double n = .5 * (v[j] + v[j + 1]), s = .5 * (v[j - 1] + v[j]);
    const double rate =
        t.diffusion * (east[j] + west[j] + v[j + 1] + v[j - 1] - 4 * v[j]) - t.flux * (e - w + n * n - s * s);
    next[j] = t.weights.start * start[j] + t.weights.now * (v[j] + t.weights.dt * rate);
  }
}

}  // namespace

void fill_ghosts(const Channel& channel, StaggeredVelocity& velocity) {
  const int64_t nx = channel.nx, ny = channel.ny;
  const bool closed = channel.sides == Channel::Sides::closed;
  for (int64_t i = 0; i <= nx; ++i) {
    double* u = velocity.u(i);
    u[-1] = u[0], u[ny] = u[ny - 1];
  }
  for (int64_t j = 0; j <= ny; ++j) {
    velocity.v(-1)[j] = closed ? velocity.v(0)[j] : -velocity.v(0)[j];
    velocity.v(nx)[j] = velocity.v(nx - 1)[j];
  }
}

void advance_rows(const Channel& channel, const StaggeredVelocity& start, const StaggeredVelocity& now,
                  const StageWeights& weights, int64_t first, int64_t last, StaggeredVelocity& next) {
  const int64_t nx = channel.nx, ny = channel.ny;
  const double h = channel.h;
  const Terms terms{1 / h, channel.viscosity / (h * h), weights};
  const bool closed = channel.sides == Channel::Sides::closed;
  for (int64_t i = first; i < last; ++i) {
    if (i > 0 && i < nx) {
      advance_u(terms, ny, now.u(i - 1), now.u(i), now.u(i + 1), now.v(i - 1), now.v(i), start.u(i),
                next.u(i));
    } else if (i == 0 || closed) {
      std::fill_n(next.u(i), ny, closed ? 0 : channel.inflow);
    } else {
      const double *u = now.u(nx), *inside = now.u(nx - 1);
      for (int64_t j = 0; j < ny; ++j) {
        const double rate = -channel.inflow / h * (u[j] - inside[j]);
        next.u(nx)[j] = weights.start * start.u(nx)[j] + weights.now * (u[j] + weights.dt * rate);
      }
    }
    if (i == nx) continue;
    advance_v(terms, ny, now.v(i - 1), now.v(i), now.v(i + 1), now.u(i), now.u(i + 1), start.v(i), next.v(i));
    next.v(i)[0] = next.v(i)[ny] = 0;
  }
}

}  // namespace msde
