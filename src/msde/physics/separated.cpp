#include "msde/physics/separated.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace msde {
namespace {

using Kind = Expression::Kind;
using Sum = std::vector<Separated>;

constexpr double kMostFactors = 4;  // of a power that is multiplied out
constexpr size_t kMostParts = 256;  // of a product: with more it stays as it is

// Of every two.
Sum product(const Sum& a, const Sum& b) {
  Sum all;
  for (const auto& x : a)
    for (const auto& y : b) all.push_back({x.factor * y.factor, x.field * y.field});
  return all;
}

Sum parts_of(const Expression& e) {
  if (is_uniform(e)) return {{e, number(1)}};
  if (!depends_on_inputs(e)) return {{number(1), e}};
  switch (e.kind) {
    case Kind::sum: {
      auto all = parts_of(e.of[0]);
      for (auto& part : parts_of(e.of[1])) all.push_back(std::move(part));
      return all;
    }
    case Kind::product: {
      const auto a = parts_of(e.of[0]), b = parts_of(e.of[1]);
      if (a.size() * b.size() > kMostParts) break;
      return product(a, b);
    }
    case Kind::quotient: {
      if (!is_uniform(e.of[1]) && depends_on_inputs(e.of[1])) break;
      auto all = parts_of(e.of[0]);
      for (auto& part : all) {
        auto& over = is_uniform(e.of[1]) ? part.factor : part.field;
        over = over / e.of[1];
      }
      return all;
    }
    case Kind::derivative: {
      auto all = parts_of(e.of[0]);
      for (auto& part : all) {
        auto copy = e;
        copy.of[0] = std::move(part.field);
        part.field = std::move(copy);
      }
      return all;
    }
    case Kind::power: {
      if (e.number != std::floor(e.number) || e.number < 1 || e.number > kMostFactors) break;
      const auto base = parts_of(e.of[0]);
      if (std::pow(static_cast<double>(base.size()), e.number) > static_cast<double>(kMostParts)) break;
      auto all = base;
      for (int i = 1; i < static_cast<int>(e.number); ++i) all = product(all, base);
      return all;
    }
    default:
      break;
  }
  return {{number(1), e}};
}

// The numbers among the factors of a product, which e loses: they belong to the field, so that the factors of like parts are alike.
double taken_number(Expression& e) {
  if (e.kind == Kind::number) return std::exchange(e.number, 1.);
  if (e.kind == Kind::quotient) return taken_number(e.of[0]);
  if (e.kind != Kind::product) return 1;
  const double value = taken_number(e.of[0]) * taken_number(e.of[1]);
  auto factors = std::move(e.of);
  e = std::move(factors[0]) * std::move(factors[1]);
  return value;
}

}  // namespace

std::vector<Separated> separated(const Expression& e) {
  Sum joined;
  for (auto& part : parts_of(e)) {
    part.field = number(taken_number(part.factor)) * std::move(part.field);
    const auto text = to_text(part.factor);
    const auto same = std::find_if(joined.begin(), joined.end(),
                                   [&](const Separated& other) { return to_text(other.factor) == text; });
    if (same == joined.end())
      joined.push_back(std::move(part));
    else
      same->field = std::move(same->field) + std::move(part.field);
  }
  return joined;
}

namespace {

// a (b + c) as a b + a c, where a is a product of channels.
Expression distributed(const Expression& e) {
  auto copy = e;
  for (auto& part : copy.of) part = distributed(part);
  if (copy.kind != Kind::product) return copy;
  for (const size_t i : {size_t{1}, size_t{0}})
    if (copy.of[i].kind == Kind::sum && degree_in_fields(copy.of[1 - i]) > 0) {
      const auto a = copy.of[1 - i], sum = copy.of[i];
      return distributed(a * sum.of[0]) + distributed(a * sum.of[1]);
    }
  return copy;
}

struct Factors {
  std::vector<Expression> rest, channels, slopes;
};
void collect(const Expression& e, Factors& factors) {
  if (e.kind == Kind::product) {
    for (const auto& part : e.of) collect(part, factors);
  } else if (e.kind == Kind::channel) {
    factors.channels.push_back(e);
  } else if (e.kind == Kind::derivative && e.order == 1 && e.of[0].kind == Kind::channel) {
    factors.slopes.push_back(e);
  } else {
    factors.rest.push_back(e);
  }
}

Expression rewritten(const Expression& e, double share) {
  auto copy = e;
  if (e.kind == Kind::product) {
    Factors f;
    collect(e, f);
    const bool convective =
        f.channels.size() == 1 && f.slopes.size() == 1 &&
        std::all_of(f.rest.begin(), f.rest.end(), [](const Expression& x) { return is_uniform(x); });
    if (!convective) return copy;
    auto flux = f.slopes[0];
    flux.of[0] = f.channels[0] * f.slopes[0].of[0];
    auto whole = number(share);
    for (const auto& factor : f.rest) whole = whole * factor;
    return whole * (f.channels[0] * f.slopes[0] + flux);
  }
  for (auto& part : copy.of) part = rewritten(part, share);
  return copy;
}

}  // namespace

Expression energy_conserving(const Expression& e, bool one_channel) {
  return rewritten(distributed(e), one_channel ? 1. / 3 : 1. / 2);
}

}  // namespace msde
