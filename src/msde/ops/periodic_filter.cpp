#include "msde/ops/periodic_filter.hpp"

#include "msde/ops/circulant.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;
namespace F = torch::nn::functional;

constexpr int64_t most_circulant_points = 4096;  // 64 MiB of matrix in float32

int64_t half_width(const PeriodicFilter& filter) {
  return filter.n_sigma * filter.stride;
}

// The checks of public entry; grid sizes must be multiples of `divisor`.
void check(const PeriodicFilter& filter, const Tensor& field, const char* what, int64_t divisor) {
  if (filter.stride < 1 || filter.n_sigma < 0)
    throw ConfigError("periodic filter: got stride " + std::to_string(filter.stride) + " and n_sigma " +
                      std::to_string(filter.n_sigma) + ", expected stride >= 1 and n_sigma >= 0");
  const int64_t axes = filter.kernel.dim() - 2, C = filter.kernel.size(0);
  if (axes != 1 && axes != 2)
    throw ConfigError("periodic filter: got a kernel with " + std::to_string(axes) +
                      " axes, expected 1 or 2");
  std::vector<int64_t> kernel_shape(axes + 2, 2 * half_width(filter) + 1);
  kernel_shape[0] = C, kernel_shape[1] = 1;
  check_shape<ConfigError>("periodic filter: kernel", filter.kernel, kernel_shape);
  check_shape<ConfigError>("periodic filter: bias", filter.bias, {C});
  std::vector<int64_t> field_shape(axes + 2, any_size);
  field_shape[1] = C;
  check_shape(std::string("periodic filter: ") + what, field, field_shape);
  for (int64_t axis = 2; axis < field.dim(); ++axis)
    if (field.size(axis) == 0 || field.size(axis) % divisor != 0)
      throw DataError(std::string("periodic filter: ") + what + " has shape " + shape_text(field.sizes()) +
                      ", expected grid sizes that are multiples of the stride " + std::to_string(divisor));
}

bool use_circulant(FilterPath path, int64_t axes, int64_t points) {
  if (path == FilterPath::circulant && axes != 1)
    throw ConfigError("periodic filter: the circulant path is for one axis, got " + std::to_string(axes));
  return path == FilterPath::circulant ||
         (path == FilterPath::automatic && axes == 1 && points <= most_circulant_points);
}

Tensor wrapped_places(int64_t count, int64_t h, int64_t n, const Tensor& like) {
  return torch::arange(-h, count - h, torch::TensorOptions(torch::kLong).device(like.device())).remainder(n);
}

// LibTorch's own circular padding refuses more padding than points, an index list does not.
Tensor filtered_by_convolution(const PeriodicFilter& filter, Tensor x, int64_t stride) {
  const int64_t h = half_width(filter), C = x.size(1);
  for (int64_t axis = 2; axis < x.dim(); ++axis)
    x = x.index_select(axis, wrapped_places(x.size(axis) + 2 * h, h, x.size(axis), x));
  if (filter.kernel.dim() == 3)
    return F::conv1d(x, filter.kernel, F::Conv1dFuncOptions().bias(filter.bias).stride(stride).groups(C));
  return F::conv2d(x, filter.kernel, F::Conv2dFuncOptions().bias(filter.bias).stride(stride).groups(C));
}

Tensor prolonged_by_convolution(const PeriodicFilter& filter, const Tensor& z) {
  const int64_t C = z.size(1), h = half_width(filter);
  Tensor x = filter.kernel.dim() == 3
                 ? F::conv_transpose1d(z, filter.kernel,
                                       F::ConvTranspose1dFuncOptions().stride(filter.stride).groups(C))
                 : F::conv_transpose2d(z, filter.kernel,
                                       F::ConvTranspose2dFuncOptions().stride(filter.stride).groups(C));
  for (int64_t axis = 2; axis < x.dim(); ++axis) {  // fold what hangs over the ends back onto the grid
    auto shape = x.sizes().vec();
    const int64_t n = z.size(axis) * filter.stride;
    const auto places = wrapped_places(x.size(axis), h, n, x);
    shape[axis] = n;
    x = torch::zeros(shape, x.options()).index_add(axis, places, x);
  }
  std::vector<int64_t> per_channel(x.dim(), 1);
  per_channel[1] = C;
  return x + filter.bias.view(per_channel);
}

// [B, C, n] times one matrix per channel, [C, n, m] -> [B, C, m]. A single channel is one product without
// copies.
Tensor times_channelwise(const Tensor& x, const Tensor& matrices) {
  if (x.size(1) == 1) return torch::matmul(x.squeeze(1), matrices[0]).unsqueeze(1);
  return torch::bmm(x.transpose(0, 1), matrices).transpose(0, 1);
}

Tensor filtered_by_circulant(const PeriodicFilter& filter, const Tensor& x, int64_t stride) {
  const auto A = circulant_rows(filter.kernel.squeeze(1), x.size(2), stride);
  return times_channelwise(x, A.transpose(1, 2)) + filter.bias.unsqueeze(1);
}

Tensor filtered(const PeriodicFilter& filter, const Tensor& x, int64_t stride, FilterPath path) {
  check(filter, x, "fine field", stride);
  return use_circulant(path, x.dim() - 2, x.size(2)) ? filtered_by_circulant(filter, x, stride)
                                                     : filtered_by_convolution(filter, x, stride);
}

}  // namespace

Tensor smooth(const PeriodicFilter& filter, const Tensor& x, FilterPath path) {
  return filtered(filter, x, 1, path);
}

Tensor restrict_to_coarse(const PeriodicFilter& filter, const Tensor& x, FilterPath path) {
  return filtered(filter, x, filter.stride, path);
}

Tensor prolong(const PeriodicFilter& filter, const Tensor& z, FilterPath path) {
  check(filter, z, "coarse field", 1);
  const int64_t n = z.size(2) * filter.stride;
  if (!use_circulant(path, z.dim() - 2, n)) return prolonged_by_convolution(filter, z);
  const auto A = circulant_rows(filter.kernel.squeeze(1), n, filter.stride);
  return times_channelwise(z, A) + filter.bias.unsqueeze(1);
}

}  // namespace msde
