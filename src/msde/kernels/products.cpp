#include "msde/kernels/products.hpp"

// This file is compiled once for every instruction set: foreach_target.h includes it again and again. Vectors
// whose length only the processor knows cannot be members of arrays.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "msde/kernels/products.cpp"
#include <hwy/detect_targets.h>
#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "msde/kernels/product_tiles-inl.hpp"

#ifndef MSDE_OPS_ROW_PRODUCTS_STRIDED
#define MSDE_OPS_ROW_PRODUCTS_STRIDED
namespace msde {

struct Strided : StridedMatrix {
  const float* at(int64_t i, int64_t j) const { return first + i * row + j * column; }
};

}  // namespace msde
#endif

HWY_BEFORE_NAMESPACE();
namespace msde::HWY_NAMESPACE {

// A panel of b, kDepth rows of one tile's width, stays in the nearest caches while kHeight rows of a pass by.
constexpr int64_t kDepth = 256, kHeight = 384;
constexpr int64_t kWidth = kVectors * hn::MaxLanes(hn::ScalableTag<float>());
// A panel of b that lies in whole rows of memory is not copied for fewer rows of a, nor where it is all of b.
constexpr int64_t kFewRows = 3 * kRows;

// b^T to panel: columns of b are rows of memory. Four by four, in vectors of four.
HWY_INLINE void copy_transposed(const Strided& b, int64_t depth, int64_t columns, float* HWY_RESTRICT panel) {
  int64_t j = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::FixedTag<float, 4> d;
  const hn::FixedTag<double, 2> pairs;
  for (; j + 4 <= columns; j += 4) {
    const float* from = b.at(0, j);
    int64_t l = 0;
    for (; l + 4 <= depth; l += 4) {
      const auto r0 = hn::LoadU(d, from + l), r1 = hn::LoadU(d, from + b.column + l),
                 r2 = hn::LoadU(d, from + 2 * b.column + l), r3 = hn::LoadU(d, from + 3 * b.column + l);
      const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1)),
                 low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3)),
                 high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1)),
                 high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
      float* to = panel + l * kWidth + j;
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, to);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, to + kWidth);
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, to + 2 * kWidth);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, to + 3 * kWidth);
    }
    for (; l < depth; ++l)
      for (int64_t i = 0; i < 4; ++i) panel[l * kWidth + j + i] = from[i * b.column + l];
  }
#endif
  for (; j < columns; ++j)
    for (int64_t l = 0; l < depth; ++l) panel[l * kWidth + j] = *b.at(l, j);
}

// Rows of a panel are whole vectors: zeros follow the last column.
HWY_INLINE void fill_panel(const Strided& b, int64_t depth, int64_t columns, float* HWY_RESTRICT panel) {
  if (columns < kWidth) std::fill_n(panel, depth * kWidth, 0.f);
  if (b.column != 1) return copy_transposed(b, depth, columns, panel);
  for (int64_t l = 0; l < depth; ++l) std::copy_n(b.at(l, 0), columns, panel + l * kWidth);
}

template <int vectors, bool whole_b, class RowOfB>
HWY_INLINE void make_tiles_of(int64_t height, int64_t depth, const Strided& of_a, const RowOfB& b,
                              const TileOfC& c) {
  for_rows<kRowsBeside<vectors>>(height, [&](auto rows, int64_t i) HWY_ATTR {
    const float* a[rows];
    for (int r = 0; r < rows; ++r) a[r] = of_a.at(i + r, 0);
    TileOfC tile = c;
    tile.first += i * c.distance;
    make_tile<rows, vectors, whole_b>(depth, a, of_a.column, b, tile);
  });
}

template <bool whole_b, class RowOfB>
HWY_INLINE void make_tiles(int64_t height, int64_t columns, int64_t depth, const Strided& a, const RowOfB& b,
                           TileOfC c) {
  const auto L = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>()));
  const int64_t vectors = (columns + L - 1) / L;
  c.last = columns - (vectors - 1) * L;
  if (vectors == 1)
    make_tiles_of<1, whole_b>(height, depth, a, b, c);
  else if (vectors == 2)
    make_tiles_of<2, whole_b>(height, depth, a, b, c);
  else if (vectors == 3)
    make_tiles_of<std::min(3, kVectors), whole_b>(height, depth, a, b, c);
  else
    make_tiles_of<kVectors, whole_b>(height, depth, a, b, c);
}

