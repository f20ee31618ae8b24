// The gradient of a batch's loss, the rows of the batch shared out among the threads of this process.
#pragma once

#include <functional>

#include "msde/infer/optimiser/optimiser.hpp"
#include "msde/infer/record/metrics_log.hpp"
#include "msde/tensor/ranks/share.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// What some rows of a batch add to its loss and to the numbers logged.
struct Part {
  torch::Tensor loss;
  MetricsLog::Row row;
};

// Adds the gradient of the sum of all parts to weights.gradients(); returns the sum of their numbers.
// `part_of(thread)` is called for every thread = {k, number of threads}, at most `rows` of them, at once;
// each builds and differentiates a graph of its own, on one processor. (Threads inside small operations cost
// more than they bring.) One part alone on a CUDA device, and where threads are twice the rows or more. Sums
// are made in the order of k: the same bits every time for a number of threads.
MetricsLog::Row add_gradients(FlatParameters& weights, int64_t rows,
                              const std::function<Part(const Ranks& thread)>& part_of);

}  // namespace msde
