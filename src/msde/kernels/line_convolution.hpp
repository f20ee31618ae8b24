// Strided convolutions of lines and their transposes in plain memory, one snapshot at a time: products whose
// rows are pieces of the lines themselves, so that scratch is as small as the lines.
#pragma once

#include <cstdint>
#include <vector>

namespace msde {

// C: x [inputs, wide] -> y [outputs, m],  y[o, i] = sum_{c, k} kernel[o, c, k] x[c, stride i + k],
// wide = stride m + taps - 1. kernel [outputs, inputs, taps].
class LineConvolution {
 public:
  LineConvolution(int64_t inputs, int64_t outputs, int64_t taps, int64_t stride, int64_t m);

  int64_t inputs() const { return inputs_; }
  int64_t outputs() const { return outputs_; }
  int64_t taps() const { return taps_; }
  int64_t m() const { return m_; }
  int64_t wide() const { return stride_ * m_ + taps_ - 1; }
  int64_t kernel_size() const { return outputs_ * inputs_ * taps_; }
  int64_t scratch_size() const;  // floats

  // y = C x + bias; without one where it is null
  void forward(const float* x, const float* kernel, const float* bias, float* y, float* scratch) const;

  // The kernel as `transposed` multiplies by it: [stride, inputs, outputs, reach], tap stride j + p at [p,
  // .., j] and 0 beyond the last.
  std::vector<float> by_phase(const float* kernel) const;
  void transposed(const float* y, const float* kernel_by_phase, float* x, float* scratch) const;  // x = C^T y

  // Adds to the gradient of the kernel as [inputs, taps, outputs].
  void add_kernel_gradient(const float* x, const float* dy, float* dkernel, float* scratch) const;

 private:
  // Every stride-th value of a line is a phase: tap k of all outputs reads a piece of phase k mod stride.
  int64_t phase_width() const { return (wide() + stride_ - 1) / stride_; }
  int64_t phases_size() const { return inputs_ * stride_ * phase_width(); }
  void split(const float* x, float* phases) const;  // [stride, inputs, phase_width]
  void join(const float* phases, float* x) const;
  int64_t reach() const { return (taps_ + stride_ - 1) / stride_; }  // taps of phase 0
  int64_t padded() const { return phase_width() + reach() - 1; }     // y with zeros around it

  int64_t inputs_, outputs_, taps_, stride_, m_;
  // Where rows begin: of tap (c, k) in the phases, of an output in the kernel, of tap (o, j) in the padded y,
  // of an input in the kernel by phase, of a point in y transposed.
  std::vector<int64_t> tap_in_phases_, output_in_kernel_, tap_in_padded_, input_by_phase_,
      point_in_transposed_;
};

}  // namespace msde
