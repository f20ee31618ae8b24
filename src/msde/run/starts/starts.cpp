#include "msde/run/starts/starts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/field/formats/native_splits.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/run/assumptions.hpp"
#include "msde/run/run_data.hpp"
#include "msde/run/starts/first_snapshot.hpp"
#include "msde/run/starts/settle_inputs.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;

int64_t steps_until(double t_end, double t0, double dt) {
  constexpr double kMostSteps = 1e8;
  const double steps = std::round((t_end - t0) / dt);
  if (steps > kMostSteps)
    throw ConfigError(
        fmt::format("--t-end {:g}: {:g} steps of {:g}, expected at most {:g}", t_end, steps, dt, kMostSteps));
  if (!(steps >= 1))
    throw ConfigError(fmt::format("--t-end {:g}: expected a time of at least {:g}, one step after the start",
                                  t_end, t0 + dt));
  return static_cast<int64_t>(steps);
}

// Frames at the times of a file, [N, T], until t_end of the first trajectory or, without it, the last of them; beyond
// them every dt.
void take_times(Starts& s, const Tensor& times, std::optional<double> t_end) {
  constexpr double kSame = .01;  // of dt: a frame at t_end
  const auto first = times[0];
  int64_t frames = times.size(1);
  const double last = first[frames - 1].item<double>();
  if (t_end && *t_end > last + kSame * s.dt)
    frames += steps_until(*t_end, last, s.dt);
  else if (t_end)
    frames = first.le(*t_end + kSame * s.dt).sum().item<int64_t>();
  if (frames < 2)
    throw ConfigError(fmt::format("--t-end {:g}: expected a time of at least {:g}, the first after the start",
                                  *t_end, first[1].item<double>()));
  s.n_steps = frames - 1;
  const int64_t more = frames - times.size(1);
  s.times = more <= 0 ? times.narrow(1, 0, frames)
                      : torch::cat({times, times.narrow(1, times.size(1) - 1, 1) +
                                               s.dt * torch::arange(1, more + 1, torch::kDouble)},
                                   1);
}

std::vector<double> first_times(const Dataset& data, const std::string& split) {
  const auto times = data.times(split).select(1, 0).contiguous();
  return {times.data_ptr<double>(), times.data_ptr<double>() + times.numel()};
}

Tensor first_fields(const Dataset& data, const std::string& split) {
  std::vector<Tensor> first;
  for (int64_t i = 0; i < data.split(split).n_trajectories; ++i)
    first.push_back(data.stored_fields(split, i, 0, 1));
  auto fields = torch::cat(first);
  check_snapshots(data.path() + ", first snapshots of " + split, fields, data.grid());
  return fields;
}

// Parameters or forcing of a split, called `what`.
Tensor finite_inputs(const Dataset& data, const std::string& split, const char* what, Tensor values) {
  check_finite<DataError>(fmt::format("{}, {} of {}", data.path(), what, split), values);
  return values;
}

// A file in a layout of datasets, seen as the run sees its data; without splits of its own all trajectories
// are starts, without the noise that is added for training.
FirstSnapshots read_layout(const std::string& path, Layout layout, const ModelSpec& spec,
                           const Settings& settings) {
  auto source = layout == Layout::dataset ? open_fields(path, choice_of_other_data(settings))
                                          : open_fields_with_times_alone(FileProbe(path));
  const SourceFacts facts = source->facts();
  DataView view = view_of_other_data(settings, spec.grid, facts);
  if (!facts.has_splits()) view.split = {0, 0, facts.sets[0].n_trajectories}, view.noise = 0;
  view.split_time.clear();
  view.clock.clear();    // times without units are the model's
  view.start_every = 0;  // each trajectory of the file from its own first snapshot
  if (facts.grid.shape == spec.grid.shape) view.crop.clear();
  const auto data = Dataset::of(std::move(source),
                                {.view = view, .memory = memory_plan(settings.data), .mask = spec.grid.mask});
  check_grid_fits(spec, data);
  require_clock_of(spec, data);
  warn_of_another_extent(data, spec.grid);
  const std::string split = "test";
  FirstSnapshots s;
  s.first = first_fields(data, split);
  s.start = first_times(data, split);
  s.dt = data.dt();
  s.n_snapshots = data.split(split).n_snapshots;
  if (!data.equal_times()) s.times = data.times(split);
  if (layout == Layout::fields_with_times) read_inputs_beside(s, path, spec);
  if (data.n_mu() > 0) s.mu = finite_inputs(data, split, "mu", data.mu(split));
  if (data.n_f() > 0) s.forcing = finite_inputs(data, split, "forcing", data.forcing(split));
  s.subtracted = view.subtract != 0;
  const bool one = !facts.has_splits() && facts.sets[0].n_trajectories == 1;
  s.understood = fmt::format(
      "{}, {}{}{}", facts.format,
      one ? fmt::format("{} snapshots that follow each other, read as one trajectory", s.n_snapshots)
          : fmt::format("{} whole trajectories", s.first.size(0)),
      facts.has_splits() ? " of 'test'" : "",
      view.subtract != 0 ? fmt::format(", {:g} subtracted", view.subtract) : "");
  return s;
}

