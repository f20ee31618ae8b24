#include "msde/tensor/random_tensor.hpp"

#include <ATen/Parallel.h>

#include <algorithm>

namespace msde {
namespace {

constexpr int64_t kGrain = int64_t{1} << 12;  // values per task: even, since values come in pairs

// fill(first, count, out): values are functions of their index, so threads share the work without a trace.
template <class Real, class Fill>
torch::Tensor filled(at::IntArrayRef shape, const torch::TensorOptions& options, Fill fill) {
  auto values = torch::empty(shape, c10::CppTypeToScalarType<Real>::value);
  auto* out = values.template data_ptr<Real>();
  const int64_t n = values.numel(), tasks = (n + kGrain - 1) / kGrain;
  at::parallel_for(0, tasks, 1, [&](int64_t begin, int64_t end) {
    const int64_t first = begin * kGrain, count = std::min(end * kGrain, n) - first;
    fill(static_cast<uint64_t>(first), count, out + first);
  });
  return values.to(options);
}

}  // namespace

torch::Tensor normal(const RandomKey& key, at::IntArrayRef shape, const torch::TensorOptions& options,
                     uint64_t first) {
  const auto fill = [&](uint64_t i, int64_t n, auto* out) { fill_normal(key, first + i, n, out); };
  return torch::typeMetaToScalarType(options.dtype()) == torch::kFloat ? filled<float>(shape, options, fill)
                                                                       : filled<double>(shape, options, fill);
}

torch::Tensor uniform(const RandomKey& key, at::IntArrayRef shape, const torch::TensorOptions& options) {
  return filled<double>(shape, options,
                        [&](uint64_t i, int64_t n, double* out) { fill_uniform(key, i, n, out); });
}

torch::Tensor integers(const RandomKey& key, int64_t count, int64_t low, int64_t high) {
  auto values = torch::empty({count}, torch::kLong);
  for (int64_t i = 0; i < count; ++i) values.data_ptr<int64_t>()[i] = uniform_integer(key, i, low, high);
  return values;
}

}  // namespace msde
