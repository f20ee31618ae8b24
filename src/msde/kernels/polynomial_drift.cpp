#include "msde/kernels/polynomial_drift.hpp"

#include <algorithm>

#include "msde/kernels/products.hpp"

namespace msde {

PolynomialDriftKernel::PolynomialDriftKernel(std::vector<Piece> pieces, Layout layout)
    : pieces_(std::move(pieces)), layout_(layout) {
  for (const auto& piece : pieces_) columns_ = std::max(columns_, piece.columns);
}

int64_t PolynomialDriftKernel::tape_width() const {
  return layout_.n + n_pieces() * (1 + layout_.n);
}

int64_t PolynomialDriftKernel::scratch_size(int64_t n) const {
  return n * (columns_ + layout_.n);
}

void PolynomialDriftKernel::monomials(const float* z, float* x) const {
  const int64_t n = layout_.n;
  *x++ = 1;
  if (columns_ == 1) return;
  x = std::copy_n(z, n, x);
  if (columns_ == 1 + n) return;
  for (int64_t j = 0; j < n; ++j) {
    const float factor = z[j];
    for (int64_t k = j; k < n; ++k) *x++ = factor * z[k];
  }
}

void PolynomialDriftKernel::forward(const StateBlock& states, float* dz, float* tape, float* scratch) const {
  const int64_t B = states.n, n = layout_.n;
  float *z = tape, *g = z + B * n, *y = g + B * n_pieces(), *x = scratch;
  for (int64_t i = 0; i < B; ++i) {
    std::copy_n(states.z + i * layout_.n_z, n, z + i * n);
    std::copy_n(states.outside + i * layout_.n_outside + layout_.first_outside, n_pieces(),
                g + i * n_pieces());
    monomials(z + i * n, x + i * columns_);
  }
  for (int64_t p = 0; p < n_pieces(); ++p, y += B * n) {
    const auto& [weights, columns, term] = pieces_[static_cast<size_t>(p)];
    multiply({.m = B, .n = n, .k = columns}, {x, columns_, 1}, {weights, n, 1}, y, n);
    const float factor = layout_.a[term] * layout_.u[term];
    for (int64_t i = 0; i < B; ++i) {
      const float by = factor * g[i * n_pieces() + p];
      for (int64_t j = 0; j < n; ++j) dz[i * layout_.n_z + j] += by * y[i * n + j];
    }
  }
}

void PolynomialDriftKernel::backward(int64_t B, const float* tape, const Gradients& to,
                                     float* scratch) const {
  const int64_t n = layout_.n;
  const float *z = tape, *g = z + B * n, *y = g + B * n_pieces();
  float *dx = scratch, *d = dx + B * columns_;
  std::fill_n(dx, B * columns_, 0.f);
  for (int64_t p = 0; p < n_pieces(); ++p, y += B * n) {
    const auto& [weights, columns, term] = pieces_[static_cast<size_t>(p)];
    const float unit = layout_.u[term], factor = layout_.a[term] * unit;
    for (int64_t i = 0; i < B; ++i) {
      const float outside = g[i * n_pieces() + p];
      float of_term = 0;
      for (int64_t j = 0; j < n; ++j) {
        const float dz = outside * to.d[i * layout_.n_z + j];
        of_term += dz * y[i * n + j];
        d[i * n + j] = factor * dz;
      }
      to.parameters[term] += unit * of_term;
    }
    multiply({.m = B, .n = columns, .k = n, .keep = 1}, {d, n, 1}, {weights, 1, n}, dx, columns_);
  }
  if (columns_ == 1) return;
  for (int64_t i = 0; i < B; ++i) {
    const float *of_x = dx + i * columns_ + 1, *state = z + i * n;
    float* dz = to.z_gradient + i * layout_.n_z;
    for (int64_t j = 0; j < n; ++j) dz[j] += of_x[j];
    if (columns_ == 1 + n) continue;
    const float* of_pair = of_x + n;
    for (int64_t j = 0; j < n; ++j)
      for (int64_t k = j; k < n; ++k, ++of_pair) {
        dz[j] += *of_pair * state[k];
        dz[k] += *of_pair * state[j];
      }
  }
}

}  // namespace msde