std::string numbers(const Tensor& values) {
  std::vector<std::string> text;
  for (int64_t i = 0; i < values.numel(); ++i)
    text.push_back(fmt::format("{:.6g}", values[i].item<double>()));
  return fmt::format("{}", fmt::join(text, ", "));
}

void choose_mu(Starts& s, const StartRequest& request, const FirstSnapshots& file,
               const MultiscaleModel& model, const SeenInputs& seen) {
  const int64_t N = s.first.size(0), n_mu = model->spec().n_mu;
  if (!request.mu.empty()) {
    if (static_cast<int64_t>(request.mu.size()) != n_mu)
      throw ConfigError(
          fmt::format("--mu: got {} numbers, the model has {} parameters", request.mu.size(), n_mu));
    for (const double mu : request.mu)
      if (!std::isfinite(mu)) throw ConfigError(fmt::format("--mu: got {}, expected finite numbers", mu));
    s.mu = torch::tensor(request.mu, torch::kDouble).to(torch::kFloat).expand({N, n_mu});
  } else if (file.mu.defined()) {
    if (file.mu.size(1) != n_mu)
      throw DataError(
          fmt::format("{}: got {} parameters mu, the model has {}", request.from, file.mu.size(1), n_mu));
    s.mu = file.mu;
  } else {
    const auto typical = typical_of(model->drift->inputs.typical_mu(), seen.mu);
    s.mu = typical.expand({N, n_mu});
    if (n_mu > 0 && !all_constant(seen.mu))
      s.warnings.push_back(
          fmt::format("{}: has no mu; taking its mean over training, {}; give --mu or a dataset 'mu'",
                      request.from, numbers(typical)));
  }
}

void choose_forcing(Starts& s, const StartRequest& request, const FirstSnapshots& file,
                    const MultiscaleModel& model, const SeenInputs& seen) {
  const int64_t N = s.first.size(0), n_f = model->spec().n_given_f();
  const std::string where = request.forcing.empty() ? request.from : "--forcing " + request.forcing;
  const Tensor given = request.forcing.empty() ? file.forcing : read_forcing(request.forcing);
  if (given.defined()) {
    if (given.size(2) != n_f || (given.size(0) != 1 && given.size(0) != N))
      throw DataError(fmt::format("{}: got a forcing of shape {}, expected [K, {}] or [{}, K, {}]", where,
                                  shape_text(given.sizes()), n_f, N, n_f));
    s.forcing = given.expand({N, -1, -1});
    s.forcing_is_given = true;
    return;
  }
  const auto typical = typical_of(model->drift->inputs.typical_forcing(), seen.f);
  s.forcing = typical.expand({N, 1, n_f});
  if (n_f == 0 || all_constant(seen.f)) return;
  if (seen.known)
    throw ConfigError(
        fmt::format("{}: has no forcing, and the model was trained with {} that var{}; give --forcing FILE, "
                    "[K, {}] at the "
                    "start and every {:g} after it",
                    request.from, n_f, n_f > 1 ? "y" : "ies", n_f, s.dt));
  s.warnings.push_back(
      fmt::format("{}: has no forcing; taking its mean over training, {}, at all times; give --forcing FILE",
                  request.from, numbers(typical)));
}

}  // namespace

