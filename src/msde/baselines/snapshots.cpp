#include "msde/baselines/snapshots.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "msde/baselines/validation.hpp"
#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/scales/principal_modes.hpp"

namespace msde {
namespace {

constexpr int64_t block_values = int64_t{1} << 24;  // 128 MiB in float64

torch::Tensor as_rows(const torch::Tensor& fields) {
  return fields.flatten(1).to(torch::kDouble);
}

// Calls visit(trajectory, first row, rows [count, D]).
void visit_blocks(const Dataset& data, const std::string& split, int64_t n_frames,
                  const std::function<void(int64_t, int64_t, const torch::Tensor&)>& visit) {
  const int64_t most = std::max<int64_t>(1, block_values / data.grid().size());
  const int64_t n_trajectories = data.split(split).n_trajectories;
  for (int64_t i = 0; i < n_trajectories; ++i) {
    for (int64_t start = 0; start < n_frames; start += most) {
      throw_if_interrupted();
      const int64_t count = std::min(most, n_frames - start);
      visit(i, start, as_rows(data.fields(split, i, start, count)));
    }
  }
}

std::vector<torch::Tensor> empty_coordinates(int64_t n_trajectories, int64_t n_frames, int64_t rank) {
  std::vector<torch::Tensor> result;
  for (int64_t i = 0; i < n_trajectories; ++i)
    result.push_back(torch::empty({n_frames, rank}, torch::kDouble));
  return result;
}

}  // namespace

torch::Tensor trajectory_rows(const Dataset& data, const std::string& split, int64_t trajectory,
                              int64_t count) {
  return as_rows(data.fields(split, trajectory, 0, count));
}

void visit_training_snapshots(const Dataset& data, const std::function<void(const torch::Tensor&)>& visit) {
  visit_blocks(data, "train", data.split("train").n_snapshots,
               [&](int64_t, int64_t, const torch::Tensor& rows) { visit(rows); });
}

double ReducedData::retained_energy(int64_t rank) const {
  return singular_values.narrow(0, 0, rank).square().sum().item<double>() / total_energy;
}

ReducedData reduce(const BaselineContext& context, int64_t rank) {
  const Dataset& data = context.data;
  const auto train = data.split("train");
  if (train.n_snapshots < 3)
    throw DataError(
        fmt::format("{}: training trajectories have {} snapshots, expected at least 3 to learn dynamics from",
                    data.path(), train.n_snapshots));
  rank = std::min({rank, train.n_trajectories * train.n_snapshots, data.grid().size()});
  const auto pod = principal_modes([&](const auto& visit) { visit_training_snapshots(data, visit); },
                                   data.grid().size(), rank, context.seed);
  ReducedData reduced;
  reduced.modes = pod.modes, reduced.singular_values = pod.singular_values;
  reduced.total_energy = pod.total_energy, reduced.dt = data.dt();
  reduced.train = empty_coordinates(train.n_trajectories, train.n_snapshots, rank);
  visit_blocks(data, "train", train.n_snapshots, [&](int64_t i, int64_t start, const torch::Tensor& rows) {
    reduced.train[i].narrow(0, start, rows.size(0)).copy_(rows.matmul(pod.modes));
  });

  const auto split = validation_split(data);
  const int64_t frames = validation_frames(context);
  reduced.val = empty_coordinates(data.split(split).n_trajectories, frames, rank);
  reduced.val_energy.assign(reduced.val.size(), torch::empty({0}, torch::kDouble));
  visit_blocks(data, split, frames, [&](int64_t i, int64_t start, const torch::Tensor& rows) {
    reduced.val[i].narrow(0, start, rows.size(0)).copy_(rows.matmul(pod.modes));
    reduced.val_energy[i] = torch::cat({reduced.val_energy[i], rows.square().sum(1)});
  });
  return reduced;
}

double relative_error(const ReducedData& data, const std::vector<torch::Tensor>& paths) {
  double sum = 0;
  for (size_t i = 0; i < paths.size(); ++i) {
    const int64_t rank = paths[i].size(1);
    const auto a = data.val[i].narrow(1, 0, rank);
    const auto outside = (data.val_energy[i] - a.square().sum(1)).clamp_min(0);
    const auto error = (paths[i] - a).square().sum(1) + outside;
    sum += (error / data.val_energy[i].clamp_min(1e-30)).sqrt().slice(0, 1).mean().item<double>();
  }
  return sum / static_cast<double>(paths.size());
}

std::vector<int64_t> candidate_ranks(int64_t most) {
  std::vector<int64_t> ranks;
  for (const int64_t r : {5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 130, 160, 200})
    if (r < most) ranks.push_back(r);
  ranks.push_back(most);
  return ranks;
}

}  // namespace msde
