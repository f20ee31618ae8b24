// A drift that is a polynomial of the state: what a known operator is in a linear space.
#pragma once

#include "msde/kernels/drift.hpp"

namespace msde {

// dz_i += sum_p a_k(p) u_k(p) g_p sum_m W_p[m, i] x_m,   x = (1, z_j, z_j z_k for j <= k) of the first n numbers of z, as many of
// them as piece p has columns; g_p is what a state sees of the outside at `first_outside` + p; a_k are the parameters, one for each
// term of a piece or more, u_k fixed.
class PolynomialDriftKernel : public DriftTermKernel {
 public:
  struct Piece {
    const float* weights;  // W_p [columns, n]
    int64_t columns, term;
  };
  struct Layout {
    int64_t n = 1, n_z = 1;  // numbers that it reads and changes, all
    int64_t n_outside = 0, first_outside = 0;
    int64_t n_terms = 1;
    const float *a = nullptr, *u = nullptr;  // [n_terms]
  };
  PolynomialDriftKernel(std::vector<Piece> pieces, Layout layout);

  int64_t tape_width() const override;  // z, then of each piece g_p and what it makes of z
  int64_t scratch_size(int64_t n) const override;
  int64_t gradient_size() const override { return layout_.n_terms; }
  std::vector<float> transposed_weights() const override { return {}; }
  void forward(const StateBlock& states, float* dz, float* tape, float* scratch) const override;
  void backward(int64_t n, const float* tape, const Gradients& gradients, float* scratch) const override;

 private:
  int64_t n_pieces() const { return static_cast<int64_t>(pieces_.size()); }
  void monomials(const float* z, float* x) const;
  std::vector<Piece> pieces_;
  Layout layout_;
  int64_t columns_ = 1;  // most of a piece
};

}  // namespace msde
