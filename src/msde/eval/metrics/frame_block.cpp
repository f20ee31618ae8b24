#include "msde/eval/metrics/frame_block.hpp"

#include "msde/core/random/random.hpp"
#include "msde/eval/metrics/calibration_metrics.hpp"
#include "msde/eval/metrics/each_frame.hpp"
#include "msde/eval/metrics/metrics.hpp"

namespace msde {
namespace {

using torch::Tensor;

void look_at_members(int64_t position, FrameBlock* block) {
  std::vector<Tensor> ranks;
  const auto& f = block->fields;
  for (int64_t t = 0; t < block->frames(); ++t)
    ranks.push_back(rank_histogram(f.members.narrow(2, t, 1), f.truth.narrow(1, t, 1),
                                   seed_of_part(block->setup->seed, position + t)));
  block->ranks = torch::stack(ranks);
  block->spread_skill = each_frame(f, [](const Tensor& x, const Tensor& y) {
    const auto s = spread_skill(x, y);
    return std::vector<double>{s.variance, s.squared_error};
  });
  block->widths = each_frame(f, [](const Tensor& x, const Tensor&) {
    return central_widths(x, {.5, .8, .9, .95});
  });
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

FrameBlock frame_block(FrameFields fields, const MetricSetup& setup, int64_t position) {
  FrameBlock block;
  const auto D = static_cast<int64_t>(setup.shape.size());
  block.truth_power = power(fields.truth, D);
  block.prediction_power = power(fields.prediction, D);
  block.error_power = power(fields.prediction - fields.truth, D);
  block.setup = &setup;
  block.fields = std::move(fields);
  if (block.members() > 0) look_at_members(position, &block);
  return block;
}

}  // namespace msde
