#include "msde/eval/scoring/scorer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "msde/core/files/atomic_file.hpp"
#include "msde/eval/metrics/calibration_metrics.hpp"
#include "msde/eval/metrics/testing/means.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

Tensor draw(uint64_t i, at::IntArrayRef shape) {
  return normal({43, Stream::test, i}, shape, torch::TensorOptions(torch::kDouble));
}

std::map<std::string, Score> by_id(const Scores& scores) {
  std::map<std::string, Score> found;
  for (const auto& score : scores.metrics) found[score.row->id] = score;
  return found;
}

TEST(metric_table, has_every_id_once_and_says_what_each_is) {
  std::set<std::string> ids;
  for (const auto& row : metric_table()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    EXPECT_GT(std::string(row.formula).size(), 8u) << row.id;
    EXPECT_NE(std::string(row.unit), "") << row.id;
    EXPECT_TRUE(row.values) << row.id;
    EXPECT_FALSE(row.reduce && row.of_trajectories) << row.id;
  }
}

TEST(metric_table, is_what_the_documentation_says) {
  const auto text = read_text(std::string(MSDE_GOLDEN_SOURCE_DIR) + "/../../docs/metrics.md");
  for (const auto& row : metric_table()) {
    const auto line =
        "| `" + std::string(row.id) + "` | " + row.formula + " | " + row.unit + " | " + row.best + " |";
    EXPECT_NE(text.find(line), std::string::npos) << "docs/metrics.md lacks the line\n" << line;
  }
}

TEST(metric_table, knows_the_formula_of_every_key_of_an_evaluation) {
  for (const char* key : {"rel_l2", "rel_l2_clean", "rel_l2_clean_t0", "rel_l2_per_time", "coverage",
                          "coverage.90", "coverage_clean.90", "rank_histogram", "vrmse"})
    EXPECT_NE(formula_of(key), "") << key;
  EXPECT_EQ(formula_of("magic"), "");
}

// What the truth misses counts nowhere: every frame has the scores of its other values alone.
TEST(scorer, leaves_missing_values_out) {
  const auto y = draw(1, {1, 3, 2, 4, 5}), e = draw(2, {1, 3, 2, 4, 5}), x = y + draw(3, {4, 1, 3, 2, 4, 5});
  auto holes = y.clone();
  const auto hole = [&](int64_t frame, int64_t channel, int64_t point) {
    holes[0][frame][channel].view(-1)[point] = std::nan("");
  };
  for (int64_t i = 0; i < 7; ++i) hole(1, 0, 2 * i), hole(2, 1, 19 - i), hole(2, 0, i);
  const auto scores = by_id(score_tensors(y + e, holes, x));
  double rel_l2 = 0, rmse = 0, crps = 0, inside = 0, all = 0;
  for (int64_t t = 1; t < 3; ++t) {
    const auto seen = holes[0][t].isfinite();
    const auto pick = [&](const Tensor& field) { return field.masked_select(seen); };
    rel_l2 += (pick(e[0][t]).norm() / pick(y[0][t]).norm()).item<double>() / 2;
    for (int64_t c = 0; c < 2; ++c)
      rmse += e[0][t][c].masked_select(seen[c]).square().mean().sqrt().item<double>() / 4;
    std::vector<Tensor> members;
    for (int64_t m = 0; m < 4; ++m) members.push_back(pick(x[m][0][t]));
    const auto ensemble = torch::stack(members).view({4, 1, 1, 1, -1}),
               truth = pick(y[0][t]).view({1, 1, 1, -1});
    crps += crps_fair(ensemble, truth) / 2;
    inside += ((ensemble.amin(0) <= truth) & (truth <= ensemble.amax(0))).sum().item<double>();
    all += static_cast<double>(truth.numel());
  }
  EXPECT_NEAR(scores.at("rel_l2").value, rel_l2, 1e-12);
  EXPECT_NEAR(scores.at("rmse").value, rmse, 1e-12);
  EXPECT_NEAR(scores.at("crps_fair").value, crps, 1e-12);
  // Of 4 members every interval is from the first to the last.
  EXPECT_NEAR(scores.at("coverage.90").value, inside / all, 1e-12);
  EXPECT_TRUE(std::isnan(scores.at("spectral_mse_low").value));
}

