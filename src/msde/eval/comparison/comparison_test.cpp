#include "msde/eval/comparison/comparison.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

Outcome outcome(int64_t seed, MeanStd rel_l2, double validation = -1) {
  Outcome o;
  o.seed = seed;
  o.evaluation.rel_l2 = rel_l2;
  o.evaluation.rel_l2_per_time = {0, rel_l2.mean};
  o.evaluation.rel_l2_per_trajectory = {rel_l2.mean - .001, rel_l2.mean, rel_l2.mean + .001};
  o.evaluation.predict_seconds_per_trajectory = .5;
  o.train_seconds = 10. + static_cast<double>(seed);
  if (validation >= 0) o.validation_rel_l2 = validation;
  return o;
}
ComparisonRow row(const std::string& name, const std::string& variant, std::vector<Outcome> outcomes) {
  ComparisonRow r;
  r.name = name, r.variant = variant, r.outcomes = std::move(outcomes);
  return r;
}

Comparison example() {
  Comparison c;
  c.case_name = "kdv_1d", c.split = "test", c.protocol = "predicted frames", c.command = "msde compare",
  c.data_hash = "abc";
  c.n_zeta = 20, c.n_eta = 5;
  c.rows = {row("dmd", "reference", {outcome(0, {.16, .04})}), row("dmd", "strong", {outcome(0, {.02, .01})}),
            row("pod_sindy", "reference", {}),
            row("multiscale", "", {outcome(0, {.02, .01}), outcome(1, {.04, .01})})};
  c.rows[0].published = MeanStd{.163, .046};
  c.rows[2].status = "failed: blew up at t = 0.3";
  return c;
}

// Against the mean and standard deviation of all values in one sample.
TEST(Comparison, pooled_scores_are_those_of_one_sample) {
  const auto a = uniform({3, Stream::test, 0}, {40}, torch::kDouble),
             b = 2 + uniform({3, Stream::test, 1}, {40}, torch::kDouble);
  const auto pooled = pool({mean_std(a), mean_std(b)});
  const auto all = mean_std(torch::cat({a, b}));
  EXPECT_NEAR(pooled.mean, all.mean, 1e-12);
  EXPECT_NEAR(pooled.std, all.std, 1e-12);
  EXPECT_EQ(pooled.seeds, (std::vector<double>{mean_std(a).mean, mean_std(b).mean}));
}

TEST(Comparison, json_has_one_row_per_name_and_variant) {
  const auto json = to_json(example());
  ASSERT_EQ(json["rows"].size(), 4u);
  EXPECT_EQ(json["rows"][0]["published"]["mean"], .163);
  EXPECT_DOUBLE_EQ(json["rows"][3]["metrics"]["rel_l2"]["mean"], .03);
  EXPECT_NEAR(json["rows"][3]["metrics"]["rel_l2"]["std"].get<double>(), std::sqrt(2e-4), 1e-12);
  EXPECT_EQ(json["rows"][3]["metrics"]["rel_l2"]["seeds"], (std::vector<double>{.02, .04}));
  EXPECT_EQ(json["rows"][3]["seeds"], (std::vector<int64_t>{0, 1}));
  EXPECT_DOUBLE_EQ(json["rows"][3]["cost"]["train_seconds"], 10.5);
  EXPECT_EQ(json["rows"][3]["rel_l2_per_time"], (std::vector<double>{0, .03}));
  EXPECT_EQ(json["accuracy_against_run_time"].size(), 3u);
  for (const auto& [id, value] : json["rows"][3]["metrics"].items())
    EXPECT_GT(json["formulas"][id].get<std::string>().size(), 10u) << id;
}

TEST(Comparison, a_failed_row_has_a_status_and_no_scores) {
  const auto json = to_json(example())["rows"][2];
  EXPECT_EQ(json["status"], "failed: blew up at t = 0.3");
  EXPECT_FALSE(json.contains("metrics"));
  EXPECT_FALSE(json.contains("cost"));
  EXPECT_NE(to_markdown(example()).find("| pod_sindy | reference | failed: blew up at t = 0.3 |"),
            std::string::npos);
}

TEST(Comparison, the_page_says_what_is_beaten) {
  auto c = example();
  EXPECT_NE(to_markdown(c).find("By rel_l2, multiscale beats dmd (reference); does not beat dmd (strong)."),
            std::string::npos)
      << to_markdown(c);
  EXPECT_NE(to_markdown(c).find("failed in part or whole: pod_sindy (reference)."), std::string::npos);
  auto& strong = c.rows[1].outcomes[0].evaluation.rel_l2_per_trajectory;
  strong = {.02, .03, .04};  // sometimes better, sometimes worse
  EXPECT_NE(to_markdown(c).find("is not separable from dmd (strong)"), std::string::npos) << to_markdown(c);
  c.rows = {c.rows[3]};
  EXPECT_EQ(to_markdown(c).find("beats"), std::string::npos);  // nobody to beat
}

TEST(Comparison, means_over_surviving_seeds_win_nothing) {
  auto c = example();
  c.rows[3].status = "failed: 1 of 3 seeds: seed 2 failed: diverged";
  c.micro_sizes.sizes = {{5, c.rows[3].outcomes, c.rows[3].status}};
  const auto page = to_markdown(c);
  EXPECT_NE(page.find("1 of 3 seeds"), std::string::npos);
  EXPECT_EQ(page.find("multiscale beats"), std::string::npos) << page;
  EXPECT_FALSE(preferred_n_eta(c.micro_sizes).has_value());
}

TEST(Comparison, small_errors_are_not_printed_as_zero) {
  auto c = example();
  c.rows = {row("dmd", "strong", {outcome(0, {1.5e-6, 2e-7})})};
  EXPECT_NE(to_markdown(c).find("1.5e-06 +- 2e-07"), std::string::npos) << to_markdown(c);
  c.rows = {row("dmd", "strong", {outcome(0, {std::nan(""), std::nan("")})})};
  EXPECT_NE(to_markdown(c).find("- +- -"), std::string::npos);
}

TEST(Comparison, validation_chooses_the_size) {
  MicroSizes sizes;
  sizes.sizes = {{0, {outcome(0, {.3, .1}, .31)}, "ok"},
                 {1, {outcome(0, {.02, .1}, .05), outcome(1, {.02, .1}, .07)}, "ok"},
                 {2, {outcome(0, {.09, .1}, .04)}, "ok"},
                 {3, {}, "failed: diverged"}};
  EXPECT_EQ(preferred_n_eta(sizes), 2);  // although test would say 1
  EXPECT_FALSE(preferred_n_eta({}).has_value());
  auto c = example();
  c.micro_sizes = sizes;
  EXPECT_EQ(to_json(c)["n_eta_choice"]["preferred_by_validation"], 2);
  EXPECT_NE(to_markdown(c).find("Validation prefers n_eta = 2."), std::string::npos);
  EXPECT_NE(to_markdown(c).find("| 3 | failed: diverged |"), std::string::npos);
}

}  // namespace
}  // namespace msde
