// Products of matrices whose rows may overlap in memory, in the widest vectors of the processor that runs
// them (Highway): a convolution is such a product, without columns copied out of its lines.
#pragma once

#include <cstdint>

namespace msde {

// A matrix whose row i is the memory from `first + offsets[i]` on.
struct RowsAt {
  const float* first;
  const int64_t* offsets;
};

// c [m, n] = a b + keep c with c row-major, rows a [m, k] and b [k, n], sums over k in its order. c overlaps
// neither; it is not read where keep is 0.
struct OverlappingProduct {
  int64_t m, n, k;
  float keep = 0;

  void of(const RowsAt& a, const RowsAt& b, float* c) const;
};

}  // namespace msde
