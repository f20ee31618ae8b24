#include "msde/field/training_means.hpp"

#include <algorithm>

#include "msde/core/process/signals.hpp"

namespace msde {
namespace {

struct Sums {
  torch::Tensor of_values,
      number;  // [C, *grid]; number: of the values that are there, undefined where all are
  int64_t snapshots = 0;

  void add(torch::Tensor fields) {
    const int64_t count = fields.size(0);
    if (const auto missing = fields.isnan(); number.defined() || missing.any().item<bool>()) {
      if (!number.defined())
        number = torch::full_like(fields[0], static_cast<double>(snapshots), torch::kDouble);
      number += count - missing.sum(0, /*keepdim=*/false, torch::kDouble);
      fields = fields.nan_to_num(0.);
    }
    const auto sum = fields.sum(0, /*keepdim=*/false, torch::kDouble);
    of_values = of_values.defined() ? of_values.add_(sum) : sum;
    snapshots += count;
  }

  void add(const Sums& other) {
    if (other.snapshots == 0) return;
    if (snapshots == 0) {
      *this = other;
      return;
    }
    if (number.defined() || other.number.defined()) number = counts() + other.counts();
    of_values = of_values + other.of_values;
    snapshots += other.snapshots;
  }

  torch::Tensor counts() const {
    return number.defined() ? number
                            : torch::full_like(of_values, static_cast<double>(snapshots), torch::kDouble);
  }

  // `all`: of all groups.
  torch::Tensor mean(const Sums& all) const {
    if (!number.defined()) return of_values / static_cast<double>(snapshots);
    const auto of_channel = all.of_values.flatten(1).sum(1) / all.counts().flatten(1).sum(1).clamp_min(1);
    auto shape = std::vector<int64_t>(static_cast<size_t>(number.dim()), 1);
    shape[0] = number.size(0);
    const auto of_all =
        torch::where(all.counts() > 0, all.of_values / all.counts().clamp_min(1), of_channel.view(shape));
    return torch::where(number > 0, of_values / number.clamp_min(1), of_all);
  }
};

}  // namespace

GroupMeans training_means(const Dataset& data, int64_t groups,
                          const std::function<int64_t(double)>& group_of) {
  constexpr int64_t kBlockValues = int64_t{1} << 24;  // 128 MiB in float64
  const auto split = data.split("train");
  const auto times = data.times("train");
  const int64_t most = std::max<int64_t>(1, kBlockValues / data.grid().size());
  std::vector<Sums> sums(static_cast<size_t>(groups));
  for (int64_t i = 0; i < split.n_trajectories; ++i)
    for (int64_t start = 0, count = 0; start < split.n_snapshots; start += count) {
      throw_if_interrupted();
      count = std::min(most, split.n_snapshots - start);
      const auto fields = data.stored_fields("train", i, start, count);
      std::vector<std::vector<int64_t>> rows(sums.size());
      for (int64_t k = 0; k < count; ++k)
        rows[static_cast<size_t>(group_of(times[i][start + k].item<double>()))].push_back(k);
      for (size_t g = 0; g < sums.size(); ++g)
        if (static_cast<int64_t>(rows[g].size()) == count)
          sums[g].add(fields);
        else if (!rows[g].empty())
          sums[g].add(fields.index_select(0, torch::tensor(rows[g])));
    }
  GroupMeans result;
  std::vector<torch::Tensor> means;
  std::vector<int64_t> shape = {data.grid().channels};
  shape.insert(shape.end(), data.grid().shape.begin(), data.grid().shape.end());
  Sums all;
  for (const Sums& sum : sums) all.add(sum);
  for (const Sums& sum : sums) {
    means.push_back(sum.snapshots > 0 ? sum.mean(all) : torch::zeros(shape, torch::kDouble));
    result.snapshots.push_back(sum.snapshots);
  }
  result.means = torch::stack(means);
  return result;
}

torch::Tensor training_mean(const Dataset& data) {
  return training_means(data, 1, [](double) { return 0; }).means[0];
}

}  // namespace msde
