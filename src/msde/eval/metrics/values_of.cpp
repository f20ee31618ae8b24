#include "msde/eval/metrics/values_of.hpp"

#include <cmath>

namespace msde {

using torch::Tensor;

namespace {

Tensor of_frame(const MetricRow& row, const FrameBlock& block, int64_t frame, int64_t Q) {
  const int64_t C = block.channels();
  const bool each = C > 1 && Q == C && row.needs != Needs::members;  // channel
  const auto of = [&](const FrameBlock& seen) {
    return seen.fields.truth.numel() > 0 ? row.values(seen)
                                         : torch::full({1, each ? 1 : Q}, NAN, torch::kDouble);
  };
  if (!each) return of(block.of_seen(frame));
  std::vector<Tensor> columns;
  for (int64_t c = 0; c < C; ++c) columns.push_back(of(block.of_channel(c).of_seen(frame)));
  return torch::cat(columns, 1);
}

}  // namespace

Tensor values_of(const MetricRow& row, const FrameBlock& block) {
  const auto values = row.values(block);
  if (!block.misses_values() || !row.against_truth) return values;
  std::vector<Tensor> frames;
  for (int64_t t = 0; t < block.frames(); ++t) frames.push_back(of_frame(row, block, t, values.size(1)));
  return torch::cat(frames);
}

}  // namespace msde
