// Activations of rows in plain memory, in the widest vectors of the processor that runs them (Highway).
#pragma once

#include <cstdint>

namespace msde {

// sigma(h) = h / (1 + exp(-h)), or h for h > 0 and leak h below (relu: 0).
struct KernelActivation {
  bool silu = true;
  float leak = 0;
};

// Rows of `width` floats, contiguous.
struct RowBlock {
  int64_t rows = 0, width = 0;
};

// h += bias in every row; y = sigma(h). y may be h.
void add_bias_activate(KernelActivation sigma, RowBlock block, const float* bias, float* h, float* y);

// y = sigma(h); g *= sigma'(h); bias_gradient [width] += the sum of the rows of the new g.
void activate_and_pull_back(KernelActivation sigma, RowBlock block, const float* h, float* y, float* g,
                            float* bias_gradient);

}  // namespace msde
