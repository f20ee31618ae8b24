// The terms of a prior, read: what configurations say in prior.terms and prior.candidates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "msde/model/model_options.hpp"
#include "msde/physics/expression.hpp"

namespace msde {

// A part of a term: factor(mu, f, t) times an operator on fields.
struct PriorPiece {
  int64_t term = 0;  // that it is of
  Expression factor;
  std::vector<std::optional<Expression>> of_channels;
  int64_t degree = 1;         // in the fields
  bool is_polynomial = true;  // of degree two at most, and without inputs
};

struct PriorTerms {
  std::vector<std::string> texts;  // known terms, then candidates
  int64_t n_known = 0;
  std::vector<PriorPiece> pieces;
  bool depends_on_place = false;  // a term has a coordinate

  bool empty() const { return texts.empty(); }
  int64_t size() const { return static_cast<int64_t>(texts.size()); }
};

// A term is an expression of the only channel, or "u: EXPRESSION; v: EXPRESSION" of several. ConfigError that names the key
// and the column.
PriorTerms read_prior(const PriorOptions& options, const ExpressionNames& names);

}  // namespace msde