// Two trajectories of two frames, one channel, two points; frame 0 is exact, in frame 1 the errors are (3, 4)
// and (0, 2) on the truths (0, 10) and (6, 8).
TEST(scorer, values_by_hand) {
  const auto y = torch::tensor({1., 2., 0., 10., 1., 2., 6., 8.}, torch::kDouble).reshape({2, 2, 1, 2});
  const auto e = torch::tensor({0., 0., 3., 4., 0., 0., 0., 2.}, torch::kDouble).reshape({2, 2, 1, 2});
  const auto s = by_id(score_tensors(y + e, y));
  EXPECT_NEAR(s.at("rel_l2").value, (.5 + .2) / 2, 1e-12);
  EXPECT_NEAR(*s.at("rel_l2").std, .15, 1e-12);
  EXPECT_EQ(s.at("rel_l2_t0").value, 0);
  EXPECT_NEAR(s.at("rmsre").value, .35, 1e-12);  // one frame: the mean of the two
  EXPECT_NEAR(s.at("mse").value, (12.5 + 2) / 2, 1e-12);
  EXPECT_NEAR(s.at("crmse").value, std::sqrt((3.5 * 3.5 + 1) / 2), 1e-12);
  EXPECT_NEAR(s.at("linf").value, 3, 1e-12);
  EXPECT_NEAR(s.at("linf_pdebench").value, 4, 1e-12);
  EXPECT_NEAR(s.at("mass_drift").value, ((8.5 - 1.5) + (8 - 1.5)) / 2, 1e-12);
  EXPECT_NEAR(s.at("mass_drift_truth").value, ((5 - 1.5) + (7 - 1.5)) / 2, 1e-12);
  EXPECT_EQ(s.at("mse").per_time, (std::vector<double>{0, 7.25}));
  EXPECT_EQ(s.count("vrmse_6_12"), 0u);
  EXPECT_EQ(s.count("crps_fair"), 0u);
}

TEST(scorer, time_means_are_not_roots_of_means) {
  const auto y = torch::ones({1, 3, 1, 1}, torch::kDouble);
  const auto p = y + torch::tensor({0., 3., 4.}, torch::kDouble).reshape({1, 3, 1, 1});
  const auto s = by_id(score_tensors(p, y));
  EXPECT_NEAR(s.at("rel_l2").value, 3.5, 1e-12);
  EXPECT_NEAR(s.at("rmsre").value, std::sqrt(12.5), 1e-12);
}

TEST(scorer, valid_time_is_that_of_the_first_failure) {
  const auto y = torch::arange(4, torch::kDouble).expand({1, 5, 2, 4}).contiguous();
  auto p = y.clone();
  p[0][3][1] = -p[0][3][1];  // channel 1 fails in frame 3, channel 0 never
  const auto s = by_id(score_tensors(p, y));
  EXPECT_NEAR(s.at("valid_time").value, (4 + 3) / 2., 1e-12);
  EXPECT_NEAR(s.at("valid_to_the_end").value, .5, 1e-12);
}

TEST(scorer, ensembles_score_as_whole_tensors_do) {
  const auto y = draw(0, {2, 4, 2, 3, 5}), x = draw(1, {9, 2, 4, 2, 3, 5}), p = x.mean(0);
  const auto s = by_id(score_tensors(p, y, x));
  const auto late = [](const Tensor& v, int64_t axis) { return v.slice(axis, 1); };
  const auto yl = late(y, 1), xl = late(x, 2);
  EXPECT_NEAR(s.at("crps_fair").value, crps_fair(xl, yl), 1e-12);
  EXPECT_NEAR(s.at("crps_biased").value, crps_biased(xl, yl), 1e-12);
  EXPECT_NEAR(s.at("energy_score").value, energy_score(xl, yl), 1e-12);
  EXPECT_NEAR(s.at("ssr_adjusted").value, ssr_adjusted(xl, yl), 1e-12);
  EXPECT_NEAR(s.at("coverage.80").value, coverage(xl, yl, .8), 1e-12);
  EXPECT_NEAR(s.at("sharpness.80").value, central_widths(xl, {.8})[0], 1e-12);
  EXPECT_NEAR(s.at("reliability_index").value, reliability_index(rank_histogram(xl, yl)), 1e-12);
  EXPECT_NEAR(s.at("rmse").value, rmse(late(p, 1), yl), 1e-12);
  EXPECT_NEAR(s.at("vrmse").value, vrmse(late(p, 1), yl), 1e-12);
}

