#include "msde/core/random/normal_pairs.hpp"

#include <algorithm>
#include <numbers>

// This file is compiled once for every instruction set: foreach_target.h includes it again and again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "msde/core/random/normal_pairs.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// After highway.h.
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace msde::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::ScalableTag<uint64_t>;
using Word = hn::Vec<Words>;  // of 32 bits, where Philox is at work
using Reals = hn::ScalableTag<double>;
using Real = hn::Vec<Reals>;

HWY_INLINE Word low(Word x) {
  return hn::And(x, hn::Set(Words(), 0xffffffffu));
}

// Of words of 32 bits, in 64. The scalar target has no halves.
HWY_INLINE Word product(Word x, uint32_t factor) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Set(Words(), hn::GetLane(x) * factor);
#else
  const hn::Repartition<uint32_t, Words> halves;
  return hn::MulEven(hn::BitCast(halves, x), hn::Set(halves, factor));
#endif
}

struct Bits {
  Word c0, c1, c2, c3;
};

HWY_INLINE Bits philox(Bits c, uint64_t seed) {
  auto k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  const Words d;
  for (int round = 0; round < 10; ++round) {
    const auto p0 = product(c.c0, 0xD2511F53u), p1 = product(c.c2, 0xCD9E8D57u);
    c = {hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c.c1), hn::Set(d, k0)), low(p1),
         hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c.c3), hn::Set(d, k1)), low(p0)};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

// The 52 leading bits of a word as the middle of their interval, exact: they become the fraction of a number
// in [2^52, 2^53).
HWY_INLINE Real unit(Word low_half, Word high_half) {
  const Words d;
  const Reals reals;
  const auto leading = hn::ShiftRight<12>(hn::Or(low_half, hn::ShiftLeft<32>(high_half)));
  const auto whole = hn::BitCast(reals, hn::Or(leading, hn::Set(d, 0x4330000000000000u)));
  return hn::Mul(hn::Add(hn::Sub(whole, hn::Set(reals, 0x1p52)), hn::Set(reals, .5)),
                 hn::Set(reals, 0x1p-52));
}

void NormalPairs(const PhiloxStream& stream, uint64_t first, int64_t count, double* out) {
  const Words d;
  const Reals reals;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN double last[2 * HWY_MAX_BYTES / sizeof(double)];
  for (int64_t done = 0; done < count; done += lanes) {
    const auto block = hn::Iota(d, first + static_cast<uint64_t>(done));
    const auto bits =
        philox({low(block), hn::Or(hn::ShiftRight<32>(block), hn::Set(d, stream.step_high << 16)),
                hn::Set(d, stream.step_low), hn::Set(d, stream.stream)},
               stream.seed);
    const auto u = unit(bits.c0, bits.c1), v = unit(bits.c2, bits.c3);
    const auto radius = hn::Sqrt(hn::Mul(hn::Set(reals, -2), hn::Log(reals, u)));
    const auto angle = hn::Mul(hn::Set(reals, 2 * std::numbers::pi), v);
    const auto even = hn::Mul(radius, hn::Cos(reals, angle)), odd = hn::Mul(radius, hn::Sin(reals, angle));
    const int64_t n = std::min(lanes, count - done);
    hn::StoreInterleaved2(even, odd, reals, n == lanes ? out + 2 * done : last);
    if (n < lanes) std::copy_n(last, 2 * n, out + 2 * done);
  }
}

}  // namespace msde::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace msde {

HWY_EXPORT(NormalPairs);

void normal_pairs(const PhiloxStream& stream, uint64_t first, int64_t count, double* out) {
  HWY_DYNAMIC_DISPATCH(NormalPairs)(stream, first, count, out);
}

}  // namespace msde
#endif
