#include "msde/infer/time_steps.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

namespace msde {
namespace {

constexpr double kWindow = 16, kStride = .2,
                 kLeastStride = .075;  // changes of the macroscale by its own size
constexpr int64_t kMostWindow = 64, kLeastWindow = 16, kWindowsOfTrajectory = 3;
constexpr int64_t kMostStride = 20, kStridesOfTrajectory = 20, kStridesOfHorizon = 40;
constexpr int64_t kHorizonGrowth = 5;

// The key of each of them, where the options and where the steps have it.
struct Entry {
  const char* key;
  int64_t* option;
  int64_t* step;
};
std::vector<Entry> entries(TrainOptions& o, TimeSteps& s) {
  return {{"train.window", &o.elbo.window, &s.window},
          {"rollout.stride", &o.rollout.stride, &s.stride},
          {"rollout.stride_min", &o.rollout.stride_min, &s.stride_min},
          {"rollout.horizon_start", &o.rollout.horizon_start, &s.horizon_start},
          {"rollout.horizon_end", &o.rollout.horizon_end, &s.horizon_end}};
}

// Snapshots in which the macroscale changes by `changes` times its size: at least `least`, at most `most`.
int64_t snapshots(double changes, double per_snapshot, int64_t least, int64_t most) {
  const double n = changes / per_snapshot;
  if (!(n < static_cast<double>(most))) return std::max(least, most);
  return std::max(least, static_cast<int64_t>(n));
}

}  // namespace

TimeSteps choose_time_steps(const TrainOptions& options, const Sampling& data) {
  TrainOptions o = options;
  const int64_t T = data.n_snapshots, last = (data.scored > 0 ? std::min(data.scored, T) : T) - 1;
  const auto choose = [](int64_t& option, int64_t value) {
    if (option == 0) option = std::max<int64_t>(1, value);
  };
  choose(o.elbo.window, snapshots(kWindow, data.change, 4,
                                  std::min(kMostWindow, std::max(kLeastWindow, T / kWindowsOfTrajectory))));
  auto& r = o.rollout;
  choose(r.stride,
         std::max(r.stride_min, snapshots(kStride, data.change, 1,
                                          std::min({kMostStride, T / kStridesOfTrajectory, last}))));
  choose(r.stride_min, snapshots(kLeastStride, data.change, 1, r.stride));
  choose(r.horizon_end, std::max(r.horizon_start, std::min(kStridesOfHorizon * r.stride, last)));
  choose(r.horizon_start, std::min(r.horizon_end, std::max(r.stride, r.horizon_end / kHorizonGrowth)));
  return time_steps_of(o);
}

TrainOptions with_time_steps(TrainOptions options, const TimeSteps& steps) {
  TimeSteps copy = steps;
  for (const auto& e : entries(options, copy)) *e.option = *e.step;
  return options;
}

TimeSteps time_steps_of(const TrainOptions& options) {
  TrainOptions copy = options;
  TimeSteps steps;
  for (const auto& e : entries(copy, steps)) *e.step = *e.option;
  return steps;
}

std::string chosen_steps(const TrainOptions& options, const TimeSteps& steps) {
  TrainOptions o = options;
  TimeSteps s = steps;
  std::vector<std::string> chosen;
  for (const auto& e : entries(o, s))
    if (*e.option == 0) chosen.push_back(fmt::format("{} = {}", e.key, *e.step));
  return fmt::format("{}", fmt::join(chosen, ", "));
}

nlohmann::json steps_to_json(const TimeSteps& steps) {
  TrainOptions unused;
  TimeSteps s = steps;
  nlohmann::json json;
  for (const auto& e : entries(unused, s)) json[e.key] = *e.step;
  return json;
}

TimeSteps steps_from_json(const nlohmann::json& json) {
  constexpr int64_t kMost = int64_t{1} << 40;
  TrainOptions unused;
  TimeSteps s;
  for (const auto& e : entries(unused, s)) {
    json.at(e.key).get_to(*e.step);
    if (*e.step < 0 || *e.step > kMost) throw std::out_of_range(e.key);
  }
  return s;
}

}  // namespace msde
