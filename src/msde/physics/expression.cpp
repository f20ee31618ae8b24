#include "msde/physics/expression.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

namespace msde {

using Kind = Expression::Kind;

Expression number(double value) {
  return {.kind = Kind::number, .number = value};
}

Expression operator+(Expression a, Expression b) {
  return {.kind = Kind::sum, .of = {std::move(a), std::move(b)}};
}

Expression operator*(Expression a, Expression b) {
  if (a.kind == Kind::number && b.kind == Kind::number) return number(a.number * b.number);
  if (a.kind == Kind::number && a.number == 1) return b;
  if (b.kind == Kind::number && b.number == 1) return a;
  return {.kind = Kind::product, .of = {std::move(a), std::move(b)}};
}

Expression operator/(Expression a, Expression b) {
  return {.kind = Kind::quotient, .of = {std::move(a), std::move(b)}};
}

std::string to_text(const Expression& e) {
  const auto part = [&](size_t i) { return to_text(e.of[i]); };
  switch (e.kind) {
    case Kind::number:
      return fmt::format("{}", e.number);
    case Kind::channel:
      return fmt::format("u[{}]", e.index);
    case Kind::coordinate:
      return fmt::format("x[{}]", e.index);
    case Kind::parameter:
      return fmt::format("mu[{}]", e.index);
    case Kind::forcing:
      return fmt::format("f[{}]", e.index);
    case Kind::time:
      return "t";
    case Kind::sum:
      return fmt::format("({} + {})", part(0), part(1));
    case Kind::product:
      return fmt::format("({} * {})", part(0), part(1));
    case Kind::quotient:
      return fmt::format("({} / {})", part(0), part(1));
    case Kind::power:
      return fmt::format("({} ^ {})", part(0), e.number);
    case Kind::function:
      return fmt::format("{}({})", e.name, part(0));
    case Kind::derivative: {
      std::string text = part(0);
      for (int64_t i = 0; i < e.order; ++i) text = fmt::format("d[{}]({})", e.index, text);
      return text;
    }
  }
  return "";
}

int64_t degree_in_fields(const Expression& e) {
  const auto of = [&](size_t i) { return degree_in_fields(e.of[i]); };
  switch (e.kind) {
    case Kind::channel:
      return 1;
    case Kind::sum:
      return std::max(of(0), of(1));
    case Kind::product:
      return std::min(kNoPolynomial, of(0) + of(1));
    case Kind::quotient:
      return of(1) == 0 ? of(0) : kNoPolynomial;
    case Kind::derivative:
      return of(0);
    case Kind::function:
      return of(0) == 0 ? 0 : kNoPolynomial;
    case Kind::power: {
      if (of(0) == 0) return 0;
      if (!(e.number < static_cast<double>(kNoPolynomial))) return kNoPolynomial;
      const auto exponent = static_cast<int64_t>(e.number);
      return e.number >= 0 && static_cast<double>(exponent) == e.number
                 ? std::min(kNoPolynomial, of(0) * exponent)
                 : kNoPolynomial;
    }
    default:
      return 0;
  }
}

namespace {

bool any(const Expression& e, const std::function<bool(Kind)>& holds) {
  return holds(e.kind) ||
         std::any_of(e.of.begin(), e.of.end(), [&](const Expression& part) { return any(part, holds); });
}

}  // namespace

bool depends_on_inputs(const Expression& e) {
  return any(e, [](Kind k) { return k == Kind::parameter || k == Kind::forcing || k == Kind::time; });
}

bool depends_on_place(const Expression& e) {
  return any(e, [](Kind k) { return k == Kind::coordinate; });
}

bool is_uniform(const Expression& e) {
  return !any(e, [](Kind k) { return k == Kind::channel || k == Kind::coordinate; });
}

}  // namespace msde
