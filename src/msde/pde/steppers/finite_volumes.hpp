// Finite volumes for conservation laws in two dimensions,
//   u_t + F(u)_x + G(u)_y = D (u_xx + u_yy),
// second order: MUSCL reconstruction (van Leer, J. Comput. Phys. 32 (1979)) with the monotonised-central
// limiter, an approximate Riemann solver at every face, Heun in time (strong stability preserving).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "msde/core/error.hpp"
#include "msde/grid/boundary.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Cells of u [components, shape[0], shape[1]]; axis 1 is contiguous.
struct CellGrid {
  std::array<int64_t, 2> shape;
  std::array<double, 2> spacing;
  std::array<AxisEnds, 2> boundary;
};

// The largest slope of the same sign as both differences that makes no new extremum: min(2|a|, 2|b|, |a +
// b|/2).
inline double limited_slope(double a, double b) {
  const double size = std::min(2 * std::min(std::abs(a), std::abs(b)), .5 * std::abs(a + b));
  return a * b > 0 ? std::copysign(size, a) : 0;
}

// A Law has
//   static constexpr int components;
//   using State = std::array<double, components>;
//   template <int axis> State flux(const State& left, const State& right) const;  // through a face across it
//   double speed(const State& u, int axis) const;     // fastest wave along `axis`
//   static double mirrored(int component, int axis);  // sign of a component behind a wall
//   double diffusivity() const;                       // D
template <class Law>
class FiniteVolumes {
 public:
  FiniteVolumes(const CellGrid& grid, const Law& law) : grid_(grid), law_(law) {}

  torch::Tensor rate(const torch::Tensor& u) const {  // float64 [components, *shape] -> du/dt
    const auto padded = with_ghosts(u);
    auto du = torch::zeros_like(u, torch::MemoryFormat::Contiguous);
    for (const int axis : {0, 1}) add_flux_difference(padded, axis, du);
    return du;
  }

  // The largest stable step: Courant numbers of both axes add up to less than one half, and those of
  // diffusion.
  double largest_step(const torch::Tensor& u) const {
    constexpr double courant = .45;
    const auto state = u.contiguous();
    const auto* p = state.template data_ptr<double>();
    const int64_t cells = grid_.shape[0] * grid_.shape[1];
    double advection = 0, diffusion = 0;
    for (int64_t k = 0; k < cells; ++k) {
      const State here = at(p + k, cells);
      advection = std::max(advection,
                           law_.speed(here, 0) / grid_.spacing[0] + law_.speed(here, 1) / grid_.spacing[1]);
    }
    for (const double d : grid_.spacing) diffusion += 2 * law_.diffusivity() / (d * d);
    return courant / std::max(1e-300, advection + diffusion);
  }

  // u(t) -> u(t + dt) by as many equal steps as stability asks for; `evaluations` counts rates. NumericsError
  // where no step is small enough.
  torch::Tensor advance(torch::Tensor u, double dt, int64_t* evaluations = nullptr) const {
    double done = 0;
    while (done < dt) {
      const double left = dt - done;
      const double step = left / std::ceil(left / largest_step(u) * (1 - 1e-12));
      if (!(step > 1e-9 * dt)) throw NumericsError("finite volumes: the solution blew up");
      const auto predicted = u + step * rate(u);
      u = .5 * (u + predicted + step * rate(predicted));
      done = left - step < 1e-12 * dt ? dt : done + step;
      if (evaluations != nullptr) *evaluations += 2;
    }
    return u;
  }

 private:
  static constexpr int S = Law::components;
  static constexpr int64_t ghosts = 2;
  using State = typename Law::State;

  static State at(const double* p, int64_t stride) {
    State u;
    for (int c = 0; c < S; ++c) u[static_cast<size_t>(c)] = p[c * stride];
    return u;
  }

  torch::Tensor with_ghosts(torch::Tensor u) const {
    for (const int axis : {0, 1}) {
      const AxisEnds& ends = grid_.boundary[static_cast<size_t>(axis)];
      u = torch::cat({beyond(u, axis, ends.low, true), u, beyond(u, axis, ends.high, false)}, axis + 1);
    }
    return u;  // contiguous
  }

