#include "msde/ops/line_convolution.hpp"

#include <algorithm>

#include "msde/ops/row_products.hpp"

namespace msde {

// Every stride-th value of a line is a phase; a row of columns is then a piece of one.
void LineConvolution::gather(const float* x, float* columns, float* phases) const {
  for (int64_t c = 0; c < inputs; ++c, x += wide()) {
    for (int64_t p = 0; p < stride; ++p)
      for (int64_t i = 0, at = p; at < wide(); ++i, at += stride) phases[p * phase_width() + i] = x[at];
    for (int64_t k = 0; k < taps; ++k)
      columns = std::copy_n(phases + k % stride * phase_width() + k / stride, m, columns);
  }
}

void LineConvolution::scatter(const float* columns, float* x, float* phases) const {
  for (int64_t c = 0; c < inputs; ++c, x += wide()) {
    std::fill_n(phases, stride * phase_width(), 0.f);
    for (int64_t k = 0; k < taps; ++k, columns += m) {
      float* to = phases + k % stride * phase_width() + k / stride;
      for (int64_t i = 0; i < m; ++i) to[i] += columns[i];
    }
    for (int64_t p = 0; p < stride; ++p)
      for (int64_t i = 0, at = p; at < wide(); ++i, at += stride) x[at] = phases[p * phase_width() + i];
  }
}

void LineConvolution::forward(const float* x, const float* kernel, const float* bias, float* y,
                              float* scratch) const {
  gather(x, scratch, scratch + columns_size());
  for (int64_t o = 0; o < outputs && bias != nullptr; ++o) std::fill_n(y + o * m, m, bias[o]);
  Product{.m = outputs, .n = m, .k = inputs * taps, .keep = bias == nullptr ? 0.f : 1.f}.of(kernel, scratch,
                                                                                            y);
}

void LineConvolution::transposed(const float* y, const float* kernel, float* x, float* scratch) const {
  Product{inputs * taps, m, outputs}.of_transposed(kernel, y, scratch);
  scatter(scratch, x, scratch + columns_size());
}

void LineConvolution::add_kernel_gradient(const float* x, const float* dy, float* dkernel,
                                          float* scratch) const {
  gather(x, scratch, scratch + columns_size());
  Product{.m = outputs, .n = inputs * taps, .k = m, .keep = 1}.by_transposed(dy, scratch, dkernel);
}

}  // namespace msde
