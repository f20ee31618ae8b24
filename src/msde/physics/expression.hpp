// A known operator as a user writes it, for example -u*dx(u) - mu[0]*dx(dx(dx(u))).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msde {

// A tree of numbers, fields, what acts from outside, and operations on them.
struct Expression {
  enum class Kind {
    number,
    channel,     // the field of channel `index`
    coordinate,  // along axis `index`
    parameter,   // mu[index]
    forcing,     // f[index]
    time,
    sum,         // of two
    product,     // of two
    quotient,    // of two
    power,       // of one, to the number
    function,    // of one: `name`
    derivative,  // of one, `order` times along axis `index`
  };
  Kind kind = Kind::number;
  double number = 0;
  int64_t index = 0, order = 0;
  std::string name = {};
  std::vector<Expression> of = {};
};

// What an expression may speak of.
struct ExpressionNames {
  std::vector<std::string> channels, axes;  // "" or a name that another one has: by number alone
  int64_t n_mu = 0, n_f = 0;
};

//   sum      = ["-"] product { ("+" | "-") product }
//   product  = factor { ("*" | "/") factor }
//   factor   = "-" factor | atom [ "^" number ]
//   atom     = number | pi | t | mu[k] | f[k] | channel | u[k] | axis | "(" sum ")" | function "(" sum ")"
// A channel or an axis whose name is no word stands in back quotes, `sea level`; u[k] is channel k by number, counted from
// 0, and u the only channel where no other one is called so. Functions: sin, cos, exp, log, sqrt, abs, and of every axis the
// derivative along it, d and its name: dx(u); d[k](u) by number. ConfigError, which begins with `where` and names the
// column, for anything else.
Expression parse_expression(const std::string& text, const ExpressionNames& names, const std::string& where);

// The same text for the same expression; parse_expression reads it, but for names.
std::string to_text(const Expression& e);

Expression number(double value);
Expression operator+(Expression a, Expression b);
Expression operator*(Expression a, Expression b);
Expression operator/(Expression a, Expression b);

// Of a polynomial in the fields its degree; kNoPolynomial of anything else.
constexpr int64_t kNoPolynomial = 1000;
int64_t degree_in_fields(const Expression& e);
bool depends_on_inputs(const Expression& e);  // on parameters, forcing or time
bool depends_on_place(const Expression& e);   // on coordinates
bool is_uniform(const Expression& e);  // neither on fields nor on coordinates: one number for all points

}  // namespace msde
