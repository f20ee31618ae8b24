// An expression as a sum of products: what all points share, times what fields and coordinates make.
#pragma once

#include <vector>

#include "msde/physics/expression.hpp"

namespace msde {

struct Separated {
  Expression factor;  // of parameters, forcing and time alone
  Expression field;   // of fields and coordinates; also of inputs, where these cannot be taken out
};

// e = sum_i factor_i field_i, those with the same factor joined: mu[0]*(dx(dx(u)) + u) - u*dx(u) is
// mu[0] (dx(dx(u)) + u) + 1 (-u*dx(u)).
std::vector<Separated> separated(const Expression& e);

// Convective terms in a form that leaves the energy int |u|^2 alone where derivatives are antisymmetric. Of the only channel
// u*dx(u) = (u*dx(u) + dx(u*u)) / 3. Of several, whose sum over axes is (a . grad) b, every a*dx(b) as (a*dx(b) + dx(a*b)) / 2: equal to it in
// sum where a is free of divergence. Rewritten are products of numbers, inputs, one channel and one first derivative of a channel;
// sums within them are multiplied out first.
Expression energy_conserving(const Expression& e, bool one_channel);

}  // namespace msde
