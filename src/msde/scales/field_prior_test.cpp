#include "msde/scales/field_prior.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

RowBlocks blocks_of(const Tensor& rows) {
  return [rows](const std::function<void(const Tensor&)>& visit) {
    for (int64_t i = 0; i < rows.size(0); i += 7)
      visit(rows.narrow(0, i, std::min<int64_t>(7, rows.size(0) - i)));
  };
}

// Two modes of 40 values, coefficients of standard deviation 3 and .5, about a mean.
struct Example {
  Tensor mean = torch::linspace(-1, 2, 40, torch::kDouble), modes, rows;
  Example(double noise, int64_t n_rows) {
    const auto x = torch::arange(40, torch::kDouble) / 40;
    modes = torch::stack({torch::sin(2 * M_PI * x), torch::cos(4 * M_PI * x)}, 1) / std::sqrt(20.);
    const auto c =
        normal({1, Stream::test, 1}, {n_rows, 2}, torch::kDouble) * torch::tensor({3., .5}, torch::kDouble);
    rows = mean + c.mm(modes.t()) + noise * normal({1, Stream::test, 2}, {n_rows, 40}, torch::kDouble);
  }
};

TEST(FieldPrior, FindsTheMeanTheVariancesAndTheNoise) {
  const Example e(.1, 4000);
  const auto prior = learn_field_prior(blocks_of(e.rows), 40, 2, 3);
  EXPECT_LT((prior.mean - e.mean).abs().max().item<double>(), .05);
  EXPECT_NEAR(prior.variance[0].item<double>(), 9, .5);
  EXPECT_NEAR(prior.variance[1].item<double>(), .26, .02);
  EXPECT_NEAR(prior.rest, .01, .001);
  const auto overlap = prior.modes.t().mm(e.modes).abs();
  EXPECT_NEAR(overlap[0][0].item<double>(), 1, 1e-3);
  EXPECT_NEAR(overlap[1][1].item<double>(), 1, 1e-3);
}

TEST(FieldPrior, FillsWhatFewModesDetermine) {
  const Example e(0, 50);
  const auto prior = learn_field_prior(blocks_of(e.rows), 40, 2, 3);
  auto holes = e.rows.clone();
  for (int64_t b = 0; b < 50; ++b)
    for (int64_t i = 0; i < 40; ++i)
      if ((i * 7 + b * 3) % 5 < 3) holes[b][i] = kNaN;
  const auto filled = fill_missing(prior, holes);
  EXPECT_LT((filled - e.rows).abs().max().item<double>(), 1e-6);
  const auto there = holes.isfinite();
  EXPECT_TRUE(filled.masked_select(there).equal(e.rows.masked_select(there)));
}

// E[y_m | y_o] from the joint covariance G diag(variance) G^T + rest I, written out.
TEST(FieldPrior, IsTheConditionalMeanOfTheGaussian) {
  const Example e(.3, 200);
  const auto prior = learn_field_prior(blocks_of(e.rows), 40, 2, 3);
  const auto C = prior.modes.mm(torch::diag(prior.variance)).mm(prior.modes.t()) +
                 prior.rest * torch::eye(40, torch::kDouble);
  const auto o = torch::arange(25, 40), m = torch::arange(0, 25);
  auto row = e.rows[5].clone();
  row.narrow(0, 0, 25).fill_(kNaN);
  const auto Coo = C.index_select(0, o).index_select(1, o), Cmo = C.index_select(0, m).index_select(1, o);
  const auto off = (row - prior.mean).index_select(0, o);
  const auto expected =
      prior.mean.index_select(0, m) + Cmo.mv(torch::linalg_solve(Coo, off.unsqueeze(1)).squeeze(1));
  const auto filled = fill_missing(prior, row.unsqueeze(0))[0];
  EXPECT_LT((filled.index_select(0, m) - expected).abs().max().item<double>(), 1e-9);
}

TEST(FieldPrior, KnowsOnlyTheMeanOfARowWithoutValues) {
  const Example e(.1, 50);
  const auto prior = learn_field_prior(blocks_of(e.rows), 40, 2, 3);
  EXPECT_TRUE(fill_missing(prior, torch::full({1, 40}, kNaN, torch::kDouble))[0].equal(prior.mean));
}

TEST(FieldPrior, OfSnapshotsThatAreAllAlikeIsTheirMean) {
  const auto rows = torch::ones({5, 6}, torch::kDouble);
  const auto prior = learn_field_prior(blocks_of(rows), 6, 3, 3);
  auto row = rows[0].clone();
  row[2] = kNaN;
  EXPECT_EQ(fill_missing(prior, row.unsqueeze(0))[0][2].item<double>(), 1);
}

}  // namespace
}  // namespace msde
