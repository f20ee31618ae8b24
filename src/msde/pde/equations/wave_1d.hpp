// A pulse that travels once around a periodic interval, in closed form.
#pragma once

#include "msde/core/random/random.hpp"
#include "msde/pde/coarse_equation.hpp"
#include "msde/pde/steppers/trajectory.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// u(x, t) = exp(-(d / width)^2), d = periodic distance of x - t to 0 on [0, 1), at x = linspace(0, 1, n) with
// both ends included (so the first and last point are the same place, as published). float64 [n_snapshots,
// n].
torch::Tensor travelling_pulse(int64_t n, double width, const SnapshotTimes& times);

// One trajectory of the benchmark, [n_snapshots, 1, 1000]: width ~ U(.01, .02), value 0 of `key`.
torch::Tensor simulate_wave_1d(const RandomKey& key, const SnapshotTimes& times);

// u_t = -u_x on a periodic grid. The rate by central differences, second order, as published; the step by an
// exact shift of every Fourier mode by dt (the highest of an even number of points is not resolved and is
// removed).
torch::Tensor advection_rate(const CoarseGrid& grid, const torch::Tensor& u);
CoarseStep advection_step(const CoarseGrid& grid, double dt);

}  // namespace msde
