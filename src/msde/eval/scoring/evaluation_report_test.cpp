#include "msde/eval/scoring/evaluation_report.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"
#include "msde/eval/scoring/quality_gate.hpp"

namespace msde {
namespace {

Evaluation example() {
  Evaluation e;
  e.case_name = "kdv_1d", e.split = "test", e.forecaster = "multiscale";
  e.n_trajectories = 5, e.n_frames = 3, e.members = 2;
  e.rel_l2 = {.025, .006}, e.rel_l2_t0 = {.02, .001};
  e.rel_l2_encode_decode = {.01, .002}, e.rel_l2_encode_decode_clean = {.005, .001};
  e.rel_l2_clean = MeanStd{.017, .005}, e.rel_l2_clean_t0 = MeanStd{.01, .002};
  e.rel_l2_per_time = {.02, .024, .026};
  e.rmse = .1, e.vrmse = .2, e.nrmse_well = .3;
  e.calibration = Calibration{.04, .9, 1.5, {{50, .5}, {80, .8}, {90, .88}, {95, .94}}, {3, 4, 5}};
  e.predict_seconds_per_trajectory = .01, e.nfe_per_trajectory = 400;
  return e;
}

const RunFacts facts{20, 5, 231.5, 123456, int64_t{1} << 30};

TEST(evaluation_json, has_the_layout_of_schema_1) {
  const auto json = nlohmann::json::parse(to_json(example(), facts).dump());
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["case"], "kdv_1d");
  EXPECT_EQ(json["split"], "test");
  EXPECT_EQ(json["n_zeta"], 20);
  EXPECT_EQ(json["n_eta"], 5);
  const auto& metrics = json["metrics"];
  EXPECT_EQ(metrics["rel_l2"]["mean"], .025);
  EXPECT_EQ(metrics["rel_l2"]["std"], .006);
  EXPECT_EQ(metrics["rel_l2_t0"]["mean"], .02);
  EXPECT_EQ(metrics["rel_l2_clean"]["mean"], .017);
  EXPECT_EQ(metrics["crps_fair"], .04);
  EXPECT_EQ(metrics["ssr_adjusted"], .9);
  for (const char* level : {"50", "80", "90", "95"})
    EXPECT_TRUE(metrics["coverage"].contains(level)) << level;
  EXPECT_EQ(metrics["rank_histogram"].size(), 3u);
  EXPECT_EQ(json["cost"]["train_seconds"], 231.5);
  EXPECT_EQ(json["cost"]["predict_seconds_per_trajectory"], .01);
  EXPECT_EQ(json["cost"]["nfe_per_trajectory"], 400);
  EXPECT_EQ(json["cost"]["peak_rss_bytes"], int64_t{1} << 30);
  EXPECT_EQ(json["cost"]["parameters"], 123456);
  EXPECT_EQ(json["setup"]["frames"], 3);
}

TEST(evaluation_json, is_told_from_a_damaged_one) {
  auto e = example();
  e.lead_times = {{1, 2, .1, .2, .9, .9}};
  e.calibration->coverage_per_channel = {{90, {.9, .8}}};
  auto whole = to_json(e, facts);
  e.rel_l2_per_trajectory = {.1, .2};
  whole["reference"]["mean"] = reference_row(e, e);
  EXPECT_TRUE(is_evaluation(whole));
  EXPECT_TRUE(
      is_evaluation(to_json(Evaluation(), facts)));  // older ones lack channels, lead times and references
  for (const auto& wrong :
       {nlohmann::ordered_json(), nlohmann::ordered_json::array(), nlohmann::ordered_json("x")})
    EXPECT_FALSE(is_evaluation(wrong));
  const std::vector<std::string> needed = {"/case",
                                           "/n_zeta",
                                           "/metrics",
                                           "/metrics/rel_l2",
                                           "/metrics/rel_l2/std",
                                           "/metrics/coverage_per_channel/90",
                                           "/lead_times/0/frames",
                                           "/cost",
                                           "/reference/mean/rel_l2",
                                           "/reference/mean/difference/low"};
  for (const auto& place : needed) {
    const nlohmann::ordered_json::json_pointer at(place);
    auto wrong = whole;
    wrong[at] = "x";
    EXPECT_EQ(is_evaluation(wrong), place == "/case") << place;
    wrong = whole;
    wrong[at.parent_pointer()].erase(at.back());
    EXPECT_FALSE(is_evaluation(wrong)) << place;
  }
}

TEST(evaluation_json, what_was_not_computed_is_absent) {
  auto e = example();
  e.rel_l2_clean.reset(), e.rel_l2_clean_t0.reset(), e.calibration.reset();
  const auto metrics = to_json(e, facts)["metrics"];
  for (const char* absent : {"rel_l2_clean", "rel_l2_clean_t0", "crps_fair", "coverage", "rank_histogram"})
    EXPECT_FALSE(metrics.contains(absent)) << absent;
}

TEST(evaluation_json, every_metric_carries_its_formula) {
  const auto json = to_json(example(), facts);
  EXPECT_EQ(json["formulas"].size(), json["metrics"].size());
  for (const auto& [key, value] : json["metrics"].items())
    EXPECT_GT(json["formulas"].value(key, "").size(), 8u) << key;
}

TEST(evaluation_json, the_names_of_gates_are_known_before_an_evaluation) {
  EXPECT_EQ(evaluation_metric_names(), gate_metrics(to_json(example(), facts)));
  EXPECT_THROW(check_metric_known(parse_quality_gate("magic>1"), evaluation_metric_names()), ConfigError);
  EXPECT_NO_THROW(check_metric_known(parse_quality_gate("rel_l2.std>1"), evaluation_metric_names()));
}

TEST(evaluation_json, peak_memory_is_that_of_a_process) {
  EXPECT_GT(peak_rss_bytes(), int64_t{1} << 20);
  EXPECT_LT(peak_rss_bytes(), int64_t{1} << 40);
}

bool fails(const std::string& text) {
  return quality_gate_fails(parse_quality_gate(text), to_json(example(), facts));
}

TEST(quality_gate, a_bare_metric_is_its_mean) {
  EXPECT_FALSE(fails("rel_l2>0.03"));
  EXPECT_TRUE(fails("rel_l2>0.02"));
  EXPECT_TRUE(fails("rel_l2.mean > .02"));
}

TEST(quality_gate, every_comparison_and_path) {
  EXPECT_FALSE(fails("rel_l2>0.025"));
  EXPECT_TRUE(fails("rel_l2>=0.025"));
  EXPECT_FALSE(fails("rel_l2<0.025"));
  EXPECT_TRUE(fails("rel_l2<=0.025"));
  EXPECT_TRUE(fails("rel_l2.std>0.005"));
  EXPECT_TRUE(fails("coverage.90<0.9"));
  EXPECT_FALSE(fails("coverage.50<0.5"));
  EXPECT_FALSE(fails(" cost.train_seconds > 240 "));
  EXPECT_TRUE(fails("cost.nfe_per_trajectory>=4e2"));
}

TEST(quality_gate, a_score_that_is_not_finite_fails_every_gate) {
  auto e = example();
  e.rel_l2.mean = std::nan("");
  const auto json = nlohmann::ordered_json::parse(to_json(e, facts).dump());  // null in the file
  EXPECT_TRUE(quality_gate_fails(parse_quality_gate("rel_l2>0.03"), json));
  EXPECT_TRUE(quality_gate_fails(parse_quality_gate("rel_l2<0.03"), json));
}

TEST(quality_gate, a_score_with_its_formula_answers_to_its_own_name) {
  const nlohmann::ordered_json json = {
      {"metrics", {{"vrmse", {{"value", .4}, {"undefined", 3}, {"formula", "f"}}}}}};
  EXPECT_EQ(gate_metrics(json), std::vector<std::string>{"vrmse"});
  EXPECT_TRUE(quality_gate_fails(parse_quality_gate("vrmse>.3"), json));
}

TEST(quality_gate, an_unknown_metric_lists_the_valid_ones) {
  try {
    fails("relative_error>0.03");
    FAIL() << "an unknown metric was accepted";
  } catch (const ConfigError& error) {
    const std::string message = error.what();
    for (const char* valid : {"relative_error", "rel_l2,", "rel_l2.std", "coverage.90", "cost.train_seconds"})
      EXPECT_NE(message.find(valid), std::string::npos) << message;
  }
  EXPECT_THROW(fails("rank_histogram>3"), ConfigError);
}

TEST(quality_gate, what_is_not_an_expression_is_refused) {
  for (const char* text : {"", "rel_l2", "rel_l2=0.03", "rel_l2>", ">0.03", "rel_l2>0.03x", "rel_l2>nan",
                           "rel_l2>>1", "rel_l2=>1"})
    EXPECT_THROW(parse_quality_gate(text), ConfigError) << text;
}

TEST(quality_gate, a_missed_gate_names_value_and_bound) {
  try {
    check_quality_gate(parse_quality_gate("rel_l2>0.02"), to_json(example(), facts));
    FAIL() << "the gate did not fail";
  } catch (const QualityGateError& error) {
    EXPECT_EQ(error.code(), ExitCode::quality_gate);
    EXPECT_NE(std::string(error.what()).find("rel_l2 is 0.025"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("> 0.02"), std::string::npos) << error.what();
  }
  EXPECT_NO_THROW(check_quality_gate(parse_quality_gate("rel_l2>0.03"), to_json(example(), facts)));
}

}  // namespace
}  // namespace msde
