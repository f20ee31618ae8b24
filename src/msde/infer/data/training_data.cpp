#include "msde/infer/data/training_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "msde/core/process/signals.hpp"
#include "msde/infer/data/time_smoother.hpp"
#include "msde/model/clock_forcing.hpp"
#include "msde/tensor/evenly_spread.hpp"
#include "msde/tensor/mapped_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kJudged = 32;             // trajectories that the amount of smoothing is chosen on ..
constexpr int64_t kJudgedSnapshots = 8192;  // .. and snapshots in the middle of each, as memory allows
constexpr int64_t kLeastJudged = 256;

}  // namespace

TrainingData::TrainingData(const Dataset& data, const std::string& split, Coordinates coordinates,
                           const Clock& clock)
    : data_(data), split_(split), coordinates_(std::move(coordinates)) {
  torch::NoGradGuard no_grad;
  const auto shape = data_.split(split);
  n_trajectories_ = shape.n_trajectories;
  n_snapshots_ = shape.n_snapshots;
  set_times(data);
  mu_ = data_.mu(split);
  f_ = forcing_with_clock(data_, split, clock);

  if (data_.is_filled()) {
    std::vector<torch::Tensor> shares;
    for (int64_t i = 0; i < n_trajectories_; ++i)
      shares.push_back(data_.share_seen(split, i, 0, n_snapshots_));
    seen_ = torch::stack(shares);
  }

  const int64_t limit = data_.memory().coefficient_bytes, rows = data_.block_rows();
  const int64_t bytes = n_trajectories_ * n_snapshots_ * coordinates_->size() * 4;
  if (!coordinates_->is_reduced() && bytes > limit) return;
  mapped_ = bytes > limit;
  const std::vector<int64_t> size = {n_trajectories_, n_snapshots_, coordinates_->size()};
  a_ = mapped_ ? mapped_zeros(size) : torch::empty(size);
  off_norm2_ = torch::empty({n_trajectories_, n_snapshots_});
  for (int64_t i = 0; i < n_trajectories_; ++i)
    for (int64_t start = 0; start < n_snapshots_; start += rows) {
      throw_if_interrupted();
      const int64_t count = std::min(rows, n_snapshots_ - start);
      const auto block = coordinates_->project(data_.fields(split, i, start, count).flatten(1));
      a_[i].narrow(0, start, count).copy_(block.a);
      off_norm2_[i].narrow(0, start, count).copy_(block.off_norm2);
    }
}

void TrainingData::set_times(const Dataset& data) {
  data_ = data;
  const auto times = data_.times(split_);
  t_ = times.to(torch::kFloat);
  if (!data_.equal_times()) since_ = times - times.narrow(1, 0, 1);
}

std::string TrainingData::denoise(double noise_std) {
  if (!in_memory() || !coordinates_->is_reduced() || noise_std <= 0) return "";
  const int64_t n = coordinates_->size(), judged = std::min(kJudged, n_trajectories_);
  const int64_t affordable = data_.memory().coefficient_bytes / (16 * judged * n);
  const int64_t length = std::min(n_snapshots_, std::clamp(affordable, kLeastJudged, kJudgedSnapshots));
  const auto sample = evenly_spread(n_trajectories_, judged);
  const auto middle = a_.narrow(1, (n_snapshots_ - length) / 2, length);
  const auto seen = middle.index_select(0, sample);
  if (seen_.defined()) noise_std = noise_of_filled(seen, noise_std);
  const char* const nothing = "nothing smooths these data in time better than leaving them alone";
  const int64_t at_once = data_.memory().block_bytes / (4 * n);
  double variance_left = 0;
  TimeSmoothing chosen;
  if (equal_times()) {
    const auto smoother = choose_time_smoother(seen, noise_std);
    if (smoother.half_width() == 0) return nothing;
    for (int64_t i = 0; i < n_trajectories_; ++i) {
      throw_if_interrupted();
      smoother.smooth(a_[i], at_once);
    }
    chosen = {smoother.degree(), smoother.half_width()};
    variance_left = smoother.trace(n_snapshots_) / static_cast<double>(n_snapshots_);
    off_norm2_ += static_cast<double>(n) * noise_std * noise_std * (1 - variance_left);
  } else {
    const auto times = since_.narrow(1, (n_snapshots_ - length) / 2, length).index_select(0, sample);
    chosen = choose_time_smoothing(seen, times, noise_std);
    if (chosen.half_width == 0) return nothing;
    for (int64_t i = 0; i < n_trajectories_; ++i) {
      throw_if_interrupted();
      smooth_in_time(a_[i], since_[i], chosen, at_once);
      const double left = smoother_trace(since_[i], chosen) / static_cast<double>(n_snapshots_);
      off_norm2_[i] += static_cast<double>(n) * noise_std * noise_std * (1 - left);
      variance_left += left / static_cast<double>(n_trajectories_);
    }
  }
  input_noise_ = noise_std;
  return fmt::format(
      "training coefficients smoothed in time by polynomials of degree {} over {} snapshots, "
      "{:.0f} % of the noise left",
      chosen.degree, chosen.width(), 100 * std::sqrt(variance_left));
}

