#include "msde/kernels/macro_drift.hpp"

namespace msde {

template <class Visit>
void MacroDriftKernel::for_outputs(int64_t n, Visit visit) const {
  const int64_t cells = cells_.cells, channels = cells_.net.outputs();
  int64_t output = 0;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t cell = 0; cell < cells; ++cell)
      for (int64_t c = 0; c < channels; ++c) visit(i * cells_.n_z() + c * cells + cell, output++);
}

void MacroDriftKernel::forward(const StateBlock& states, float* dz, float* tape, float* scratch) const {
  float* y = scratch;
  cells_.forward(states.n, states.z, states.outside + layout_.skipped, layout_.n_outside, y, tape,
                 scratch + states.n * cells_.outputs());
  for_outputs(states.n, [&](int64_t place, int64_t output) { dz[place] += layout_.rate * y[output]; });
}

void MacroDriftKernel::backward(int64_t n, const float* tape, const Gradients& g, float* scratch) const {
  float* dy = scratch;
  for_outputs(n, [&](int64_t place, int64_t output) { dy[output] = layout_.rate * g.d[place]; });
  cells_.backward(n, tape, {g.transposed_weights, dy, g.z_gradient, g.parameters},
                  scratch + n * cells_.outputs());
}

}  // namespace msde
