#include "msde/kernels/line_convolution.hpp"

#include <algorithm>

#include "msde/kernels/overlapping_products.hpp"

namespace msde {
namespace {

std::vector<int64_t> every(int64_t distance, int64_t count) {
  std::vector<int64_t> offsets;
  for (int64_t i = 0; i < count; ++i) offsets.push_back(i * distance);
  return offsets;
}

}  // namespace

LineConvolution::LineConvolution(int64_t inputs, int64_t outputs, int64_t taps, int64_t stride, int64_t m)
    : inputs_(inputs), outputs_(outputs), taps_(taps), stride_(stride), m_(m) {
  for (int64_t c = 0; c < inputs; ++c)
    for (int64_t k = 0; k < taps; ++k)
      tap_in_phases_.push_back((k % stride * inputs + c) * phase_width() + k / stride);
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t j = 0; j < reach(); ++j) tap_in_padded_.push_back(o * padded() + reach() - 1 - j);
  output_in_kernel_ = every(inputs * taps, outputs);
  input_by_phase_ = every(outputs * reach(), inputs);
  point_in_transposed_ = every(outputs, m);
}

int64_t LineConvolution::scratch_size() const {
  return phases_size() + outputs_ * padded();
}

void LineConvolution::split(const float* x, float* phases) const {
  for (int64_t p = 0; p < stride_; ++p)
    for (int64_t c = 0; c < inputs_; ++c, phases += phase_width())
      for (int64_t i = 0, at = c * wide() + p; at < (c + 1) * wide(); ++i, at += stride_) phases[i] = x[at];
}

void LineConvolution::join(const float* phases, float* x) const {
  for (int64_t p = 0; p < stride_; ++p)
    for (int64_t c = 0; c < inputs_; ++c, phases += phase_width())
      for (int64_t i = 0, at = c * wide() + p; at < (c + 1) * wide(); ++i, at += stride_) x[at] = phases[i];
}

void LineConvolution::forward(const float* x, const float* kernel, const float* bias, float* y,
                              float* scratch) const {
  split(x, scratch);
  for (int64_t o = 0; o < outputs_ && bias != nullptr; ++o) std::fill_n(y + o * m_, m_, bias[o]);
  OverlappingProduct{.m = outputs_, .n = m_, .k = inputs_ * taps_, .keep = bias == nullptr ? 0.f : 1.f}.of(
      {kernel, output_in_kernel_.data()}, {scratch, tap_in_phases_.data()}, y);
}

std::vector<float> LineConvolution::by_phase(const float* kernel) const {
  std::vector<float> all(static_cast<size_t>(stride_ * inputs_ * outputs_ * reach()), 0.f);
  for (int64_t o = 0; o < outputs_; ++o)
    for (int64_t c = 0; c < inputs_; ++c)
      for (int64_t k = 0; k < taps_; ++k) {
        const int64_t p = k % stride_, j = k / stride_;
        all[static_cast<size_t>(((p * inputs_ + c) * outputs_ + o) * reach() + j)] =
            kernel[(o * inputs_ + c) * taps_ + k];
      }
  return all;
}

// Phase p of x[c] at i is the sum over (o, j) of kernel[o, c, stride j + p] y[o, i - j].
void LineConvolution::transposed(const float* y, const float* kernel_by_phase, float* x,
                                 float* scratch) const {
  const int64_t before = reach() - 1, width = phase_width();
  float* const phases = scratch;
  float* const around = scratch + phases_size();
  std::fill_n(around, outputs_ * padded(), 0.f);
  for (int64_t o = 0; o < outputs_; ++o) std::copy_n(y + o * m_, m_, around + o * padded() + before);
  for (int64_t p = 0; p < stride_; ++p)
    OverlappingProduct{inputs_, width, outputs_ * reach()}.of(
        {kernel_by_phase + p * inputs_ * outputs_ * reach(), input_by_phase_.data()},
        {around, tap_in_padded_.data()}, phases + p * inputs_ * width);
  join(phases, x);
}

void LineConvolution::add_kernel_gradient(const float* x, const float* dy, float* dkernel,
                                          float* scratch) const {
  float* const across = scratch + phases_size();  // dy transposed, so that vectors hold outputs
  split(x, scratch);
  constexpr int64_t kAtOnce = 16;  // points: a cache line of dy, so many of `across`
  for (int64_t first = 0; first < m_; first += kAtOnce)
    for (int64_t o = 0; o < outputs_; ++o)
      for (int64_t i = first; i < std::min(m_, first + kAtOnce); ++i)
        across[i * outputs_ + o] = dy[o * m_ + i];
  OverlappingProduct{.m = inputs_ * taps_, .n = outputs_, .k = m_, .keep = 1}.of(
      {scratch, tap_in_phases_.data()}, {across, point_in_transposed_.data()}, dkernel);
}

}  // namespace msde
