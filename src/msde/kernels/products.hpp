// Products of row-major float32 matrices in plain memory, on the calling thread alone, in the widest vectors
// of the processor that runs them (Highway).
//
// Why not the BLAS: threads share out rows, matrices and windows, so these products are made inside parallel
// regions. Debian's variants of the BLAS differ there by a factor of 14, and one of them is not safe.
#pragma once

#include <cstdint>

namespace msde {

// c [m, n] = factor a b + keep c, with sums over k. c overlaps neither a nor b; it is not read where keep is
// 0. The bits of a result depend on the sizes and on the instruction set alone.
struct Product {
  int64_t m, n, k;
  float factor = 1, keep = 0;

  void of(const float* a, const float* b, float* c) const;             // a [m, k], b [k, n]
  void of_transposed(const float* a, const float* b, float* c) const;  // a [k, m], b [k, n]: a^T b
  void by_transposed(const float* a, const float* b, float* c) const;  // a [m, k], b [n, k]: a b^T
};

// Element (i, j) is first[i * row + j * column]; one of the two distances is 1.
struct StridedMatrix {
  const float* first;
  int64_t row, column;
};

// The same with a [m, k] and b [k, n] as they lie, rows of c at a distance.
void multiply(const Product& p, const StridedMatrix& a, const StridedMatrix& b, float* c, int64_t distance);

}  // namespace msde
