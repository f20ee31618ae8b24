// The values of a metric where the truth misses some.
#pragma once

#include "msde/eval/metrics/metric_table.hpp"

namespace msde {

// row.values(block), [T, Q]; of a block whose truth misses values frame by frame of those alone that are there: what a
// metric has for every channel of the channel's, else of those of all channels together.
torch::Tensor values_of(const MetricRow& row, const FrameBlock& block);

}  // namespace msde
