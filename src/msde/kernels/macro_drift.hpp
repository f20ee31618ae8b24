// The learned drift of the macroscale.
#pragma once

#include "msde/kernels/cells.hpp"
#include "msde/kernels/drift.hpp"

namespace msde {

// d zeta_j += rate f(stencil of zeta around cell j, eta, mu, f) for every coarse cell j.
class MacroDriftKernel : public DriftTermKernel {
 public:
  struct Layout {
    int64_t n_outside = 0, skipped = 0;  // numbers a state sees, the first of them that the cells do not
    float rate = 1;
  };
  MacroDriftKernel(CellsKernel cells, Layout layout) : cells_(std::move(cells)), layout_(layout) {}

  int64_t tape_width() const override { return cells_.tape_width(); }
  int64_t scratch_size(int64_t n) const override { return n * cells_.outputs() + cells_.scratch_size(n); }
  int64_t gradient_size() const override { return cells_.gradient_size(); }  // the network's
  std::vector<float> transposed_weights() const override { return cells_.transposed_weights(); }
  void forward(const StateBlock& states, float* dz, float* tape, float* scratch) const override;
  void backward(int64_t n, const float* tape, const Gradients& gradients, float* scratch) const override;

 private:
  // visit(place in dz, place in the network's outputs) for every number of n states: outputs lie cell by cell,
  // zeta channel by channel.
  template <class Visit>
  void for_outputs(int64_t n, Visit visit) const;
  CellsKernel cells_;
  Layout layout_;
};

}  // namespace msde
