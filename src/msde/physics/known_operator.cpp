#include "msde/physics/known_operator.hpp"

#include <cmath>

namespace msde {
namespace {

using Kind = Expression::Kind;

Grid one_period(Grid grid, const std::vector<int64_t>& period) {
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const double spacing = grid.spacing_of(axis);
    if (!period.empty()) grid.shape[axis] = period[axis];
    grid.length[axis] = spacing * static_cast<double>(grid.shape[axis]);
  }
  return grid;
}

// On which products of that degree are formed.
Grid with_room_for(const Grid& grid, int64_t degree) {
  Grid wide = grid;
  constexpr int64_t kMostDegree = 3;  // beyond, as functions
  const double factor = degree > kMostDegree ? 2 : std::max(1., (static_cast<double>(degree) + 1) / 2);
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const auto points =
        static_cast<int64_t>(std::ceil(factor * static_cast<double>(grid.shape[axis]) / 2)) * 2;
    if (!grid.boundary[axis].periodic() || factor == 1) continue;
    wide.shape[axis] = points;
    const double shrunk = static_cast<double>(grid.shape[axis]) / static_cast<double>(points);
    if (!wide.spacing.empty()) wide.spacing[axis] *= shrunk;
  }
  return wide;
}

int64_t degree_of(const std::vector<std::optional<Expression>>& of_channels) {
  int64_t degree = 0;
  for (const auto& e : of_channels)
    if (e) degree = std::max(degree, degree_in_fields(*e));
  return degree;
}

void prepare(Derivatives& derivatives, const Expression& e) {
  if (e.kind == Kind::derivative) derivatives.prepare(e.index, e.order);
  for (const auto& part : e.of) prepare(derivatives, part);
}

torch::Tensor function(const std::string& name, const torch::Tensor& x) {
  if (name == "sin") return x.sin();
  if (name == "cos") return x.cos();
  if (name == "exp") return x.exp();
  if (name == "log") return x.log();
  if (name == "sqrt") return x.sqrt();
  return x.abs();
}

torch::Tensor power(const torch::Tensor& x, double exponent) {
  // Products have their derivative at 0, too.
  if (exponent == 2) return x * x;
  if (exponent == 3) return x * x * x;
  return x.pow(exponent);
}

}  // namespace

torch::Tensor uniform_value(const Expression& e, const OperatorInputs& in) {
  const auto of = [&](size_t i) { return uniform_value(e.of[i], in); };
  switch (e.kind) {
    case Kind::number:
      return torch::full({}, e.number, in.mu.options());
    case Kind::parameter:
      return in.mu.select(-1, e.index);
    case Kind::forcing:
      return in.f.select(-1, e.index);
    case Kind::time:
      return in.t.select(-1, 0);
    case Kind::sum:
      return of(0) + of(1);
    case Kind::product:
      return of(0) * of(1);
    case Kind::quotient:
      return of(0) / of(1);
    case Kind::power:
      return power(of(0), e.number);
    case Kind::function:
      return function(e.name, of(0));
    default:
      return torch::zeros({}, in.mu.options());  // the derivative of what is the same everywhere
  }
}

KnownOperator::KnownOperator(std::vector<std::optional<Expression>> of_channels, const Grid& grid,
                             std::vector<int64_t> period, int64_t order_of_differences)
    : of_channels_(std::move(of_channels)),
      grid_(one_period(grid, period)),
      shape_(grid.shape),
      derivatives_(with_room_for(grid_, order_of_differences > 0 ? 1 : degree_of(of_channels_)),
                   order_of_differences) {
  for (const auto& e : of_channels_)
    if (e) prepare(derivatives_, *e);
}

torch::Tensor KnownOperator::coordinate(int64_t axis, const torch::Tensor& like) const {
  const Grid& grid = derivatives_.grid();
  const auto points = torch::arange(grid.shape[axis], torch::kDouble);
  const double spacing = grid.spacing_of(axis);
  const double first =
      grid.origin.empty() && !grid.boundary[axis].periodic() ? spacing / 2 : grid.origin_of(axis);
  std::vector<int64_t> shape(grid.shape.size(), 1);
  shape[static_cast<size_t>(axis)] = -1;
  return (first + spacing * points).to(like.options()).view(shape);
}

torch::Tensor KnownOperator::value(const Expression& e, const torch::Tensor& u,
                                   const OperatorInputs& in) const {
  const auto of = [&](size_t i) { return value(e.of[i], u, in); };
  if (is_uniform(e)) {
    const auto x = uniform_value(e, in);
    if (x.dim() == 0) return x;
    std::vector<int64_t> shape(grid_.shape.size() + 1, 1);
    shape[0] = -1;
    return x.reshape(shape);
  }
  switch (e.kind) {
    case Kind::channel:
      return u.select(1, e.index);
    case Kind::coordinate:
      return coordinate(e.index, u);
    case Kind::sum:
      return of(0) + of(1);
    case Kind::product:
      return of(0) * of(1);
    case Kind::quotient:
      return of(0) / of(1);
    case Kind::power:
      return power(of(0), e.number);
    case Kind::function:
      return function(e.name, of(0));
    default: {  // a derivative: of what is spread out over all points
      auto shape = u.select(1, 0).sizes().vec();
      return derivatives_.along(e.index, e.order, of(0).expand(shape));
    }
  }
}

torch::Tensor KnownOperator::operator()(const torch::Tensor& fields, const OperatorInputs& in) const {
  const Grid& wide = derivatives_.grid();
  auto u = fields;
  for (size_t axis = 0; axis < shape_.size(); ++axis)
    u = u.narrow(static_cast<int64_t>(axis) + 2, 0, grid_.shape[axis]);
  u = resampled(u, grid_, wide);
  std::vector<torch::Tensor> rates;
  const auto whole = u.select(1, 0).sizes().vec();
  for (const auto& e : of_channels_)
    rates.push_back(e ? value(*e, u, in).expand(whole) : torch::zeros(whole, u.options()));
  auto rate = resampled(torch::stack(rates, 1), wide, grid_);
  for (size_t axis = 0; axis < shape_.size(); ++axis)
    if (const int64_t rest = shape_[axis] - grid_.shape[axis]; rest > 0) {
      const int64_t dim = static_cast<int64_t>(axis) + 2;
      rate = torch::cat({rate, rate.narrow(dim, 0, rest)}, dim);
    }
  return rate;
}

}  // namespace msde
