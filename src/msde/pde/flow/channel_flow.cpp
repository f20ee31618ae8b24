#include "msde/pde/flow/channel_flow.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"

namespace msde {
namespace {

using Range = CosinePoisson::Range;
constexpr int64_t kRowsPerTask = 128, kModesPerTask = 40;

// f(range) of fixed parts, so that results do not depend on the number of threads, nor do products of
// matrices, which inside a parallel region are each one thread's.
int64_t part_of(int64_t count, int64_t most) {
  return std::max<int64_t>(1, std::min(most, (count + 1) / 2));  // two parts at least
}
template <class F>
void side_by_side(int64_t count, int64_t most, F&& f) {
  const int64_t part = part_of(count, most);
  at::parallel_for(0, (count + part - 1) / part, 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) f(Range{k * part, std::min(count, (k + 1) * part)});
  });
}

// Inside a parallel region, but on one thread.
template <class F>
void alone(F&& f) {
  side_by_side(2, 1, [&](Range part) {
    if (part.first == 0) f();
  });
}

// In place, a symmetric positive definite matrix [n, n] by the elimination of Gauss and Jordan, which needs
// no pivots then. Plain loops: LAPACK's bits depend on the number of threads.
void invert(std::vector<double>& matrix, int64_t n) {
  for (int64_t k = 0; k < n; ++k) {
    double* pivot_row = matrix.data() + k * n;
    const double pivot = pivot_row[k];
    if (!(pivot > 0)) throw NumericsError("flow: forces on the body are not independent; use more cells");
    pivot_row[k] = 1;
    for (int64_t j = 0; j < n; ++j) pivot_row[j] /= pivot;
    for (int64_t i = 0; i < n; ++i) {
      if (i == k) continue;
      double* row = matrix.data() + i * n;
      const double factor = row[k];
      row[k] = 0;
      for (int64_t j = 0; j < n; ++j) row[j] -= factor * pivot_row[j];
    }
  }
}

}  // namespace

ChannelFlow::ChannelFlow(const Channel& channel, const std::optional<Circle>& body)
    : channel_(channel),
      poisson_(channel.nx, channel.ny, channel.sides == Channel::Sides::through),
      modes_(static_cast<size_t>(channel.nx * channel.ny)),
      near_velocity_(channel.nx, channel.ny),
      stage_(channel.nx, channel.ny),
      second_stage_(channel.nx, channel.ny) {
  if (!body) return;
  body_.emplace(channel, *body);
  near_.resize(static_cast<size_t>(body_->end_row() * channel.ny));
  alone([&] { make_matrix(); });
}

void ChannelFlow::set_divergence(const StaggeredVelocity& w, int64_t first, int64_t last, double* all) const {
  const int64_t ny = channel_.ny;
  for (int64_t i = first; i < last; ++i) {
    const double *west = w.u(i), *east = w.u(i + 1), *v = w.v(i);
    double* __restrict r = all + i * ny;
    for (int64_t j = 0; j < ny; ++j) r[j] = west[j] - east[j] + v[j] - v[j + 1];
  }
}

void ChannelFlow::correct_first(const double* p, int64_t first, StaggeredVelocity& w) const {
  const int64_t ny = channel_.ny;
  if (first == 0) return;  // inflow or wall
  const double* here = p + first * ny;
  double* __restrict u = w.u(first);
  for (int64_t j = 0; j < ny; ++j) u[j] -= here[j] - here[j - ny];
}

void ChannelFlow::correct(const double* p, int64_t first, int64_t last, StaggeredVelocity& w) const {
  const int64_t nx = channel_.nx, ny = channel_.ny;
  for (int64_t i = first; i < last; ++i) {
    const double* here = p + i * ny;
    if (i > first) correct_first(p, i, w);
    double* __restrict v = w.v(i);
    for (int64_t j = 1; j < ny; ++j) v[j] -= here[j] - here[j - 1];
    if (i == nx - 1 && channel_.sides == Channel::Sides::through)
      for (int64_t j = 0; j < ny; ++j) w.u(nx)[j] += 2 * here[j];  // to p = 0 half a cell away
  }
}

std::vector<double> ChannelFlow::sense_projected(const StaggeredVelocity& w) {
  const int64_t ny = channel_.ny, first = body_->first_row(), end = body_->end_row();
  poisson_.to_values(near_.data(), {first, end});
  for (int64_t i = first; i < end; ++i) {
    std::copy_n(w.u(i), ny, near_velocity_.u(i));
    std::copy_n(w.v(i), ny + 1, near_velocity_.v(i));
  }
  correct(near_.data(), first, end, near_velocity_);
  return body_->sense(near_velocity_);
}