// Least squares in a share of the values have more noise than these, where the modes of the filling take part, and
// values that are filled less: as much as sixth differences in time show, but at most what the share says.
double TrainingData::noise_of_filled(const torch::Tensor& coefficients, double noise_std) const {
  constexpr int64_t kOrder = 6;
  constexpr double kGain = 924;  // sum of the squares of the weights of such a difference
  const double most = noise_std / std::sqrt(seen_.mean().item<double>());
  if (!equal_times() || coefficients.size(1) <= kOrder) return most;
  const auto differences = torch::diff(coefficients.to(torch::kDouble), kOrder, 1);
  return std::min(most, std::sqrt(differences.square().mean().item<double>() / kGain));
}

void TrainingData::count_noise_of_missing(double noise_std) {
  if (!seen_.defined() || !off_norm2_.defined()) return;
  off_norm2_ += (1 - seen_) * (static_cast<double>(data_.grid().fluid_size()) * noise_std * noise_std);
}

// [N, T, ..] -> [B, K, ..]
torch::Tensor TrainingData::pick(const torch::Tensor& values, const torch::Tensor& trajectory,
                                 const torch::Tensor& snapshot) const {
  auto flat = (trajectory.unsqueeze(1) * n_snapshots_ + snapshot).reshape({-1}).to(values.device());
  auto shape = values.sizes().vec();
  shape[0] = snapshot.size(0);
  shape[1] = snapshot.size(1);
  return values.flatten(0, 1).index_select(0, flat).view(shape).to(device_);
}

torch::Tensor TrainingData::forcing(const torch::Tensor& trajectory, const torch::Tensor& snapshot) const {
  return pick(f_, trajectory, snapshot);
}

torch::Tensor TrainingData::times(const torch::Tensor& trajectory, const torch::Tensor& snapshot) const {
  if (equal_times()) return {};
  const auto times = since_.index_select(0, trajectory.cpu()).gather(1, snapshot.cpu());
  return times - times.narrow(1, 0, 1);
}

TrainingData::Gathered TrainingData::gather(const torch::Tensor& trajectory,
                                            const torch::Tensor& snapshot) const {
  const int64_t B = snapshot.size(0), K = snapshot.size(1);
  Gathered g;
  g.t = pick(t_, trajectory, snapshot);
  g.mu = mu_.index_select(0, trajectory.to(device_));
  g.f = pick(f_, trajectory, snapshot);
  if (seen_.defined()) g.seen = pick(seen_, trajectory, snapshot);
  g.times = times(trajectory, snapshot);
  if (in_memory()) {
    g.a = pick(a_, trajectory, snapshot);
    g.off_norm2 = pick(off_norm2_, trajectory, snapshot);
    return g;
  }
  std::vector<torch::Tensor> rows;
  for (int64_t b = 0; b < B; ++b) {
    const int64_t first = snapshot[b].min().item<int64_t>(), last = snapshot[b].max().item<int64_t>();
    auto fields = data_.fields(split_, trajectory[b].item<int64_t>(), first, last - first + 1).flatten(1);
    rows.push_back(fields.index_select(0, snapshot[b] - first));
  }
  g.a = torch::stack(rows).to(device_);
  g.off_norm2 = torch::zeros({B, K}, g.a.options());
  return g;
}

void TrainingData::to(torch::Device device) {
  device_ = device;
  for (auto* t : {&a_, &off_norm2_, &seen_, &t_, &mu_, &f_})
    if (t->defined() && !(mapped_ && t == &a_)) *t = t->to(device);
}

}  // namespace msde
