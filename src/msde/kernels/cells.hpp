// One network at every coarse cell.
#pragma once

#include <cstdint>
#include <vector>

#include "msde/kernels/mlp.hpp"

namespace msde {

// y_j = net(zeta around cell j, what the cell always sees, eta, shared) for every cell j. State z = zeta [n_zeta], eta
// [n_eta]; `shared` [n_shared] is what all cells of a state see besides.
struct CellsKernel {
  MlpKernel net;
  std::vector<int32_t> stencil;  // [cells, inputs of a cell] places in zeta: stencil_index
  std::vector<float> always;     // [cells, n_always]
  int64_t cells = 1, n_zeta = 1, n_eta = 0, n_shared = 0;

  int64_t n_z() const { return n_zeta + n_eta; }
  int64_t outputs() const { return cells * net.outputs(); }  // floats a state
  int64_t tape_width() const { return cells * (net.inputs() + net.tape_width()); }
  int64_t scratch_size(int64_t n) const;                         // bounded: states in blocks
  int64_t gradient_size() const { return net.gradient_size(); }  // the network's
  std::vector<float> transposed_weights() const { return net.transposed_weights(); }

  // z [n, n_z], shared row i at shared + i * shared_stride -> y [n, cells, outputs]
  void forward(int64_t n, const float* z, const float* shared, int64_t shared_stride, float* y, float* tape,
               float* scratch) const;

  // Adds J^T dy to z_gradient [n, n_z] and the parameters' gradients to `parameters`.
  struct Gradients {
    const float* transposed_weights;
    const float* dy;  // [n, cells, outputs]
    float *z_gradient, *parameters;
  };
  void backward(int64_t n, const float* tape, const Gradients& gradients, float* scratch) const;

 private:
  int64_t n_always() const { return static_cast<int64_t>(always.size()) / cells; }
  int64_t stencil_width() const { return net.inputs() - n_always() - n_eta - n_shared; }
  int64_t most_states() const;
  int64_t states_at_a_time(int64_t n) const;
};
static_assert(Kernel<CellsKernel>);

}  // namespace msde
