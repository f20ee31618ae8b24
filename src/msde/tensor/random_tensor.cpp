#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

template <class Fill>
torch::Tensor filled(at::IntArrayRef shape, const torch::TensorOptions& options, Fill fill) {
  auto values = torch::empty(shape, torch::kDouble);
  fill(values.numel(), values.data_ptr<double>());
  return values.to(options);
}

}  // namespace

torch::Tensor normal(const RandomKey& key, at::IntArrayRef shape, const torch::TensorOptions& options) {
  return filled(shape, options, [&](int64_t n, double* out) { fill_normal(key, 0, n, out); });
}

torch::Tensor uniform(const RandomKey& key, at::IntArrayRef shape, const torch::TensorOptions& options) {
  return filled(shape, options, [&](int64_t n, double* out) { fill_uniform(key, 0, n, out); });
}

torch::Tensor integers(const RandomKey& key, int64_t count, int64_t low, int64_t high) {
  auto values = torch::empty({count}, torch::kLong);
  for (int64_t i = 0; i < count; ++i) values.data_ptr<int64_t>()[i] = uniform_integer(key, i, low, high);
  return values;
}

}  // namespace msde
