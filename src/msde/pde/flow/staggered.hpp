// Velocities on a staggered grid of square cells, and the channel that they fill.
#pragma once

#include <cstdint>
#include <vector>

namespace msde {

// Slip walls (v = 0, du/dy = 0) below and above. Cells of side h: nx along x, ny across, ny even.
struct Channel {
  enum class Sides {
    through,  // x = 0: u = inflow, v = 0; x = nx h: convected out at speed `inflow`, pressure 0
    closed    // slip walls there, too
  };
  int64_t nx = 0, ny = 0;
  double h = 1;
  double viscosity = 0;
  Sides sides = Sides::through;
  double inflow = 1;
};

// Harlow & Welch, Phys. Fluids 8 (1965): u is known in the middle of the faces across x, v in that of those
// across y. Rows run along y; values beyond the channel are kept beside it (fill_ghosts).
class StaggeredVelocity {
 public:
  StaggeredVelocity(int64_t nx, int64_t ny)
      : stride_(ny + 2),
        u_(static_cast<size_t>((nx + 1) * stride_)),
        v_(static_cast<size_t>((nx + 2) * stride_)) {}

  // u(i h, (j + 1/2) h) is u(i)[j], i = 0 .. nx, j = -1 .. ny.
  double* u(int64_t i) { return u_.data() + i * stride_ + 1; }
  const double* u(int64_t i) const { return u_.data() + i * stride_ + 1; }
  // v((i + 1/2) h, j h) is v(i)[j], i = -1 .. nx, j = 0 .. ny.
  double* v(int64_t i) { return v_.data() + (i + 1) * stride_; }
  const double* v(int64_t i) const { return v_.data() + (i + 1) * stride_; }

 private:
  int64_t stride_;
  std::vector<double> u_, v_;
};

// Values beyond walls, inflow and outflow, from those inside.
void fill_ghosts(const Channel& channel, StaggeredVelocity& velocity);

// Rows of `next`: a start + b (now + dt du/dt(now)), with
//   du/dt = -div(u u) + viscosity lap u
// in conservative central differences of second order, which keep the energy of a divergence-free field; on
// the outflow u_t = -inflow u_x, one-sided. Rows first .. last - 1 of u and of v; u has one more, nx, which
// last = nx + 1 includes. `now` with its ghosts.
struct StageWeights {
  double start, now, dt;
};
void advance_rows(const Channel& channel, const StaggeredVelocity& start, const StaggeredVelocity& now,
                  const StageWeights& weights, int64_t first, int64_t last, StaggeredVelocity& next);

}  // namespace msde
