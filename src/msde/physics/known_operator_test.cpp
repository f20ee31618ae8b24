#include "msde/physics/known_operator.hpp"

#include <gtest/gtest.h>

#include <numbers>

#include "msde/physics/quadratic_map.hpp"
#include "msde/tensor/random_tensor.hpp"
#include "msde/tensor/testing/gradient_check.hpp"

namespace msde {
namespace {

using std::numbers::pi;

Grid line(int64_t n, AxisEnds ends, double length = 2 * pi) {
  return {.channels = 1, .shape = {n}, .length = {length}, .boundary = {ends}, .axes = {"x"}};
}

torch::Tensor points(const Grid& grid, int64_t axis = 0) {
  return grid.origin_of(axis) + grid.spacing_of(axis) * torch::arange(grid.shape[axis], torch::kDouble);
}

const OperatorInputs inputs = {torch::tensor({{2., 3.}}, torch::kDouble),
                               torch::tensor({{.5}}, torch::kDouble), torch::tensor({{.25}}, torch::kDouble)};

torch::Tensor applied(const std::string& text, const Grid& grid, const torch::Tensor& field,
                      const std::vector<int64_t>& period = {}) {
  const ExpressionNames names = {.channels = {"u"}, .axes = grid.axes, .n_mu = 2, .n_f = 1};
  const KnownOperator F({parse_expression(text, names, "")}, grid, period);
  return F(field.unsqueeze(0).unsqueeze(0), inputs)[0][0];
}

double largest(const torch::Tensor& x) {
  return x.abs().max().item<double>();
}

TEST(Derivatives, of_waves_on_a_ring_are_exact) {
  const auto grid = line(16, Boundary::periodic, 3.);
  const auto x = points(grid);
  const double k = 2 * pi / 3 * 2;
  EXPECT_LT(largest(applied("dx(u)", grid, (k * x).sin()) - k * (k * x).cos()), 1e-12);
  EXPECT_LT(largest(applied("dx(dx(dx(dx(u))))", grid, (k * x).sin()) - std::pow(k, 4) * (k * x).sin()),
            1e-9);
}

TEST(Derivatives, of_the_mode_of_nyquist_are_none) {
  const auto grid = line(8, Boundary::periodic);
  const auto zigzag = torch::tensor({1., -1., 1., -1., 1., -1., 1., -1.}, torch::kDouble);
  EXPECT_LT(largest(applied("dx(u)", grid, zigzag)), 1e-13);
  EXPECT_LT(largest(applied("dx(dx(u))", grid, zigzag)), 1e-13);
}

// Fields of the squares of waves: what lies beyond the grid's own modes is left out, not folded back.
TEST(KnownOperator, does_not_alias_products) {
  const auto grid = line(16, Boundary::periodic);
  const auto x = points(grid);
  EXPECT_LT(largest(applied("u*u", grid, (6 * x).cos()) - .5), 1e-12);  // cos 12 x would be cos 4 x
  EXPECT_LT(largest(applied("u*u", grid, (3 * x).cos()) - (.5 + .5 * (6 * x).cos())), 1e-12);
  EXPECT_LT(largest(applied("u^3", grid, (7 * x).cos()) - .75 * (7 * x).cos()), 1e-12);
}

TEST(KnownOperator, counts_a_repeated_end_once) {
  const Grid grid = {.channels = 1,
                     .shape = {17},
                     .length = {2 * pi * 17 / 16},
                     .boundary = {Boundary::periodic},
                     .axes = {"x"}};
  const auto x = points(grid);
  const auto slope = applied("dx(u)", grid, (3 * x).sin(), {16});
  EXPECT_LT(largest(slope - 3 * (3 * x).cos()), 1e-12);
}

// Order of convergence in the middle and at the ends, between walls.
TEST(Derivatives, between_walls_are_of_fourth_order) {
  for (const std::string text : {"dx(u)", "dx(dx(u))", "dx(dx(dx(u)))"}) {
    std::vector<double> errors;
    for (const int64_t n : {40, 80}) {
      const auto grid = line(n, Boundary::wall, 1.);
      const auto x = points(grid);
      const auto exact = text == "dx(u)"       ? 3 * (3 * x).cos()
                         : text == "dx(dx(u))" ? -9 * (3 * x).sin()
                                               : -27 * (3 * x).cos();
      errors.push_back(largest(applied(text, grid, (3 * x).sin()) - exact));
    }
    EXPECT_GT(std::log2(errors[0] / errors[1]), 3.7) << text;
    EXPECT_LT(errors[1], 2e-4) << text;
  }
}

TEST(Derivatives, are_the_differences_of_a_solver_where_asked) {
  const auto grid = line(5, Boundary::periodic, 5.);
  const KnownOperator F({parse_expression("u*dx(u) + dx(dx(u))", {.channels = {"u"}, .axes = {"x"}}, "")},
                        grid, {}, 2);
  const auto u = torch::tensor({3., 1., 4., 1., 5.}, torch::kDouble);
  const auto right = u.roll(-1), left = u.roll(1);
  const auto rate = F(u.view({1, 1, 5}), inputs)[0][0];
  EXPECT_LT(largest(rate - (u * (right - left) / 2 + right - 2 * u + left)), 1e-12);
}

TEST(Derivatives, continue_the_last_value_beyond_open_ends) {
  const auto grid = line(6, Boundary::open, 6.);
  const auto u = torch::tensor({3., 1., 4., 1., 5., 9.}, torch::kDouble);
  // (1, -8, 0, 8, -1) / 12 at the first point: its neighbours beyond the end are 3.
  EXPECT_NEAR(applied("dx(u)", grid, u)[0].item<double>(), (3 - 8 * 3. + 8 * 1 - 4) / 12, 1e-12);
  EXPECT_NEAR(applied("dx(u)", grid, u)[5].item<double>(), (1 - 8 * 5. + 8 * 9 - 9) / 12, 1e-12);
}

TEST(Derivatives, have_the_weights_of_tables) {
  const auto near = [](const std::vector<double>& got, const std::vector<double>& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-12);
  };
  near(difference_weights({-1, 0, 1}, 0, 2), {1, -2, 1});
  near(difference_weights({0, 1, 2}, 0, 1), {-1.5, 2, -.5});
  near(difference_weights({-2, -1, 0, 1, 2}, 0, 1), {1. / 12, -8. / 12, 0, 8. / 12, -1. / 12});
}

TEST(KnownOperator, knows_coordinates_parameters_forcing_and_time) {
  const auto grid = line(10, Boundary::wall, 5.);
  const auto x = points(grid), u = x.square();
  EXPECT_LT(largest(applied("mu[1]*x + f[0]*u - t", grid, u) - (3 * x + .5 * u - .25)), 1e-12);
  EXPECT_LT(largest(applied("dx(3)", grid, u)), 1e-12);
  EXPECT_LT(largest(applied("dx(x)", grid, u) - 1), 1e-10);
  EXPECT_LT(largest(applied("u/(1 + u^2) + sqrt(u) - abs(-u) + log(exp(u)) + sin(u)*cos(u)", grid, u) -
                    (u / (1 + u * u) + u.sqrt() + u.sin() * u.cos())),
            1e-10);
}

// Burgers in two channels with mixed axes, against differences written out.
TEST(KnownOperator, works_on_channels_and_axes_of_their_own) {
  const Grid grid = {.channels = 2,
                     .shape = {12, 16},
                     .length = {1., 2 * pi},
                     .boundary = {Boundary::wall, Boundary::periodic},
                     .axes = {"y", "x"}};
  const auto y = points(grid, 0).unsqueeze(1), x = points(grid, 1).unsqueeze(0);
  const auto fields = torch::stack({y * y * x.sin(), y + 0 * x}).unsqueeze(0);
  const ExpressionNames names = {.channels = {"u", "v"}, .axes = grid.axes};
  const KnownOperator F({parse_expression("u*dx(v) + v*dy(u)", names, ""), std::nullopt}, grid);
  const auto rates = F(fields, {torch::zeros({1, 0}, torch::kDouble), torch::zeros({1, 0}, torch::kDouble),
                                torch::zeros({1, 1}, torch::kDouble)})[0];
  EXPECT_LT(largest(rates[0] - 2 * y * y * x.sin()), 1e-11);
  EXPECT_EQ(largest(rates[1]), 0);
}

// Every node's gradient in float64.
TEST(KnownOperator, has_the_gradients_of_central_differences) {
  for (const auto ends : {AxisEnds(Boundary::periodic), AxisEnds(Boundary::wall), AxisEnds(Boundary::open)})
    for (const std::string text : {"u", "x*u", "u + t*u", "u*u", "u/(2 + u)", "u^2", "u^3", "(2 + u)^1.5",
                                   "sin(u)", "cos(u)", "exp(u)", "log(2 + u)", "sqrt(2 + u)", "abs(u)",
                                   "dx(u)", "dx(dx(u))", "u*dx(u)", "mu[0]*dx(u*u) + f[0]*u"}) {
      const auto grid = line(8, ends, 3.);
      const ExpressionNames names = {.channels = {"u"}, .axes = grid.axes, .n_mu = 2, .n_f = 1};
      const KnownOperator F({parse_expression(text, names, "")}, grid);
      const auto u = .3 * normal({5, Stream::test, 1}, {2, 1, 8}, torch::kDouble);
      SCOPED_TRACE(text);
      const OperatorInputs two = {inputs.mu.expand({2, 2}), inputs.f.expand({2, 1}), inputs.t.expand({2, 1})};
      expect_gradient([&](const std::vector<torch::Tensor>& z) { return F(z[0], two); }, {u});
    }
}

TEST(QuadraticMap, finds_the_coefficients_of_a_polynomial) {
  const int64_t n = 5;
  const auto W = normal({5, Stream::test, 2}, {monomial_count(n, 2), 3}, torch::kDouble);
  const auto F = [&](const torch::Tensor& z) { return monomials(z, 2).mm(W); };
  EXPECT_LT(largest(coefficients_of(F, n, 2) - W), 1e-13);
  const auto z = torch::tensor({{2., 3.}}, torch::kDouble);
  EXPECT_TRUE(monomials(z, 2).equal(torch::tensor({{1., 2., 3., 4., 6., 9.}}, torch::kDouble)));
  EXPECT_EQ(monomials(z, 1).size(1), monomial_count(2, 1));
}

}  // namespace
}  // namespace msde
