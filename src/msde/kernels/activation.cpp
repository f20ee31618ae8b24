#include "msde/kernels/activation.hpp"

// This file is compiled once for every instruction set: foreach_target.h includes it again and again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "msde/kernels/activation.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace msde::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// 2^x for |x| <= 125 to 2.4e-7: 2^(x - n) by its minimax polynomial of degree 5 on [-1/2, 1/2] (relative
// error 7.5e-8, Remez), n nearest to x, and 2^n in the exponent. Half the operations of hn::Exp, whose last
// digits networks have no use for.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V power_of_two(D d, V x) {
  const hn::RebindToSigned<D> integers;
  const auto n = hn::NearestInt(x);
  const auto f = hn::Sub(x, hn::ConvertTo(d, n));
  auto p = hn::MulAdd(hn::Set(d, 0.0013276472f), f, hn::Set(d, 0.009675541f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.05550713f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.2402212f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.69314694f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0000001f));
  return hn::BitCast(d, hn::Add(hn::BitCast(integers, p), hn::ShiftLeft<23>(n)));
}

// 1 / (1 + exp(-h)) to 6e-7 for |h| < 10, to 4e-6 where it vanishes.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V logistic(D d, V h) {
  const auto one = hn::Set(d, 1.f), most = hn::Set(d, 125.f);
  const auto x = hn::Mul(h, hn::Set(d, -1.44269504f));  // -log2(e)
  return hn::Div(one, hn::Add(one, power_of_two(d, hn::Max(hn::Min(x, most), hn::Neg(most)))));
}

struct Silu {
  template <class D, class V>
  HWY_INLINE V value(D d, V h) const {
    return hn::Mul(h, logistic(d, h));
  }
  template <class D, class V>
  HWY_INLINE void value_and_slope(D d, V h, V& y, V& slope) const {
    const auto s = logistic(d, h);
    y = hn::Mul(h, s);
    slope = hn::MulAdd(y, hn::Sub(hn::Set(d, 1.f), s), s);
  }
};

struct Leaky {
  float leak;
  template <class D, class V>
  HWY_INLINE V value(D d, V h) const {
    return hn::Mul(h, hn::IfThenElse(hn::Gt(h, hn::Zero(d)), hn::Set(d, 1.f), hn::Set(d, leak)));
  }
  template <class D, class V>
  HWY_INLINE void value_and_slope(D d, V h, V& y, V& slope) const {
    slope = hn::IfThenElse(hn::Gt(h, hn::Zero(d)), hn::Set(d, 1.f), hn::Set(d, leak));
    y = hn::Mul(h, slope);
  }
};

// visit(tag, column) for whole vectors, then for single values.
template <class Visit>
HWY_INLINE void for_columns(int64_t width, Visit visit) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const auto lanes = static_cast<int64_t>(hn::Lanes(wide));
  int64_t j = 0;
  for (; j + lanes <= width; j += lanes) visit(wide, j);
  for (; j < width; ++j) visit(single, j);
}

template <class Sigma>
void add_bias_activate_by(Sigma sigma, RowBlock block, const float* bias, float* h, float* y) {
  for (int64_t i = 0; i < block.rows; ++i, h += block.width, y += block.width)
    for_columns(block.width, [&](auto d, int64_t j) HWY_ATTR {
      const auto v = hn::Add(hn::LoadU(d, h + j), hn::LoadU(d, bias + j));
      hn::StoreU(v, d, h + j);
      hn::StoreU(sigma.value(d, v), d, y + j);
    });
}

template <class Sigma>
void activate_and_pull_back_by(Sigma sigma, RowBlock block, const float* h, float* y, float* g,
                               float* bias_gradient) {
  for (int64_t i = 0; i < block.rows; ++i, h += block.width, y += block.width, g += block.width)
    for_columns(block.width, [&](auto d, int64_t j) HWY_ATTR {
      hn::Vec<decltype(d)> value, slope;
      sigma.value_and_slope(d, hn::LoadU(d, h + j), value, slope);
      const auto pulled = hn::Mul(hn::LoadU(d, g + j), slope);
      hn::StoreU(value, d, y + j);
      hn::StoreU(pulled, d, g + j);
      hn::StoreU(hn::Add(hn::LoadU(d, bias_gradient + j), pulled), d, bias_gradient + j);
    });
}

void AddBiasActivate(KernelActivation sigma, RowBlock block, const float* bias, float* h, float* y) {
  if (sigma.silu)
    add_bias_activate_by(Silu{}, block, bias, h, y);
  else
    add_bias_activate_by(Leaky{sigma.leak}, block, bias, h, y);
}

void ActivateAndPullBack(KernelActivation sigma, RowBlock block, const float* h, float* y, float* g,
                         float* bias_gradient) {
  if (sigma.silu)
    activate_and_pull_back_by(Silu{}, block, h, y, g, bias_gradient);
  else
    activate_and_pull_back_by(Leaky{sigma.leak}, block, h, y, g, bias_gradient);
}

}  // namespace msde::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace msde {

HWY_EXPORT(AddBiasActivate);
HWY_EXPORT(ActivateAndPullBack);

void add_bias_activate(KernelActivation sigma, RowBlock block, const float* bias, float* h, float* y) {
  HWY_DYNAMIC_DISPATCH(AddBiasActivate)(sigma, block, bias, h, y);
}

void activate_and_pull_back(KernelActivation sigma, RowBlock block, const float* h, float* y, float* g,
                            float* bias_gradient) {
  HWY_DYNAMIC_DISPATCH(ActivateAndPullBack)(sigma, block, h, y, g, bias_gradient);
}

}  // namespace msde
#endif
