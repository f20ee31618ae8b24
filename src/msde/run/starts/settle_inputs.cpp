#include "msde/run/starts/settle_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/run/assumptions.hpp"
#include "msde/run/run_data.hpp"

namespace msde {
namespace {

using torch::Tensor;

constexpr double kSameValue = 1e-6;  // of a range: what is no other value

// Whether typical values of a model may be those of data with these ranges.
bool agree(const Tensor& typical, const std::vector<SeenRange>& ranges) {
  for (size_t i = 0; i < ranges.size(); ++i) {
    const double value = typical[static_cast<int64_t>(i)].item<double>();
    const double slack = 1e-5 * std::max(std::abs(ranges[i].low), std::abs(ranges[i].high));
    if (value < ranges[i].low - slack || value > ranges[i].high + slack) return false;
  }
  return true;
}

// Checks values [.., n] called `what` against training, and sets what was constant there to that constant.
void settle(Tensor& values, const std::string& what, const std::vector<SeenRange>& ranges) {
  values = values.clone();
  for (size_t i = 0; i < ranges.size(); ++i) {
    auto column = values.select(-1, static_cast<int64_t>(i));
    const double low = column.min().item<double>(), high = column.max().item<double>();
    const SeenRange seen = ranges[i];
    const bool constant = is_constant(seen);
    const double size = constant ? std::max(std::abs(seen.low), std::abs(seen.high)) : seen.high - seen.low;
    if (constant) column.fill_(seen.low);
    if (low >= seen.low - kSameValue * size && high <= seen.high + kSameValue * size) continue;
    const auto got = low == high ? fmt::format("{:.6g}", low) : fmt::format("{:.6g} to {:.6g}", low, high);
    const auto name = ranges.size() == 1 ? what : fmt::format("{}[{}]", what, i);
    if (constant)
      spdlog::warn(
          "{} = {}: all of training had {:.6g}, so the model cannot know what another value does; predicting "
          "as for {:.6g}",
          name, got, seen.low, seen.low);
    else
      spdlog::warn("{} = {}: training saw {:.6g} to {:.6g} only", name, got, seen.low, seen.high);
  }
}

}  // namespace

Tensor typical_of(const Tensor& model, const std::vector<SeenRange>& ranges) {
  auto values = model.narrow(0, 0, static_cast<int64_t>(ranges.size())).clone();
  for (size_t i = 0; i < ranges.size(); ++i)
    if (is_constant(ranges[i])) values[static_cast<int64_t>(i)] = ranges[i].low;
  return values;
}

SeenInputs seen_given(const ModelSpec& spec) {
  auto seen = spec.seen;
  if (seen.known) seen.f.resize(static_cast<size_t>(spec.n_given_f()));
  return seen;
}

SeenInputs inputs_seen(const MultiscaleModel& model, const Settings& settings, const std::string& data_path) {
  const ModelSpec& spec = model->spec();
  if (spec.seen.known || spec.n_mu + spec.n_f == 0) return seen_given(spec);
  try {
    const auto data = open_data(settings, data_path);
    check_fits(spec, data);
    const auto seen = seen_inputs(data.mu("train"), data.forcing("train"));
    const bool of_this_model = agree(model->drift->inputs.typical_mu(), seen.mu) &&
                               agree(model->drift->inputs.typical_forcing(), seen.f);
    if (of_this_model) return seen;
  } catch (const Error&) {  // moved, deleted or another file by now: the model must do
  }
  return model->drift->inputs.seen_of_units();
}

void settle_inputs(Starts& s, const SeenInputs& seen) {
  settle(s.mu, "mu", seen.mu);
  settle(s.forcing, "forcing", seen.f);
  const int64_t K = s.forcing.size(1);
  if (s.forcing_is_given && K < s.n_steps + 1 && !all_constant(seen.f))
    spdlog::warn("the forcing has {} snapshot{}, the forecast {}: its last value is held from t = {:g}", K,
                 K > 1 ? "s" : "", s.n_steps + 1, time_of(s, 0, K - 1));
}

void warn_beyond_training(const Starts& s, const ModelSpec& spec) {
  const double seen = spec.t_end - spec.t_begin;
  double t_last = s.start[0], length = 0;
  for (size_t i = 0; i < s.start.size(); ++i) {
    const double end = time_of(s, static_cast<int64_t>(i), s.n_steps);
    t_last = std::max(t_last, end), length = std::max(length, end - s.start[i]);
  }
  const bool knows_the_time = spec.options.micro_time == "on" || spec.options.dispersion == "linear";
  if (knows_the_time && t_last > spec.t_end + 0.5 * s.dt)
    spdlog::warn("predicting to t = {:g}, beyond the training range that ends at {:g}", t_last, spec.t_end);
  else if (length > seen + 0.5 * s.dt)
    spdlog::warn("predicting over {:g} from the start, beyond the {:g} that training covers", length, seen);
  else
    warn_of_far_times("the forecast", *std::min_element(s.start.begin(), s.start.end()), t_last, spec.t_begin,
                      spec.t_end);
}

}  // namespace msde