void ChannelFlow::make_matrix() {
  const int64_t n = body_->values(), ny = channel_.ny, first = body_->first_row(), end = body_->end_row();
  inverse_.resize(static_cast<size_t>(n * n));
  StaggeredVelocity w(channel_.nx, ny);
  std::vector<double> force(static_cast<size_t>(n));
  for (int64_t k = 0; k < n; ++k) {
    force[static_cast<size_t>(k)] = 1;
    body_->spread(force, w);
    force[static_cast<size_t>(k)] = 0;
    set_divergence(w, first, end, modes_.data());  // no other row has any
    poisson_.to_modes(modes_.data(), {first, end});
    poisson_.eliminate({0, end}, {0, ny}, modes_.data(), nullptr, near_.data());
    poisson_.substitute(end, {0, ny}, near_.data());
    const auto sensed = sense_projected(w);
    std::copy(sensed.begin(), sensed.end(), inverse_.begin() + k * n);
    for (int64_t i = first; i < end; ++i) {
      std::fill_n(w.u(i), ny, 0.);
      std::fill_n(w.v(i), ny + 1, 0.);
    }
  }
  invert(inverse_, n);
}

ChannelFlow::Force ChannelFlow::project(StaggeredVelocity& w) {
  side_by_side(channel_.nx, kRowsPerTask, [&](Range rows) {
    set_divergence(w, rows.first, rows.last, modes_.data());
    poisson_.to_modes(modes_.data(), rows);
  });
  return finish(w);
}

ChannelFlow::Force ChannelFlow::finish(StaggeredVelocity& w) {
  const int64_t nx = channel_.nx, ny = channel_.ny;
  double *modes = modes_.data(), *near = near_.data();
  // Rows up to the body are eliminated again once its force is known.
  const int64_t end = body_ ? body_->end_row() : 0;
  const double* after = modes + end * ny;
  Force impulse;
  if (body_) {
    side_by_side(ny, kModesPerTask, [&](Range part) {
      poisson_.eliminate({end, nx}, part, modes, nullptr, modes);
      poisson_.eliminate({0, end}, part, modes, after, near);
      poisson_.substitute(end, part, near);
    });
    alone([&] {
      const int64_t n = body_->values(), first = body_->first_row();
      const auto sensed = sense_projected(w);
      std::vector<double> force(sensed.size(), 0);  // on the fluid
      for (size_t k = 0; k < force.size(); ++k)
        for (size_t l = 0; l < force.size(); ++l) force[l] -= inverse_[k * force.size() + l] * sensed[k];
      body_->spread(force, w);
      set_divergence(w, first, end, modes);
      poisson_.to_modes(modes, {first, end});
      const double cell = channel_.h * channel_.h;
      for (int64_t k = 0; k < n; ++k)
        (k < n / 2 ? impulse.drag : impulse.lift) -= cell * force[static_cast<size_t>(k)];
    });
  }
  side_by_side(ny, kModesPerTask, [&](Range part) {
    poisson_.eliminate({0, body_ ? end : nx}, part, modes, body_ ? after : nullptr, modes);
    poisson_.substitute(nx, part, modes);
  });
  side_by_side(nx, kRowsPerTask, [&](Range rows) {
    poisson_.to_values(modes, rows);
    correct(modes, rows.first, rows.last, w);
  });
  const int64_t part = part_of(nx, kRowsPerTask);
  for (int64_t first = part; first < nx; first += part) correct_first(modes, first, w);
  fill_ghosts(channel_, w);
  return impulse;
}

ChannelFlow::Force ChannelFlow::stage(const StaggeredVelocity& start, const StaggeredVelocity& now,
                                      const StageWeights& weights, StaggeredVelocity& next) {
  const int64_t nx = channel_.nx;
  side_by_side(nx, kRowsPerTask, [&](Range rows) {
    advance_rows(channel_, start, now, weights, rows.first, rows.last + (rows.last == nx), next);
  });
  return project(next);
}

ChannelFlow::Force ChannelFlow::advance(StaggeredVelocity& state, double dt) {
  const Force impulse = stage(state, state, {0, 1, dt}, stage_);
  stage(state, stage_, {3. / 4, 1. / 4, dt}, second_stage_);
  stage(state, second_stage_, {1. / 3, 2. / 3, dt}, stage_);
  std::swap(state, stage_);
  return {impulse.drag / dt, impulse.lift / dt};
}

double ChannelFlow::longest_step() const {
  const double h = channel_.h;
  return channel_.viscosity == 0 ? .55 * h : std::min(.55 * h, .2 * h * h / channel_.viscosity);
}

double ChannelFlow::largest_divergence(const StaggeredVelocity& velocity) const {
  std::vector<double> rows(modes_.size());
  set_divergence(velocity, 0, channel_.nx, rows.data());
  double largest = 0;
  for (const double r : rows) largest = std::max(largest, std::abs(r));
  return largest;
}

double ChannelFlow::largest_slip(const StaggeredVelocity& velocity) const {
  double largest = 0;
  if (body_)
    for (const double s : body_->sense(velocity)) largest = std::max(largest, std::abs(s));
  return largest;
}

}  // namespace msde
