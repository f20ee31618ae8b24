#include "msde/infer/optimiser/gradients.hpp"

#include <ATen/Parallel.h>
#include <omp.h>

#include <algorithm>

#include "msde/core/numbers/flush_denormals.hpp"

namespace msde {
namespace {

struct Differentiated {
  torch::Tensor gradient;  // flat
  MetricsLog::Row row;
};

// The calling thread of a parallel region is told that it has no others. Otherwise oneDNN shares a
// convolution's gradient out among all threads, but only the calling one does its share: the sum is that of a
// part of the rows, or waits for the others forever.
void work_alone() {
  at::get_num_threads();  // a thread's first call sets its number to everybody's
  omp_set_num_threads(1);
}

Differentiated differentiate(FlatParameters& weights, const Part& part) {
  Differentiated d = {torch::zeros_like(weights.gradients()), part.row};
  const auto gradients = torch::autograd::grad({part.loss}, weights.parameters(), {}, /*retain_graph=*/false,
                                               /*create_graph=*/false, /*allow_unused=*/true);
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < gradients.size(); ++i)
    if (gradients[i].defined()) weights.view_of(d.gradient, i).copy_(gradients[i]);
  return d;
}

}  // namespace

MetricsLog::Row add_gradients(FlatParameters& weights, int64_t rows,
                              const std::function<Part(const Ranks& thread)>& part_of) {
  const int64_t threads = at::get_num_threads();
  // So few rows leave most processors idle: then threads within operations.
  const bool together = !weights.values().is_cpu() || threads >= 2 * rows;
  const int64_t n = together ? 1 : std::min(threads, rows);
  if (n <= 1) {
    const Part all = part_of({});
    all.loss.backward();
    return all.row;
  }
  std::vector<Differentiated> parts(static_cast<size_t>(n));
  at::parallel_for(0, n, 1, [&](int64_t begin, int64_t end) {
    work_alone();
    const FlushDenormals flushed;
    for (int64_t k = begin; k < end; ++k)
      parts[static_cast<size_t>(k)] = differentiate(weights, part_of({k, n}));
  });
  auto row = parts.front().row;
  for (auto& [name, value] : row) value = 0;
  for (const auto& part : parts) {
    weights.gradients().add_(part.gradient);
    for (size_t i = 0; i < row.size(); ++i) row[i].second += part.row[i].second;
  }
  return row;
}

}  // namespace msde
