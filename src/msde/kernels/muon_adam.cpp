#include "msde/kernels/muon_adam.hpp"

#include <algorithm>
#include <cmath>

#include "msde/kernels/products.hpp"

namespace msde {

void AdamUpdate::apply(int64_t size, const float* g, float* m, float* v, float* w) const {
  for (int64_t i = 0; i < size; ++i) {
    m[i] += (1 - beta1) * (g[i] - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
    w[i] -= step * m[i] / (std::sqrt(v[i]) / root2 + epsilon);
  }
}

int64_t MuonUpdate::scratch_size() const {
  const int64_t n = std::min(rows, columns);
  return 2 * rows * columns + 2 * n * n;
}

void MuonUpdate::apply(const float* g, float* m, float* w, float* scratch) const {
  const int64_t size = rows * columns, n = std::min(rows, columns);
  float *X = scratch, *next = X + size, *A = next + size, *B = A + n * n;
  double norm2 = 0;
  for (int64_t i = 0; i < size; ++i) {
    m[i] += (1 - momentum) * (g[i] - m[i]);
    X[i] = g[i] + momentum * (m[i] - g[i]);
    norm2 += static_cast<double>(X[i]) * X[i];
  }
  const float scale = 1 / (static_cast<float>(std::sqrt(norm2)) + 1e-12f);
  for (int64_t i = 0; i < size; ++i) X[i] *= scale;

  // X = a X + b A X + c A^2 X,  A = X X^T of the shorter side
  using NS = NewtonSchulz;
  const bool tall = rows > columns;
  for (int k = 0; k < NS::steps; ++k) {
    if (tall)
      Product{n, n, rows}.of_transposed(X, X, A);
    else
      Product{n, n, columns}.by_transposed(X, X, A);
    std::copy_n(A, n * n, B);
    Product{.m = n, .n = n, .k = n, .factor = NS::c, .keep = NS::b}.of(A, A, B);
    std::copy_n(X, size, next);
    const Product add{.m = rows, .n = columns, .k = n, .keep = NS::a};
    if (tall)
      add.of(X, B, next);
    else
      add.of(B, X, next);
    std::swap(X, next);
  }
  for (int64_t i = 0; i < size; ++i) w[i] -= step * X[i];
}

}  // namespace msde
