// A known operator F on fields: what an equation says of their rates of change.
#pragma once

#include <optional>
#include <vector>

#include "msde/physics/derivatives.hpp"
#include "msde/physics/expression.hpp"

namespace msde {

// What acts from outside, of a batch of fields: parameters [B, n_mu], forcing [B, n_f], time [B, 1], in units of the data.
struct OperatorInputs {
  torch::Tensor mu, f, t;
};

// The value of an expression that is the same at all points: [B], or [] where it does not depend on inputs.
torch::Tensor uniform_value(const Expression& e, const OperatorInputs& inputs);

class KnownOperator {
 public:
  // Of every channel the expression of its rate of change; none: 0. On a periodic axis whose last points repeat its first
  // ones `period` of them count (empty: all). order_of_differences as of Derivatives.
  KnownOperator(std::vector<std::optional<Expression>> of_channels, const Grid& grid,
                std::vector<int64_t> period = {}, int64_t order_of_differences = 0);

  // Fields [B, C, *grid] in units of the data -> their rates of change, the same shape. Differentiable. Products of degree
  // d in the fields are formed on (d + 1) / 2 times as many points along every periodic axis, and what such a grid shows
  // beyond the modes of the fields' own is left out: no mode is aliased onto another one. Of degree 4 and more, and of functions and quotients of
  // fields, which have all modes, on twice as many. Differences of a given order are those of the grid as it is, and so are their
  // products.
  torch::Tensor operator()(const torch::Tensor& fields, const OperatorInputs& inputs) const;
  int64_t values() const {
    return derivatives_.grid().size();
  }  // of a field on the grid where products are formed

 private:
  torch::Tensor value(const Expression& e, const torch::Tensor& fields, const OperatorInputs& inputs) const;
  torch::Tensor coordinate(int64_t axis, const torch::Tensor& like) const;

  std::vector<std::optional<Expression>> of_channels_;
  Grid grid_;                   // of the fields, one period
  std::vector<int64_t> shape_;  // of the fields as they come
  Derivatives derivatives_;     // on the grid where products are formed
};

}  // namespace msde
