#include "msde/ops/overlapping_products.hpp"

// This file is compiled once for every instruction set: foreach_target.h includes it again and again. Vectors
// whose length only the processor knows cannot be members of arrays.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "msde/ops/overlapping_products.cpp"
#include <hwy/detect_targets.h>
#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace msde::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// One pass over k makes a tile of c, rows x vectors, whose sums stay in registers beside as many vectors of b
// and one value of a.
constexpr int kRows = 6;
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_SSSE3 || HWY_TARGET == HWY_SSE2
constexpr int kVectors = 2;  // of 16 registers
#else
constexpr int kVectors = 4;  // of 32
#endif

// Memory beyond the last column belongs to others. Highway's masks leave it alone only where the processor
// has masks: elsewhere whole vectors are read and written.
template <class D>
class FirstColumns {
 public:
  FirstColumns(D d, int64_t count) : d_(d), count_(count), mask_(hn::FirstN(d, static_cast<size_t>(count))) {}

  HWY_INLINE hn::Vec<D> load(const float* from) const {
    if constexpr (kHasMasks) return hn::MaskedLoad(mask_, d_, from);
    if (count_ == kLanes) return hn::LoadU(d_, from);
    HWY_ALIGN float lanes[kLanes] = {};
    std::copy_n(from, count_, lanes);
    return hn::Load(d_, lanes);
  }
  HWY_INLINE void store(hn::Vec<D> v, float* to) const {
    if constexpr (kHasMasks) return hn::BlendedStore(v, mask_, d_, to);
    if (count_ == kLanes) return hn::StoreU(v, d_, to);
    HWY_ALIGN float lanes[kLanes];
    hn::Store(v, d_, lanes);
    std::copy_n(lanes, count_, to);
  }

 private:
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2  // better targets have smaller numbers
  static constexpr bool kHasMasks = true;
#else
  static constexpr bool kHasMasks = false;
#endif
  static constexpr int64_t kLanes = hn::MaxLanes(D());
  D d_;
  int64_t count_;
  hn::Mask<D> mask_;
};

// Arrays of vectors are registers only where every loop over them is unrolled.
#define MSDE_UNROLL HWY_UNROLL(8)

// The tile at row i and column j; its last vector has `last` columns.
template <int rows, int vectors>
HWY_INLINE void make_tile(const OverlappingProduct& p, const RowsAt& of_a, const RowsAt& of_b, int64_t i,
                          int64_t j, int64_t last, float* HWY_RESTRICT c) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const auto L = static_cast<int64_t>(hn::Lanes(d));
  const FirstColumns<decltype(d)> seen(d, last);
  const float* a[rows];
  V sum[rows][vectors];
  MSDE_UNROLL for (int r = 0; r < rows; ++r) {
    a[r] = of_a.first + of_a.offsets[i + r];
    MSDE_UNROLL for (int v = 0; v < vectors; ++v) sum[r][v] = hn::Zero(d);
  }
  for (int64_t l = 0; l < p.k; ++l) {
    const float* const b = of_b.first + of_b.offsets[l] + j;
    V piece[vectors];
    MSDE_UNROLL for (int v = 0; v + 1 < vectors; ++v) piece[v] = hn::LoadU(d, b + v * L);
    piece[vectors - 1] = seen.load(b + (vectors - 1) * L);
    MSDE_UNROLL for (int r = 0; r < rows; ++r) {
      const V value = hn::Set(d, a[r][l]);
      MSDE_UNROLL for (int v = 0; v < vectors; ++v) sum[r][v] = hn::MulAdd(value, piece[v], sum[r][v]);
    }
  }
  const V keep = hn::Set(d, p.keep);
  MSDE_UNROLL for (int r = 0; r < rows; ++r) {
    float* const to = c + (i + r) * p.n + j;
    MSDE_UNROLL for (int v = 0; v + 1 < vectors; ++v) {
      const V before = p.keep == 0 ? hn::Zero(d) : hn::LoadU(d, to + v * L);
      hn::StoreU(hn::MulAdd(keep, before, sum[r][v]), d, to + v * L);
    }
    float* const end = to + (vectors - 1) * L;
    const V before = p.keep == 0 ? hn::Zero(d) : seen.load(end);
    seen.store(hn::MulAdd(keep, before, sum[r][vectors - 1]), end);
  }
}

template <int rows>
HWY_INLINE void make_row_of_tiles(const OverlappingProduct& p, const RowsAt& a, const RowsAt& b, int64_t i,
                                  float* c) {
  const auto L = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>()));
  for (int64_t j = 0; j < p.n; j += kVectors * L) {
    const int64_t columns = std::min(p.n - j, kVectors * L), vectors = (columns + L - 1) / L;
    const int64_t last = columns - (vectors - 1) * L;
    if (vectors == 1)
      make_tile<rows, 1>(p, a, b, i, j, last, c);
    else if (vectors == 2)
      make_tile<rows, 2>(p, a, b, i, j, last, c);
    else if (vectors == 3)
      make_tile<rows, std::min(3, kVectors)>(p, a, b, i, j, last, c);
    else
      make_tile<rows, kVectors>(p, a, b, i, j, last, c);
  }
}

void Multiply(const OverlappingProduct& p, const RowsAt& a, const RowsAt& b, float* c) {
  int64_t i = 0;
  for (; i + kRows <= p.m; i += kRows) make_row_of_tiles<kRows>(p, a, b, i, c);
  if (p.m - i >= 4) make_row_of_tiles<4>(p, a, b, i, c), i += 4;
  if (p.m - i >= 2) make_row_of_tiles<2>(p, a, b, i, c), i += 2;
  if (p.m - i >= 1) make_row_of_tiles<1>(p, a, b, i, c);
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
