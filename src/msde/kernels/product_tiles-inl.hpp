// A tile of a product of matrices, whose sums stay in registers. For files that are compiled once for every
// instruction set (Highway's foreach_target.h): included again for each, hence the guard that toggles.
#if defined(MSDE_OPS_PRODUCT_TILES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef MSDE_OPS_PRODUCT_TILES_INL_HPP
#undef MSDE_OPS_PRODUCT_TILES_INL_HPP
#else
#define MSDE_OPS_PRODUCT_TILES_INL_HPP
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

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

// Narrow tiles are taller: as many sums must be under way as the processor's multiply-add takes cycles,
// twice.
template <int vectors>
constexpr int kRowsBeside = vectors == 1 ? 12 : kRows* kVectors / vectors;

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
#define MSDE_UNROLL HWY_UNROLL(16)

// Where a tile's sums go: c = factor sum + keep c, at a row distance of `distance`. c is not read where keep
// is 0. The last of the tile's vectors has `last` columns.
struct TileOfC {
  float* first;
  int64_t distance, last;
  float factor, keep;
};

// sum over l < k of a[r][l step_a] b(l)[j]. `b(l)` is where row l of b has the tile's first column;
// whole_b: there is memory behind its last column, up to a whole vector.
template <int rows, int vectors, bool whole_b, class RowOfB>
HWY_INLINE void make_tile(int64_t k, const float* const* a, int64_t step_a, const RowOfB& b,
                          const TileOfC& c) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const auto L = static_cast<int64_t>(hn::Lanes(d));
  const FirstColumns<decltype(d)> seen(d, c.last);
  V sum[rows][vectors];
  MSDE_UNROLL for (int r = 0; r < rows; ++r) MSDE_UNROLL for (int v = 0; v < vectors; ++v) sum[r][v] =
      hn::Zero(d);
  for (int64_t l = 0; l < k; ++l) {
    const float* const row = b(l);
    V piece[vectors];
    MSDE_UNROLL for (int v = 0; v + 1 < vectors; ++v) piece[v] = hn::LoadU(d, row + v * L);
    if constexpr (whole_b)
      piece[vectors - 1] = hn::LoadU(d, row + (vectors - 1) * L);
    else
      piece[vectors - 1] = seen.load(row + (vectors - 1) * L);
    MSDE_UNROLL for (int r = 0; r < rows; ++r) {
      const V value = hn::Set(d, a[r][l * step_a]);
      MSDE_UNROLL for (int v = 0; v < vectors; ++v) sum[r][v] = hn::MulAdd(value, piece[v], sum[r][v]);
    }
  }
  if (c.factor != 1) {
    const V factor = hn::Set(d, c.factor);
    MSDE_UNROLL for (int r = 0; r < rows; ++r) MSDE_UNROLL for (int v = 0; v < vectors; ++v) sum[r][v] =
        hn::Mul(factor, sum[r][v]);
  }
  constexpr int last = vectors - 1;
  if (c.keep != 0) {
    const V keep = hn::Set(d, c.keep);
    MSDE_UNROLL for (int r = 0; r < rows; ++r) {
      const float* const to = c.first + r * c.distance;
      MSDE_UNROLL for (int v = 0; v < last; ++v) sum[r][v] =
          hn::MulAdd(keep, hn::LoadU(d, to + v * L), sum[r][v]);
      sum[r][last] = hn::MulAdd(keep, seen.load(to + last * L), sum[r][last]);
    }
  }
  MSDE_UNROLL for (int r = 0; r < rows; ++r) {
    float* const to = c.first + r * c.distance;
    MSDE_UNROLL for (int v = 0; v < last; ++v) hn::StoreU(sum[r][v], d, to + v * L);
    seen.store(sum[r][last], to + last * L);
  }
}

// The tile that has `columns` of at most kVectors vectors.
template <int rows, bool whole_b, class RowOfB>
HWY_INLINE void make_tile_of(int64_t columns, int64_t k, const float* const* a, int64_t step_a,
                             const RowOfB& b, TileOfC c) {
  const auto L = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>()));
  const int64_t vectors = (columns + L - 1) / L;
  c.last = columns - (vectors - 1) * L;
  if (vectors == 1)
    make_tile<rows, 1, whole_b>(k, a, step_a, b, c);
  else if (vectors == 2)
    make_tile<rows, 2, whole_b>(k, a, step_a, b, c);
  else if (vectors == 3)
    make_tile<rows, std::min(3, kVectors), whole_b>(k, a, step_a, b, c);
  else
    make_tile<rows, kVectors, whole_b>(k, a, step_a, b, c);
}

// Calls rows_from(tag of a number of rows, i): `most` rows at a time, what is left in eights, fours, twos and
// ones.
template <int most, class RowsFrom>
HWY_INLINE void for_rows(int64_t m, const RowsFrom& rows_from) {
  int64_t i = 0;
  for (; i + most <= m; i += most) rows_from(std::integral_constant<int, most>(), i);
  if constexpr (most > 8)
    if (m - i >= 8) rows_from(std::integral_constant<int, 8>(), i), i += 8;
  if (m - i >= 4) rows_from(std::integral_constant<int, 4>(), i), i += 4;
  if (m - i >= 2) rows_from(std::integral_constant<int, 2>(), i), i += 2;
  if (m - i >= 1) rows_from(std::integral_constant<int, 1>(), i);
}

}  // namespace msde::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
