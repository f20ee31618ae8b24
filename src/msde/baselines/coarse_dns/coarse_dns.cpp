#include "msde/baselines/coarse_dns/coarse_dns.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/baselines/coarse_dns/solver_grid.hpp"
#include "msde/baselines/ode.hpp"
#include "msde/baselines/validation.hpp"
#include "msde/core/error.hpp"
#include "msde/pde/cases.hpp"

namespace msde {
namespace {

bool fits(const Case& row, const BaselineContext& context) {
  const Grid& grid = context.data.grid();
  if (!row.coarse.known() || row.name != context.case_name || grid.dimensions() != row.grid.dimensions() ||
      grid.channels != row.grid.channels)
    return false;
  if (row.coarse.any_boundary) return true;
  // Where an axis ends the equation is also that of one domain: a part of it has other ends.
  const bool has_ends = std::any_of(grid.boundary.begin(), grid.boundary.end(),
                                    [](const AxisEnds& ends) { return !ends.periodic(); });
  return (!has_ends || grid.shape == row.grid.shape) && grid.boundary == row.grid.boundary;
}

bool knows_equation(const BaselineContext& context) {
  return std::any_of(cases().begin(), cases().end(), [&](const Case& row) { return fits(row, context); });
}

CoarseEquation equation_of(const BaselineContext& context) {
  std::vector<std::string> known;
  for (const Case& row : cases()) {
    if (!row.coarse.known()) continue;
    known.push_back(row.name);
    if (fits(row, context)) return row.coarse;
  }
  throw ConfigError(fmt::format(
      "coarse_dns: no equation is known for case '{}' with these axes, points and boundaries; known: {}",
      context.case_name, fmt::join(known, ", ")));
}

// n_zeta = C * coarse points, all axes refined alike.
CoarseGrid coarse_grid_of(const BaselineContext& context, double refinement) {
  const Grid& fine = context.data.grid();
  const double factor = std::pow(static_cast<double>(fine.size()) / static_cast<double>(context.n_zeta),
                                 1. / static_cast<double>(fine.dimensions()));
  CoarseGrid coarse{fine.channels, {}, {}, fine.boundary};
  for (int64_t a = 0; a < fine.dimensions(); ++a)
    coarse.length.push_back(fine.spacing_of(a) * static_cast<double>(fine.shape[a]));
  for (const int64_t n : fine.shape) {
    const int64_t m = std::llround(static_cast<double>(n) / factor * refinement);
    if (m < 4)
      throw ConfigError(
          fmt::format("coarse_dns: n_zeta {} leaves {} points of an axis of {}, expected at least 4",
                      context.n_zeta, m, n));
    coarse.shape.push_back(m);
  }
  return coarse;
}

bool below_fine(const CoarseGrid& coarse, const Grid& fine) {
  for (size_t a = 0; a < fine.shape.size(); ++a)
    if (coarse.shape[a] >= fine.shape[a]) return false;
  return true;
}

torch::Tensor first_state(const CoarseEquation& equation, const torch::Tensor& field) {
  return equation.first_state == nullptr ? field : equation.first_state(field);
}

std::vector<int64_t> with_channels(int64_t channels, std::vector<int64_t> shape) {
  shape.insert(shape.begin(), channels);
  return shape;
}

struct Transfer {
  std::vector<torch::Tensor> restrict, prolong;  // one matrix per axis
};

Transfer sampled_transfer(const Grid& fine, const CoarseGrid& coarse) {
  Transfer transfer;
  for (size_t a = 0; a < fine.shape.size(); ++a) {
    const int64_t n = fine.shape[a], m = coarse.shape[a];
    if (n % m != 0)
      throw ConfigError(
          fmt::format("coarse_dns (reference) takes every sigma-th point: got {} points and a coarse axis of "
                      "{}, expected a divisor; choose another n_zeta",
                      n, m));
    transfer.restrict.push_back(every_nth_matrix(n, n / m));
    transfer.prolong.push_back(spline_matrix(m, n / m, fine.boundary[a].periodic()));
  }
  return transfer;
}

// Where both ends of an axis are one place, the two values are averaged and the last point copies the first.
Transfer spectral_transfer(const Grid& fine, const CoarseGrid& coarse, bool ends_coincide) {
  Transfer transfer;
  for (size_t a = 0; a < fine.shape.size(); ++a) {
    const int64_t n = fine.shape[a], m = coarse.shape[a];
    const bool periodic = fine.boundary[a].periodic();
    const auto matrix = periodic ? fourier_matrix : cosine_matrix;
    if (!periodic || !ends_coincide) {
      transfer.restrict.push_back(matrix(n, m));
      transfer.prolong.push_back(matrix(m, n));
      continue;
    }
    auto merge = torch::eye(n, torch::kDouble).narrow(0, 0, n - 1).clone();
    merge[0][0] = .5, merge[0][n - 1] = .5;
    const auto interpolated = matrix(m, n - 1);
    transfer.restrict.push_back(matrix(n - 1, m).matmul(merge));
    transfer.prolong.push_back(torch::cat({interpolated, interpolated.narrow(0, 0, 1)}));
  }
  return transfer;
}

nlohmann::ordered_json grid_facts(const CoarseGrid& coarse) {
  return {{"coarse_shape", coarse.shape}};
}

FittedBaseline fit_own(const BaselineContext& context, const OwnSolver& solver, int64_t cells,
                       const std::string& variant) {
  const Grid& fine = context.data.grid();
  const auto path = [=](const torch::Tensor& first, const FrameTimes& times) {
    const torch::NoGradGuard no_grad;
    int64_t evaluations = 0;
    const auto snapshots = solver.forecast(first.view(with_channels(fine.channels, fine.shape)),
                                           {cells, times.mu, times.dt, times.n_steps}, evaluations);
    return Path{snapshots.flatten(1), evaluations};
  };
  const auto shape = solver.shape(cells);
  return finish(std::make_unique<PointForecaster>("coarse_dns (" + variant + ")", fine, path),
                {{"coarse_shape", std::vector<int64_t>(shape.begin() + 1, shape.end())}}, 0, context);
}

FittedBaseline fit_strong(const BaselineContext& context, double refinement) {
  const auto equation = equation_of(context);
  const Grid& fine = context.data.grid();
  const auto coarse = coarse_grid_of(context, refinement);
  if (!below_fine(coarse, fine))
    throw ConfigError(fmt::format("coarse_dns: n_zeta {} is no coarser than the data", context.n_zeta));
  const auto transfer = spectral_transfer(fine, coarse, equation.ends_coincide);
  const auto path = [=](const torch::Tensor& first, const FrameTimes& times) {
    const auto advance = equation.accurate_step(coarse, times.dt);
    const auto u0 = along_axes(first.view(with_channels(fine.channels, fine.shape)), transfer.restrict);
    auto states = torch::empty(with_channels(times.n_steps + 1, u0.sizes().vec()), torch::kDouble);
    int64_t evaluations = 0;
    const Step frame = [&](const torch::Tensor& u) { return advance(u, evaluations); };
    trajectory(frame, first_state(equation, u0), times.n_steps + 1, 1,
               [&](int64_t i, const torch::Tensor& u) {
                 states[i].copy_(u.narrow(0, 0, fine.channels));
                 if (!u.isfinite().all().item<bool>())
                   throw NumericsError(
                       fmt::format("blow-up at t = {:.6g}", times.t0 + times.dt * static_cast<double>(i)));
               });
    return Path{along_axes(states, transfer.prolong).flatten(1), evaluations};
  };
  return finish(std::make_unique<PointForecaster>("coarse_dns (strong)", fine, path), grid_facts(coarse), 0,
                context);
}

}  // namespace

FittedBaseline fit_coarse_dns_reference(const BaselineContext& context) {
  const auto equation = equation_of(context);
  if (equation.has_own())
    return fit_own(context, equation.own, equation.own.resolutions.front(), "reference");
  const Grid& fine = context.data.grid();
  const auto coarse = coarse_grid_of(context, 1);
  const auto transfer = sampled_transfer(fine, coarse);
  const auto path = [=](const torch::Tensor& first, const FrameTimes& times) {
    const torch::NoGradGuard no_grad;
    const auto field = along_axes(first.view(with_channels(fine.channels, fine.shape)), transfer.restrict);
    const auto u0 = first_state(equation, field).contiguous();
    const auto rate = [&](double, const double* u, double* du) {
      const auto state = torch::from_blob(const_cast<double*>(u), u0.sizes(), torch::kDouble);
      torch::from_blob(du, u0.sizes(), torch::kDouble).copy_(equation.published_rate(coarse, state));
    };
    const auto solution = integrate_ode(rate, u0.flatten(), {times.t0, times.dt, times.n_steps});
    const auto states =
        solution.states.view(with_channels(times.n_steps + 1, u0.sizes().vec())).narrow(1, 0, fine.channels);
    return Path{along_axes(states, transfer.prolong).flatten(1), solution.evaluations};
  };
  return finish(std::make_unique<PointForecaster>("coarse_dns (reference)", fine, path), grid_facts(coarse),
                0, context);
}

FittedBaseline fit_coarse_dns_strong(const BaselineContext& context) {
  const auto equation = equation_of(context);
  if (equation.has_own()) return fit_own(context, equation.own, equation.own.resolutions.back(), "strong");
  return fit_strong(context, 1);
}

std::vector<Resolution> coarse_dns_resolutions(const BaselineContext& context) {
  std::vector<Resolution> result;
  if (!knows_equation(context) || !context.data.equal_times()) return result;
  if (const auto equation = equation_of(context); equation.has_own()) {
    for (const int64_t cells : equation.own.resolutions) {
      int64_t unknowns = 1;
      for (const int64_t m : equation.own.shape(cells)) unknowns *= m;
      result.push_back({unknowns, [=] { return fit_own(context, equation.own, cells, "strong"); }});
    }
    return result;
  }
  for (double refinement = 1;; refinement *= 2) {
    const auto coarse = coarse_grid_of(context, refinement);
    if (!below_fine(coarse, context.data.grid())) return result;
    int64_t unknowns = coarse.channels;
    for (const int64_t m : coarse.shape) unknowns *= m;
    result.push_back({unknowns, [context, refinement] { return fit_strong(context, refinement); }});
  }
}

}  // namespace msde