#if HWY_TARGET != HWY_SCALAR
// The sums over all lanes of four vectors, as a vector of four.
template <class V>
HWY_INLINE hn::Vec<hn::FixedTag<float, 4>> sums_of_lanes(const V* x) {
  const hn::ScalableTag<float> d;
  const hn::Repartition<double, decltype(d)> pairs;
  const auto halves = [&](const V& first, const V& second) HWY_ATTR {
    return hn::BitCast(pairs,
                       hn::Add(hn::InterleaveLower(d, first, second), hn::InterleaveUpper(d, first, second)));
  };
  const auto low = halves(x[0], x[1]), high = halves(x[2], x[3]);
  HWY_ALIGN float blocks[hn::MaxLanes(d)];
  hn::Store(hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, low, high)),
                    hn::BitCast(d, hn::InterleaveUpper(pairs, low, high))),
            d, blocks);
  const hn::FixedTag<float, 4> of_four;
  auto sum = hn::Load(of_four, blocks);
  for (size_t i = 4; i < hn::Lanes(d); i += 4) sum = hn::Add(sum, hn::Load(of_four, blocks + i));
  return sum;
}

// c of one column where rows of a and the column b are contiguous: vectors lie along k.
template <int rows>
HWY_INLINE void make_inner_products(const Product& p, const Strided& a, const float* b, float* c,
                                    int64_t distance) {
  const hn::ScalableTag<float> d;
  const auto L = static_cast<int64_t>(hn::Lanes(d));
  const int64_t whole = (p.k - 1) / L * L;  // the last vector has 1 to L values
  const FirstColumns<decltype(d)> seen(d, p.k - whole);
  hn::Vec<decltype(d)> sum[4];
  MSDE_UNROLL for (int r = 0; r < 4; ++r) sum[r] = hn::Zero(d);
  for (int64_t l = 0; l < whole; l += L) {
    const auto piece = hn::LoadU(d, b + l);
    MSDE_UNROLL for (int r = 0; r < rows; ++r) sum[r] = hn::MulAdd(hn::LoadU(d, a.at(r, l)), piece, sum[r]);
  }
  const auto piece = seen.load(b + whole);
  MSDE_UNROLL for (int r = 0; r < rows; ++r) sum[r] = hn::MulAdd(seen.load(a.at(r, whole)), piece, sum[r]);
  HWY_ALIGN float sums[4];
  hn::Store(sums_of_lanes(sum), hn::FixedTag<float, 4>(), sums);
  for (int r = 0; r < rows; ++r, c += distance) *c = p.factor * sums[r] + (p.keep == 0 ? 0 : p.keep * *c);
}
#endif

void MultiplyStrided(const Product& p, const Strided& a, const Strided& b, float* c, int64_t distance) {
#if HWY_TARGET != HWY_SCALAR
  if (p.n == 1 && a.column == 1 && b.row == 1 && p.k >= 4) {
    return for_rows<4>(p.m, [&](auto rows, int64_t i) HWY_ATTR {
      make_inner_products<rows>(p, {a.at(i, 0), a.row, 1}, b.first, c + i * distance, distance);
    });
  }
#endif
  // One column of a^T b is the row b^T a, whose vectors are full.
  if (p.n == 1 && distance == 1 && a.row == 1 && p.m > 1) {
    return MultiplyStrided({1, p.m, p.k, p.factor, p.keep}, {b.first, b.column, b.row},
                           {a.first, a.column, a.row}, c, p.m);
  }
  HWY_ALIGN thread_local float panel[kDepth * kWidth];
  for (int64_t l = 0; l == 0 || l < p.k; l += kDepth) {
    const int64_t depth = std::min(kDepth, p.k - l);
    const float keep = l == 0 ? p.keep : 1;
    for (int64_t i = 0; i < p.m; i += kHeight) {
      const int64_t height = std::min(kHeight, p.m - i);
      for (int64_t j = 0; j < p.n; j += kWidth) {
        const int64_t columns = std::min(kWidth, p.n - j);
        const Strided rows = {a.at(i, l), a.row, a.column}, part = {b.at(l, j), b.row, b.column};
        const TileOfC tile = {c + i * distance + j, distance, 0, p.factor, keep};
        if (b.column == 1 && (height <= kFewRows || p.n <= kWidth)) {
          make_tiles<false>(
              height, columns, depth, rows, [&](int64_t row) HWY_ATTR { return part.at(row, 0); }, tile);
        } else {
          fill_panel(part, depth, columns, panel);
          make_tiles<true>(
              height, columns, depth, rows, [&](int64_t row) HWY_ATTR { return panel + row * kWidth; }, tile);
        }
      }
    }
  }
}

}  // namespace msde::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace msde {

HWY_EXPORT(MultiplyStrided);

void multiply(const Product& p, const StridedMatrix& a, const StridedMatrix& b, float* c, int64_t distance) {
  HWY_DYNAMIC_DISPATCH(MultiplyStrided)(p, {a}, {b}, c, distance);
}

void Product::of(const float* a, const float* b, float* c) const {
  multiply(*this, {a, k, 1}, {b, n, 1}, c, n);
}

void Product::of_transposed(const float* a, const float* b, float* c) const {
  multiply(*this, {a, 1, m}, {b, n, 1}, c, n);
}

void Product::by_transposed(const float* a, const float* b, float* c) const {
  multiply(*this, {a, k, 1}, {b, 1, k}, c, n);
}

}  // namespace msde
#endif
