#include "msde/eval/metrics/frame_block.hpp"

#include <limits>

#include "msde/core/random/random.hpp"
#include "msde/eval/metrics/calibration_metrics.hpp"
#include "msde/eval/metrics/metrics.hpp"

namespace msde {
namespace {

using torch::Tensor;

int64_t axes(const MetricSetup& setup) {
  return static_cast<int64_t>(setup.shape.size());
}

std::vector<Tensor*> all_of(FrameFields& f) {
  return {&f.truth, &f.prediction, &f.first_truth, &f.first_prediction, &f.mean, &f.deviation, &f.members};
}

// `compute` is called the first time alone.
template <class Compute>
const Tensor& once(Tensor& value, const Compute& compute) {
  if (!value.defined()) value = compute();
  return value;
}

}  // namespace

MetricSetup metric_setup(const std::vector<int64_t>& shape, const std::vector<double>& length) {
  MetricSetup setup;
  setup.shape = shape;
  for (const double l : length) setup.volume *= l;
  setup.radial = radial_shells(shape, length);
  setup.bins = log_bins(shape);
  setup.shells = pdebench_shells(shape);
  return setup;
}

MetricSetup for_fine_fields(MetricSetup setup, bool truth_is_fine, bool prediction_is_fine) {
  if (truth_is_fine) setup.divisor.rounding = kFineRounding;
  if (prediction_is_fine) setup.divisor.rounding_of_prediction = kFineRounding;
  return setup;
}

FrameBlock::FrameBlock(FrameFields frames, const MetricSetup& s, int64_t position)
    : fields(std::move(frames)), setup(&s), position_(position), on_grid_(!s.fluid.defined()) {
  if (on_grid_) return;
  for (Tensor* x : all_of(fields))
    if (x->defined()) *x = x->flatten(x->dim() - axes(s)).index_select(-1, s.fluid);
}

FrameBlock FrameBlock::of_channel(int64_t channel) const {
  FrameBlock one = *this;
  for (Tensor* x : all_of(one.fields))
    if (x->defined()) *x = x->narrow(x == &one.fields.members ? 3 : 2, channel, 1);
  one.forget();
  return one;
}

bool FrameBlock::misses_values() const {
  return fields.truth.isnan().any().item<bool>();
}

FrameBlock FrameBlock::of_seen(int64_t frame) const {
  FrameBlock one = *this;
  one.forget();
  one.on_grid_ = false;
  one.position_ = position_ + frame;
  one.fields.trajectories = 1;
  const int64_t trajectory = frame / (frames() / fields.trajectories);
  const auto seen = fields.truth[0][frame].flatten().isfinite().nonzero().squeeze(1);
  for (Tensor* x : all_of(one.fields)) {
    if (!x->defined()) continue;
    const bool is_first = x == &one.fields.first_truth || x == &one.fields.first_prediction;
    const int64_t time = x == &one.fields.members ? 2 : 1;
    *x = x->narrow(time, is_first ? trajectory : frame, 1)
             .flatten(time + 1)
             .index_select(time + 1, seen)
             .unsqueeze(time + 1);
  }
  return one;
}

void FrameBlock::forget() {
  for (Tensor* x :
       {&truth_power_, &prediction_power_, &error_power_, &ranks_, &fair_crps_, &spread_skill_, &widths_})
    *x = Tensor();
}

Tensor FrameBlock::power_of(const Tensor& x) const {
  if (on_grid_) return power(x, axes(*setup));
  auto shape = x.sizes().vec();
  shape.back() = setup->radial.group.numel();
  return torch::full(shape, std::numeric_limits<double>::quiet_NaN(), torch::kDouble);
}

Tensor FrameBlock::by_trajectory(const Tensor& frames) const {
  auto shape = frames.sizes().vec();
  shape[0] /= fields.trajectories;
  shape.insert(shape.begin(), fields.trajectories);
  return frames.reshape(shape);
}

const Tensor& FrameBlock::truth_power() const {
  return once(truth_power_, [&] { return power_of(fields.truth); });
}

const Tensor& FrameBlock::prediction_power() const {
  return once(prediction_power_, [&] { return power_of(fields.prediction); });
}

const Tensor& FrameBlock::error_power() const {
  return once(error_power_, [&] { return power_of(fields.prediction - fields.truth); });
}

const Tensor& FrameBlock::ranks() const {
  return once(ranks_, [&] {
    std::vector<uint64_t> seeds;
    for (int64_t t = 0; t < frames(); ++t) seeds.push_back(seed_of_part(setup->seed, position_ + t));
    return ranks_per_frame(fields.members, fields.truth, seeds)[0].to(torch::kDouble);
  });
}

const Tensor& FrameBlock::fair_crps() const {
  return once(fair_crps_, [&] { return crps_fair_per_frame(fields.members, fields.truth)[0]; });
}

const Tensor& FrameBlock::spread_skill() const {
  return once(spread_skill_, [&] { return spread_skill_per_frame(fields.members, fields.truth)[0]; });
}

const Tensor& FrameBlock::widths() const {
  return once(widths_, [&] { return central_widths_per_frame(fields.members, {.5, .8, .9, .95})[0]; });
}

}  // namespace msde