TEST(scorer, channels_score_as_if_they_were_alone) {
  const auto y = draw(0, {2, 4, 2, 3, 5}),
             x = draw(1, {9, 2, 4, 2, 3, 5}) * torch::tensor({1., 3.}).view({2, 1, 1});
  const auto s = by_id(score_tensors(x.mean(0), y, x));
  for (const int64_t c : {0, 1}) {
    const auto of_c = by_id(score_tensors(x.mean(0).narrow(2, c, 1), y.narrow(2, c, 1), x.narrow(3, c, 1)));
    for (const char* id :
         {"rmse", "crps_fair", "spread", "skill", "ssr_adjusted", "coverage.50", "coverage.90"})
      EXPECT_NEAR(s.at(id).per_channel.at(c), of_c.at(id).value, 1e-12) << id;
    EXPECT_TRUE(of_c.at("crps_fair").per_channel.empty());
  }
  EXPECT_TRUE(s.at("energy_score").per_channel.empty());
}

TEST(calibration, biased_crps_widths_and_reliability_by_hand) {
  const auto x = torch::tensor({1., 2., 5.}, torch::kDouble).reshape({3, 1, 1, 1, 1});
  const auto y = torch::full({1, 1, 1, 1}, 2., torch::kDouble);
  EXPECT_NEAR(crps_biased(x, y), 4. / 3 - 2 * (1 + 4 + 3) / 18., 1e-14);
  EXPECT_NEAR(crps_fair(x, y), 4. / 3 - 2 * (1 + 4 + 3) / 12., 1e-14);
  EXPECT_EQ(central_widths(x, {.5})[0], 4);  // l = 1 of 4 ranks: the whole range
  EXPECT_TRUE(std::isnan(central_widths(x.narrow(0, 0, 1), {.5})[0]));
  EXPECT_NEAR(reliability_index(torch::tensor({4, 0, 2, 2})), .25 + .25, 1e-14);
}

TEST(scorer, blocks_do_not_change_a_score) {
  const auto y = draw(2, {1, 7, 2, 6}), p = draw(3, {1, 7, 2, 6});
  const auto setup = metric_setup({6}, {1.});
  Scorer scorer({7, 1, 0, false, {}});
  for (int64_t t = 0; t < 7; t += 3) {
    const int64_t n = std::min<int64_t>(3, 7 - t);
    FrameFields f;
    f.truth = y.narrow(1, t, n), f.prediction = p.narrow(1, t, n);
    f.first_truth = y.narrow(1, 0, 1), f.first_prediction = p.narrow(1, 0, 1);
    scorer.add(t, {f, setup, t});
  }
  const auto parts = by_id(scorer.scores()), whole = by_id(score_tensors(p, y));
  for (const auto& [id, score] : whole) {
    EXPECT_EQ(std::isnan(parts.at(id).value), std::isnan(score.value)) << id;
    if (!std::isnan(score.value)) {
      EXPECT_NEAR(parts.at(id).value, score.value, 1e-12 * std::abs(score.value)) << id;
    }
    EXPECT_EQ(parts.at(id).undefined, score.undefined) << id;
  }
}

// As score_files() joins small trajectories: all frames of a block, one trajectory after another.
Scores score_together(const Tensor& prediction, const Tensor& truth, const Tensor& members,
                      int64_t together) {
  const int64_t N = truth.size(0), T = truth.size(1), M = members.defined() ? members.size(0) : 0;
  const auto setup = metric_setup(truth.sizes().slice(3).vec(), std::vector<double>(truth.dim() - 3, 1.));
  Scorer scorer({T, 1, M, M > 0, {}});
  for (int64_t b = 0; b < N; b += together) {
    FrameFields f;
    f.trajectories = std::min(together, N - b);
    const auto of = [&](const Tensor& x) {
      return x.narrow(0, b, f.trajectories).flatten(0, 1).unsqueeze(0);
    };
    const auto first = [&](const Tensor& x) {
      return x.narrow(0, b, f.trajectories).select(1, 0).unsqueeze(0);
    };
    f.truth = of(truth), f.prediction = of(prediction);
    f.first_truth = first(truth), f.first_prediction = first(prediction);
    if (M > 0) {
      f.members = members.narrow(1, b, f.trajectories).flatten(1, 2).unsqueeze(1);
      f.mean = f.members.mean(0), f.deviation = f.members.std(0, /*unbiased=*/true);
    }
    scorer.add(0, {f, setup, b * T});
  }
  return scorer.scores();
}

