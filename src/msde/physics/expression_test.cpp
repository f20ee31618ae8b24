#include "msde/physics/expression.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"
#include "msde/physics/separated.hpp"

namespace msde {
namespace {

const ExpressionNames names = {.channels = {"u", "sea level"}, .axes = {"y", "x"}, .n_mu = 2, .n_f = 1};

std::string read(const std::string& text) {
  return to_text(parse_expression(text, names, "prior.terms[0]"));
}

TEST(Expression, binds_as_written_by_hand) {
  EXPECT_EQ(read("-u*dx(u)"), "((-1 * u[0]) * d[1](u[0]))");
  EXPECT_EQ(read("u + 2*u/3 - u"), "((u[0] + ((2 * u[0]) / 3)) + (-1 * u[0]))");
  EXPECT_EQ(read("-u^2"), "(-1 * (u[0] ^ 2))");
  EXPECT_EQ(read("u^-.5"), "(u[0] ^ -0.5)");
  EXPECT_EQ(read("--u"), "u[0]");
  EXPECT_EQ(read("2*3"), "6");
  EXPECT_EQ(read("sin(pi*x)*exp(-t) + f[0]*mu[1]"),
            "((sin((3.141592653589793 * x[1])) * exp((-1 * t))) + (f[0] * mu[1]))");
  EXPECT_EQ(read("`sea level` + u[1] + f"), "((u[1] + u[1]) + f[0])");
  EXPECT_EQ(read("dx(dx(dy(u)))"), "d[1](d[1](d[0](u[0])))");
  EXPECT_EQ(read(read("-u*dx(u)/mu[0]^2")), read("-u*dx(u)/mu[0]^2"));
}

TEST(Expression, joins_derivatives_along_one_axis) {
  const auto e = parse_expression("dx(dx(dx(u)))", names, "");
  EXPECT_EQ(e.order, 3);
  EXPECT_EQ(e.of[0].kind, Expression::Kind::channel);
}

TEST(Expression, points_at_the_column_of_what_it_cannot_read) {
  const auto error_of = [](const std::string& text) -> std::string {
    try {
      read(text);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(error_of("-u*dx(v)").rfind("prior.terms[0]: column 7: got 'v', expected", 0), 0u)
      << error_of("-u*dx(v)");
  for (const auto& [text, column] : {std::pair{"u+", 3},
                                     {"u)", 2},
                                     {"dz(u)", 1},
                                     {"(u", 3},
                                     {"mu[2]", 4},
                                     {"u^x", 3},
                                     {"u u", 3},
                                     {"", 1},
                                     {"`sea", 1},
                                     {"foo[1]", 1},
                                     {"1e999", 1},
                                     {"u*é", 3},
                                     {"dx u", 1},
                                     {"mu", 1},
                                     {"f[0", 4}})
    EXPECT_NE(error_of(text).find("column " + std::to_string(column) + ": "), std::string::npos)
        << text << ": " << error_of(text);
  EXPECT_NE(error_of("mu[2]").find("the data have 2 parameters, counted from 0"), std::string::npos);
  EXPECT_NE(error_of(std::string(10000, '(')).find("parentheses"), std::string::npos);
  std::string sum = "u";
  for (int i = 0; i < 100000; ++i) sum += "+u";
  EXPECT_NE(error_of(sum).find("operands"), std::string::npos);
}

TEST(Expression, asks_for_a_number_where_a_name_is_of_two) {
  const ExpressionNames twice = {.channels = {"x"}, .axes = {"x"}};
  EXPECT_THROW(parse_expression("x", twice, ""), ConfigError);
  EXPECT_EQ(to_text(parse_expression("x[0]*u[0]", twice, "")), "(x[0] * u[0])");
  EXPECT_EQ(to_text(parse_expression("u[0]*dx(u)", {.channels = {"x"}, .axes = {"x"}}, "")),
            "(u[0] * d[0](u[0]))");
}

TEST(Expression, knows_its_degree) {
  const auto degree = [](const std::string& text) {
    return degree_in_fields(parse_expression(text, names, ""));
  };
  EXPECT_EQ(degree("x*mu[0]"), 0);
  EXPECT_EQ(degree("sin(x)*dx(u)/mu[0]"), 1);
  EXPECT_EQ(degree("u*dx(u) + u"), 2);
  EXPECT_EQ(degree("dx(u)^3"), 3);
  EXPECT_EQ(degree("u/u"), kNoPolynomial);
  EXPECT_EQ(degree("exp(u)"), kNoPolynomial);
  EXPECT_EQ(degree("u^.5"), kNoPolynomial);
  EXPECT_EQ(degree("(u*u)^5000000000000000000"), kNoPolynomial);
}

std::vector<std::pair<std::string, std::string>> parts(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& part : separated(parse_expression(text, names, "")))
    all.emplace_back(to_text(part.factor), to_text(part.field));
  return all;
}

TEST(Separated, takes_out_what_all_points_share) {
  using Parts = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(parts("-mu[0]*dx(u)"), (Parts{{"mu[0]", "(-1 * d[1](u[0]))"}}));
  EXPECT_EQ(parts("(mu[0] + u)*dx(u)"), (Parts{{"mu[0]", "d[1](u[0])"}, {"1", "(u[0] * d[1](u[0]))"}}));
  EXPECT_EQ(parts("dx(mu[0]*u) + mu[0]*u"), (Parts{{"mu[0]", "(d[1](u[0]) + u[0])"}}));
  EXPECT_EQ(parts("u/t"), (Parts{{"(1 / t)", "u[0]"}}));
  EXPECT_EQ(parts("sin(mu[0]*u)"), (Parts{{"1", "sin((mu[0] * u[0]))"}}));
  EXPECT_EQ(parts("(mu[0]*u)^2"), (Parts{{"(mu[0] * mu[0])", "(u[0] * u[0])"}}));
}

TEST(Separated, writes_convective_terms_with_their_flux) {
  const auto conserving = [](const std::string& text, bool one) {
    return to_text(energy_conserving(parse_expression(text, names, ""), one));
  };
  EXPECT_EQ(conserving("-mu[0]*u*dx(u)", true),
            "((-0.3333333333333333 * mu[0]) * ((u[0] * d[1](u[0])) + d[1]((u[0] * u[0]))))");
  EXPECT_EQ(conserving("u[1]*dy(u)", false), "(0.5 * ((u[1] * d[0](u[0])) + d[0]((u[1] * u[0]))))");
  EXPECT_EQ(conserving("u*(dx(u) + dy(u))", true),
            "((0.3333333333333333 * ((u[0] * d[1](u[0])) + d[1]((u[0] * u[0])))) + (0.3333333333333333 * "
            "((u[0] * d[0](u[0])) + "
            "d[0]((u[0] * u[0])))))");
  for (const std::string text : {"mu[0]*d[1](d[1](u[0]))", "((u[0] * u[1]) * d[1](u[0]))"})
    EXPECT_EQ(conserving(text, false), read(text));
}

TEST(Separated, stays_small) {
  EXPECT_EQ(parts("(((t+u)^4)^4)^4").size(), 1u);
  std::string product = "(t+u)";
  for (int i = 0; i < 40; ++i) product += "*(t+u)";
  EXPECT_LT(parts(product).size(), 300u);
}

}  // namespace
}  // namespace msde