  // The ghost cells of one end of an axis.
  static torch::Tensor beyond(const torch::Tensor& u, int axis, Boundary end, bool low) {
    const int64_t dim = axis + 1, n = u.size(dim);
    if (end == Boundary::periodic) return u.narrow(dim, low ? n - ghosts : 0, ghosts);
    if (end == Boundary::open)
      return u.narrow(dim, low ? 0 : n - 1, 1).expand(u.narrow(dim, 0, ghosts).sizes().vec());
    auto sign = torch::empty({S, 1, 1}, torch::kDouble);
    for (int c = 0; c < S; ++c) sign[c] = Law::mirrored(c, axis);
    return u.narrow(dim, low ? 0 : n - ghosts, ghosts).flip(dim) * sign;
  }

  // Fluxes are computed a row of faces at a time: axis 0 between two rows, axis 1 within one. Every loop runs
  // over contiguous faces without branches, so that the compiler makes vector code of it.
  void add_flux_difference(const torch::Tensor& padded, int axis, torch::Tensor& du) const {
    const int64_t rows = grid_.shape[0], columns = grid_.shape[1];
    const int64_t width = columns + 2 * ghosts, plane = (rows + 2 * ghosts) * width;
    const int64_t offset = axis == 0 ? width : 1;  // to the next cell across the face
    const int64_t face_rows = rows + (axis == 0 ? 1 : 0), faces = columns + (axis == 0 ? 0 : 1);
    const double spacing = grid_.spacing[static_cast<size_t>(axis)];
    auto flux = torch::empty({S, face_rows, faces}, torch::kDouble);
    auto sides = torch::empty({2, S, faces}, torch::kDouble);
    const auto* u = padded.template data_ptr<double>();
    auto* f = flux.template data_ptr<double>();
    auto* left = sides.template data_ptr<double>();
    auto* right = left + S * faces;
    for (int64_t i = 0; i < face_rows; ++i) {
      // The cell before the first face of this row.
      const auto* cell =
          u + (axis == 0 ? (i + ghosts - 1) * width + ghosts : (i + ghosts) * width + ghosts - 1);
      for (int c = 0; c < S; ++c)
        reconstruct(cell + c * plane, offset, faces, left + c * faces, right + c * faces);
      riemann(left, right, faces, axis, f + i * faces, face_rows * faces);
      if (law_.diffusivity() == 0) continue;
      for (int c = 0; c < S; ++c) {
        const auto* p = cell + c * plane;
        for (int64_t k = 0; k < faces; ++k)
          f[(c * face_rows + i) * faces + k] -= law_.diffusivity() / spacing * (p[k + offset] - p[k]);
      }
    }
    du.sub_(torch::diff(flux, 1, axis + 1), 1 / spacing);
  }

  // Values on both sides of the faces behind cells p[0 .. faces - 1].
  static void reconstruct(const double* p, int64_t offset, int64_t faces, double* __restrict left,
                          double* __restrict right) {
    for (int64_t k = 0; k < faces; ++k) {
      const double before = p[k - offset], here = p[k], next = p[k + offset], after = p[k + 2 * offset];
      left[k] = here + .5 * limited_slope(here - before, next - here);
      right[k] = next - .5 * limited_slope(next - here, after - next);
    }
  }

  // left, right [S, faces] -> f[c * stride + k]
  void riemann(const double* left, const double* right, int64_t faces, int axis, double* __restrict f,
               int64_t stride) const {
    const auto along = [&](auto fixed_axis) {
      for (int64_t k = 0; k < faces; ++k) {
        const State through = law_.template flux<fixed_axis()>(at(left + k, faces), at(right + k, faces));
        for (int c = 0; c < S; ++c) f[c * stride + k] = through[static_cast<size_t>(c)];
      }
    };
    if (axis == 0)
      along(std::integral_constant<int, 0>{});
    else
      along(std::integral_constant<int, 1>{});
  }

  CellGrid grid_;
  Law law_;
};

}  // namespace msde