void expect_alike(const std::vector<double>& got, const std::vector<double>& expected,
                  const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(std::isnan(got[i]), std::isnan(expected[i])) << what;
    if (!std::isnan(expected[i])) {
      EXPECT_NEAR(got[i], expected[i], 1e-12 * std::max(1., std::abs(expected[i]))) << what;
    }
  }
}

void expect_alike(const Scores& got, const Scores& expected) {
  ASSERT_EQ(got.metrics.size(), expected.metrics.size());
  for (size_t i = 0; i < got.metrics.size(); ++i) {
    const auto &a = got.metrics[i], &b = expected.metrics[i];
    const std::string id = b.row->id;
    ASSERT_EQ(a.row, b.row);
    expect_alike({a.value, a.std.value_or(0)}, {b.value, b.std.value_or(0)}, id);
    expect_alike(a.per_time, b.per_time, id + " per time");
    expect_alike(a.per_channel, b.per_channel, id + " per channel");
    EXPECT_EQ(a.undefined, b.undefined) << id;
    EXPECT_EQ(a.histogram, b.histogram) << id;
    if (b.per_frame.defined()) {
      EXPECT_TRUE(torch::allclose(a.per_frame, b.per_frame, 1e-12, 1e-14, /*equal_nan=*/true)) << id;
    }
  }
  for (const auto spectrum : {&Spectra::truth, &Spectra::prediction, &Spectra::error, &Spectra::members})
    if ((expected.spectra.*spectrum).defined()) {
      EXPECT_TRUE(torch::allclose(got.spectra.*spectrum, expected.spectra.*spectrum, 1e-12, 1e-14));
    }
}

TEST(scorer, trajectories_together_score_as_one_by_one) {
  for (const auto& shape : {std::vector<int64_t>{7, 4, 2, 3, 5}, {5, 9, 1, 16}, {3, 2, 3, 6}}) {
    auto y = draw(4, shape);
    y[1][1].zero_();  // where some metrics are undefined
    y[2].select(1, 0).fill_(2.5);
    auto p = y + .4 * draw(5, shape);
    p[0][1] = -p[0][1];  // a failure in one trajectory alone
    for (const int64_t together : {2, 3, 100})
      expect_alike(score_together(p, y, {}, together), score_tensors(p, y));
  }
}

TEST(scorer, ensembles_of_trajectories_together_score_as_one_by_one) {
  for (const int64_t members : {2, 5, 39}) {
    const auto y = draw(6, {5, 4, 2, 3, 5});
    auto x = y + draw(7, {members, 5, 4, 2, 3, 5});
    x = torch::where(x > 1, torch::ones_like(x), x);  // ties, which a seed of each frame breaks
    const auto truth = y.clamp_max(1), p = x.mean(0);
    for (const int64_t together : {2, 5})
      expect_alike(score_together(p, truth, x, together), score_tensors(p, truth, x));
  }
}

TEST(scorer, of_some_metrics_alone_has_their_scores_and_looks_at_nothing_else) {
  const auto y = draw(1, {2, 5, 1, 12}), p = y + .3 * draw(2, {2, 5, 1, 12});
  const auto setup = metric_setup({12}, {1.});
  Scorer some({.frames = 5}, {"rel_l2", "rmse"});
  for (int64_t b = 0; b < 2; ++b) {
    FrameFields fields;
    fields.truth = y.narrow(0, b, 1), fields.prediction = p.narrow(0, b, 1);
    some.add(0, {fields, setup, 5 * b});
  }
  const auto scores = some.scores(), all = score_tensors(p, y);
  ASSERT_EQ(scores.metrics.size(), 2u);
  EXPECT_FALSE(scores.spectra.truth.defined());
  for (const auto& score : scores.metrics) EXPECT_EQ(score.value, by_id(all).at(score.row->id).value);
  const auto per_frame = scores.metrics[0].per_frame;
  EXPECT_EQ(per_frame.sizes(), (torch::IntArrayRef{2, 5}));
  EXPECT_NEAR(per_frame[1][3].item<double>(), ((p[1][3] - y[1][3]).norm() / y[1][3].norm()).item<double>(),
              1e-12);
}

}  // namespace
}  // namespace msde
