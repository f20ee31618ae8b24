// Products of row-major matrices in plain memory, by the BLAS.
#pragma once

#include <cblas.h>

#include <cstdint>

namespace msde {

// c [m, n] = factor a b + keep c, with sums over k.
struct Product {
  int64_t m, n, k;
  float factor = 1, keep = 0;

  void of(const float* a, const float* b, float* c) const {  // a [m, k], b [k, n]
    call(CblasNoTrans, k, CblasNoTrans, n, a, b, c);
  }
  void of_transposed(const float* a, const float* b, float* c) const {  // a [k, m], b [k, n]: a^T b
    call(CblasTrans, m, CblasNoTrans, n, a, b, c);
  }
  void by_transposed(const float* a, const float* b, float* c) const {  // a [m, k], b [n, k]: a b^T
    call(CblasNoTrans, k, CblasTrans, k, a, b, c);
  }

 private:
  static int blas(int64_t size) { return static_cast<int>(size); }
  void call(CBLAS_TRANSPOSE of_a, int64_t width_a, CBLAS_TRANSPOSE of_b, int64_t width_b, const float* a,
            const float* b, float* c) const {
    cblas_sgemm(CblasRowMajor, of_a, of_b, blas(m), blas(n), blas(k), factor, a, blas(width_a), b,
                blas(width_b), keep, c, blas(n));
  }
};

}  // namespace msde
