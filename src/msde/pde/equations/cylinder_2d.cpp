#include "msde/pde/equations/cylinder_2d.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"

namespace msde {
namespace {

constexpr double kSnapshotSpacing = .01;
constexpr int64_t kSnapshotsPerBlock = 8;

Channel channel_of(const Cylinder& c) {
  return {.nx = std::llround(c.length / c.h()),
          .ny = std::llround(c.height / c.h()),
          .h = c.h(),
          .viscosity = c.diameter / c.reynolds};
}

// Where values of u and v lie along both axes, as lines of cells of side h; v is odd at walls and inflow.
constexpr LineEnd constant{}, even{LineEnd::Kind::between, 1}, odd_between{LineEnd::Kind::between, -1},
    odd{LineEnd::Kind::at_value, -1};

template <class Row>  // row(i): pointer to row i of the values
void interpolate(const std::vector<Taps>& along, const std::vector<Taps>& across, const Row& row, double* out,
                 int64_t out_stride) {
  for (size_t i = 0; i < along.size(); ++i) {
    double* line = out + static_cast<int64_t>(i) * out_stride;
    for (size_t j = 0; j < across.size(); ++j) {
      double sum = 0;
      for (size_t a = 0; a < 4; ++a) {
        if (along[i].weight[a] == 0) continue;
        const double* values = row(along[i].index[a]);
        double part = 0;
        for (size_t b = 0; b < 4; ++b) part += across[j].weight[b] * values[across[j].index[b]];
        sum += along[i].weight[a] * part;
      }
      line[j] = sum;
    }
  }
}

bool in_body(double x, double y) {
  const Cylinder c;
  return std::hypot(x - c.x, y - c.y) <= c.diameter / 2 * (1 + 1e-12);
}

}  // namespace

CylinderFlow::CylinderFlow(const Cylinder& cylinder)
    : cylinder_(cylinder),
      flow_(channel_of(cylinder), Circle{cylinder.x, cylinder.y, cylinder.diameter / 2}),
      velocity_(flow_.channel().nx, flow_.channel().ny) {
  const Channel& channel = flow_.channel();
  const double radius = cylinder.diameter / 2, x0 = cylinder.x + 1.2 * cylinder.diameter;
  for (int64_t i = 0; i <= channel.nx; ++i) std::fill_n(velocity_.u(i), channel.ny, 1.);
  for (int64_t i = 0; i < channel.nx; ++i) {
    for (int64_t j = 1; j < channel.ny; ++j) {
      const double x = (static_cast<double>(i) + .5) * channel.h, y = static_cast<double>(j) * channel.h;
      const double r = std::hypot(x - x0, y - cylinder.y) / radius;
      velocity_.v(i)[j] = cylinder.disturbance * std::exp(-r * r);
    }
  }
  flow_.project(velocity_);
}

ChannelFlow::Force CylinderFlow::advance(double dt) {
  const auto steps = static_cast<int64_t>(std::ceil(dt / flow_.longest_step() * (1 - 1e-12)));
  ChannelFlow::Force force;
  for (int64_t s = 0; s < steps; ++s) {
    throw_if_interrupted();
    const auto now = flow_.advance(velocity_, dt / static_cast<double>(steps));
    if (s == 0) force = now;
  }
  steps_ += steps;
  return force;
}

torch::Tensor CylinderFlow::at_points(double spacing, const std::array<int64_t, 2>& shape) const {
  const Channel& c = flow_.channel();
  const double cells = spacing / c.h;
  auto points = torch::empty({2, shape[0], shape[1]}, torch::kDouble);
  auto* out = points.data_ptr<double>();
  interpolate(
      cubic_taps({c.nx + 1, constant, constant}, 0, cells, shape[0]),
      cubic_taps({c.ny, even, even}, -.5, cells, shape[1]), [&](int64_t i) { return velocity_.u(i); }, out,
      shape[1]);
  interpolate(
      cubic_taps({c.nx, odd_between, constant}, -.5, cells, shape[0]),
      cubic_taps({c.ny + 1, odd, odd}, 0, cells, shape[1]), [&](int64_t i) { return velocity_.v(i); },
      out + shape[0] * shape[1], shape[1]);
  return points;
}

void CylinderFlow::start_from(const torch::Tensor& points, double spacing) {
  const Channel& c = flow_.channel();
  // The wall at the high end has a point in the mirror, but none in the data: du/dy = 0 and v = 0 there.
  const auto field = points.to(torch::kDouble);
  const auto u = field[0], v = field[1];
  const int64_t rows = field.size(1), columns = field.size(2);
  const auto wall_u = (4 * u.narrow(1, columns - 1, 1) - u.narrow(1, columns - 2, 1)) / 3;
  const auto all_u = torch::cat({u, wall_u}, 1).contiguous();
  const auto all_v = torch::cat({v, torch::zeros({rows, 1}, torch::kDouble)}, 1).contiguous();
  const double cell = c.h / spacing;
  const LineEnd even_at{LineEnd::Kind::at_value, 1};
  const ValueLine along{rows, constant, constant};
  const auto row_of = [&](const torch::Tensor& t) {
    return [data = t.data_ptr<double>(), columns](int64_t i) { return data + i * (columns + 1); };
  };
  const int64_t stride = velocity_.u(1) - velocity_.u(0);
  interpolate(cubic_taps(along, 0, cell, c.nx + 1),
              cubic_taps({columns + 1, even_at, even_at}, cell / 2, cell, c.ny), row_of(all_u),
              velocity_.u(0), stride);
  interpolate(cubic_taps(along, cell / 2, cell, c.nx), cubic_taps({columns + 1, odd, odd}, 0, cell, c.ny + 1),
              row_of(all_v), velocity_.v(0), stride);
  std::fill_n(velocity_.u(0), c.ny, c.inflow);
  for (int64_t i = 0; i < c.nx; ++i) velocity_.v(i)[0] = velocity_.v(i)[c.ny] = 0;
  flow_.project(velocity_);
}

std::vector<uint8_t> cylinder_fluid() {
  std::vector<uint8_t> fluid;
  for (int64_t i = 0; i < CylinderPoints::shape[0]; ++i)
    for (int64_t j = 0; j < CylinderPoints::shape[1]; ++j)
      fluid.push_back(!in_body(static_cast<double>(i) * CylinderPoints::spacing,
                               static_cast<double>(j) * CylinderPoints::spacing));
  return fluid;
}

namespace {

torch::Tensor cylinder_body() {  // bool [320, 80]
  auto fluid = cylinder_fluid();
  return torch::from_blob(fluid.data(), CylinderPoints::shape, torch::kByte).eq(0);
}

}  // namespace

void simulate_cylinder_2d(const CaseRun& run, const TakeSnapshots& take) {
  Cylinder cylinder;
  cylinder.reynolds = run.mu;
  cylinder.cells_per_diameter = run.cells_per_diameter;
  CylinderFlow flow(cylinder);
  const auto body = cylinder_body();
  std::vector<torch::Tensor> block;
  for (int64_t i = 0; i < run.n_snapshots; ++i) {
    throw_if_interrupted();
    if (i > 0) flow.advance(kSnapshotSpacing);
    block.push_back(flow.at_points(CylinderPoints::spacing, CylinderPoints::shape));
    if (!block.back().isfinite().all().item<bool>())
      throw NumericsError("case cylinder_2d: the solver blew up");
    if (static_cast<int64_t>(block.size()) < kSnapshotsPerBlock && i + 1 < run.n_snapshots) continue;
    take(i + 1 - static_cast<int64_t>(block.size()),
         torch::stack(block).masked_fill_(body, std::numeric_limits<double>::quiet_NaN()));
    block.clear();
  }
}

std::vector<int64_t> coarse_cylinder_shape(int64_t cells) {
  const Channel channel = channel_of({.cells_per_diameter = cells});
  return {2, channel.nx, channel.ny};
}

torch::Tensor coarse_cylinder(const torch::Tensor& first, const OwnSolver::Run& run, int64_t& evaluations) {
  Cylinder cylinder;
  cylinder.cells_per_diameter = run.cells;
  constexpr double slowest = 1, fastest = 400;
  if (run.mu != 0) cylinder.reynolds = run.mu;
  if (!(cylinder.reynolds >= slowest && cylinder.reynolds <= fastest))
    throw ConfigError(fmt::format(
        "coarse_dns of cylinder_2d: mu is the Reynolds number; got {:g}, expected 1 to 400", run.mu));
  const auto body = cylinder_body();
  CylinderFlow flow(cylinder);
  flow.start_from(first.nan_to_num(0).masked_fill(body, 0), CylinderPoints::spacing);
  auto shape = first.sizes().vec();
  shape.insert(shape.begin(), run.n_steps + 1);
  auto snapshots = torch::empty(shape, torch::kDouble);
  for (int64_t i = 0; i <= run.n_steps; ++i) {
    throw_if_interrupted();
    if (i > 0) flow.advance(run.dt);
    snapshots[i].copy_(flow.at_points(CylinderPoints::spacing, CylinderPoints::shape).masked_fill_(body, 0));
    if (!snapshots[i].isfinite().all().item<bool>())
      throw NumericsError("blow-up " + std::to_string(run.dt * static_cast<double>(i)) + " after the start");
  }
  evaluations += 3 * flow.steps();
  return snapshots;
}

}  // namespace msde
