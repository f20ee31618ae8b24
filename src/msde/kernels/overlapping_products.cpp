#include "msde/kernels/overlapping_products.hpp"

// This file is compiled once for every instruction set: foreach_target.h includes it again and again. Vectors
// whose length only the processor knows cannot be members of arrays.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "msde/kernels/overlapping_products.cpp"
#include <hwy/detect_targets.h>
#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "msde/kernels/product_tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace msde::HWY_NAMESPACE {

void Multiply(const OverlappingProduct& p, const RowsAt& of_a, const RowsAt& of_b, float* c) {
  const auto width = kVectors * static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>()));
  for_rows<kRows>(p.m, [&](auto rows, int64_t i) HWY_ATTR {
    const float* a[rows];
    for (int r = 0; r < rows; ++r) a[r] = of_a.first + of_a.offsets[i + r];
    for (int64_t j = 0; j < p.n; j += width) {
      const auto b = [&](int64_t l) HWY_ATTR { return of_b.first + of_b.offsets[l] + j; };
      make_tile_of<rows, false>(
          std::min(p.n - j, width), p.k, a, 1, b,
          {.first = c + i * p.n + j, .distance = p.n, .last = 0, .factor = 1, .keep = p.keep});
    }
  });
}

}  // namespace msde::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace msde {

HWY_EXPORT(Multiply);

void OverlappingProduct::of(const RowsAt& a, const RowsAt& b, float* c) const {
  HWY_DYNAMIC_DISPATCH(Multiply)(*this, a, b, c);
}

}  // namespace msde
#endif
