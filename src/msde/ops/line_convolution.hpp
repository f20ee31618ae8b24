// Strided convolutions of lines and their transposes as products with columns, in plain memory, one snapshot
// at a time: the columns of lines of up to some thousand points stay in the cache.
#pragma once

#include <cstdint>

namespace msde {

// C: x [inputs, wide] -> y [outputs, m],  y[o, i] = sum_{c, k} kernel[o, c, k] x[c, stride i + k],
// wide = stride m + taps - 1. kernel [outputs, inputs, taps].
struct LineConvolution {
  int64_t inputs, outputs, taps, stride, m;

  int64_t wide() const { return stride * m + taps - 1; }
  int64_t kernel_size() const { return outputs * inputs * taps; }
  int64_t columns_size() const { return inputs * taps * m; }
  int64_t scratch_size() const { return columns_size() + stride * phase_width(); }  // floats

  // y = C x + bias; without one where it is null
  void forward(const float* x, const float* kernel, const float* bias, float* y, float* scratch) const;
  void transposed(const float* y, const float* kernel, float* x, float* scratch) const;  // x = C^T y
  void add_kernel_gradient(const float* x, const float* dy, float* dkernel, float* scratch) const;

 private:
  int64_t phase_width() const { return (wide() + stride - 1) / stride; }
  void gather(const float* x, float* columns,
              float* phases) const;  // columns[(c, k), i] = x[c, stride i + k]
  void scatter(const float* columns, float* x, float* phases) const;  // its adjoint
};

}  // namespace msde
