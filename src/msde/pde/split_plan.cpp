#include "msde/pde/split_plan.hpp"

#include <algorithm>

namespace msde {
namespace {

constexpr int64_t kShareOfEach = 15;  // of validation, and of test: 1501 snapshots are 1301, 100, 100

SplitPlan with_times(SplitPlan plan, const Case& row, const GenerateOptions& options) {
  int64_t longest = 0;
  for (const auto& trajectory : plan.trajectories) longest = std::max(longest, trajectory.n_snapshots);
  const SnapshotTimes times{row.t_end, options.n_steps};
  for (int64_t i = 0; i < longest; ++i)
    plan.times.push_back(row.stream ? row.stream->spacing * static_cast<double>(i) : times.at(i));
  return plan;
}

SplitPlan cut_in_time(const GenerateOptions& options) {
  const int64_t part = std::max<int64_t>(2, options.n_steps / kShareOfEach);
  const int64_t train = options.n_steps - 2 * part;
  SplitPlan plan;
  const std::vector<double> mu = options.reynolds;
  plan.splits = {
      {"train", 0, 0, train, mu}, {"val", 1, train, part, mu}, {"test", 2, train + part, part, mu}};
  plan.trajectories = {{mu[0], options.n_steps, {{0, 0}, {1, 0}, {2, 0}}}};
  return plan;
}

SplitPlan whole_trajectories(const std::vector<std::vector<double>>& mu, int64_t n_steps) {
  SplitPlan plan;
  const char* names[] = {"train", "val", "test"};
  for (size_t s = 0; s < 3; ++s) {
    plan.splits.push_back({names[s], s, 0, n_steps, mu[s]});
    for (size_t i = 0; i < mu[s].size(); ++i)
      plan.trajectories.push_back({mu[s][i], n_steps, {{s, static_cast<int64_t>(i)}}});
  }
  return plan;
}

}  // namespace

SplitPlan split_plan(const Case& row, const GenerateOptions& options) {
  if (!row.stream) {
    const auto alike = [&](int64_t n) { return std::vector<double>(static_cast<size_t>(n), row.mu); };
    return with_times(
        whole_trajectories({alike(options.n_train), alike(options.n_val), alike(options.n_test)},
                           options.n_steps),
        row, options);
  }
  SplitPlan plan = options.cut_in_time()
                       ? cut_in_time(options)
                       : whole_trajectories({options.reynolds, options.reynolds_val, options.reynolds_test},
                                            options.n_steps);
  if (options.n_beyond > 0) {
    plan.splits.push_back({"beyond", 3, options.n_steps, options.n_beyond, plan.splits[2].mu});
    for (auto& trajectory : plan.trajectories) {
      if (trajectory.parts.back().split != 2) continue;
      trajectory.n_snapshots += options.n_beyond;
      trajectory.parts.push_back({3, trajectory.parts.back().index});
    }
  }
  return with_times(std::move(plan), row, options);
}

}  // namespace msde