double time_of(const Starts& s, int64_t trajectory, int64_t frame) {
  if (s.times.defined()) return s.times[trajectory][frame].item<double>();
  return s.start[static_cast<size_t>(trajectory)] + s.dt * static_cast<double>(frame);
}

ForecastRequest request_from(const Starts& s, int64_t i) {
  const auto index = torch::arange(s.n_steps + 1).clamp_max(s.forcing.size(1) - 1);
  std::vector<double> times;
  for (int64_t k = 0; s.times.defined() && k <= s.n_steps; ++k) times.push_back(time_of(s, i, k));
  return {.first = s.first.narrow(0, i, 1),
          .mu = s.mu.narrow(0, i, 1),
          .forcing = s.forcing.narrow(0, i, 1).index_select(1, index),
          .t0 = s.start[static_cast<size_t>(i)],
          .dt = s.dt,
          .n_steps = s.n_steps,
          .times = std::move(times)};
}

double default_end(const ModelSpec& spec, double t0) {
  return t0 < spec.t_end - 0.5 * spec.dt ? spec.t_end : t0 + (spec.t_end - spec.t_begin);
}

Starts starts_of_dataset(const StartRequest& request, const Dataset& data, const ModelSpec& spec) {
  check_fits(spec, data);
  if (!data.has_split(request.split)) throw DataError(data.path() + ": has no split '" + request.split + "'");
  Starts s = {first_fields(data, request.split),
              finite_inputs(data, request.split, "mu", data.mu(request.split)),
              finite_inputs(data, request.split, "forcing", data.forcing(request.split)),
              first_times(data, request.split),
              data.dt(),
              data.split(request.split).n_snapshots - 1};
  s.forcing_is_given = spec.n_given_f() > 0;
  if (!data.equal_times())
    take_times(s, data.times(request.split), request.t_end);
  else if (request.t_end)
    s.n_steps = steps_until(*request.t_end, s.start[0], s.dt);
  return s;
}

Starts starts_of_file(const StartRequest& request, const MultiscaleModel& model, const Settings& settings,
                      const SeenInputs& seen) {
  const ModelSpec& spec = model->spec();
  const Layout layout = layout_of(request.from, spec);
  const auto file = layout == Layout::snapshots ? read_first_snapshots(request.from, spec)
                                                : read_layout(request.from, layout, spec, settings);
  Starts s;
  s.first = file.first;
  const int64_t N = s.first.size(0);
  s.start = request.t0 || file.start.empty() ? std::vector<double>(N, request.t0.value_or(spec.t_begin))
                                             : file.start;
  for (const double t : s.start)
    if (!std::isfinite(t)) throw ConfigError(fmt::format("--t0: got {}, expected a finite time", t));
  s.dt = file.dt > 0 ? file.dt : spec.dt;
  if (file.times.defined()) {
    const auto shift = torch::tensor(s.start, torch::kDouble).unsqueeze(1) - file.times.narrow(1, 0, 1);
    take_times(s, file.times + shift, request.t_end);
  } else if (request.t_end || file.n_snapshots < 2)
    s.n_steps = steps_until(request.t_end.value_or(default_end(spec, s.start[0])), s.start[0], s.dt);
  else
    s.n_steps = file.n_snapshots - 1;
  choose_mu(s, request, file, model, seen);
  choose_forcing(s, request, file, model, seen);
  spdlog::info("{}: {}; from t = {:g}{}{}{}", request.from, file.understood, s.start[0],
               request.t0           ? " (--t0)"
               : file.start.empty() ? ", where training starts (--t0 says otherwise)"
                                    : " as the file says",
               spec.n_mu > 0 ? "; mu = " + numbers(s.mu[0]) + (N > 1 ? ", .." : "") : "",
               spec.n_given_f() == 0 ? "" : fmt::format("; forcing of {} snapshots", s.forcing.size(1)));
  if (settings.data.subtract != 0 && !file.subtracted)
    s.warnings.push_back(
        fmt::format("{}: taken as the model's fields; data.subtract = {:g} of the run is not applied to it",
                    request.from, settings.data.subtract));
  return s;
}

}  // namespace msde
