#include "msde/baselines/baselines.hpp"

#include <gtest/gtest.h>

#include "msde/baselines/test_data.hpp"
#include "msde/core/error.hpp"

namespace msde {
namespace {

class Table : public testing::TestWithParam<std::string> {
 protected:
  TestFolder folder;
};
INSTANTIATE_TEST_SUITE_P(Cases, Table, testing::Values("wave_1d", "kdv_1d"));

TEST_P(Table, EveryRowFitsAndForecasts) {
  const auto data = generated(folder, GetParam(),
                              {.n_steps = 101, .n_train = 3, .n_val = 2, .n_test = 2, .noise_std = .01});
  for (const auto& baseline : baselines()) {
    SCOPED_TRACE(baseline.name + " " + baseline.variant);
    EXPECT_FALSE(baseline.meaning.empty());
    if (baseline.applies && !baseline.applies(data)) {
      EXPECT_EQ(baseline.name, "climatology");
      EXPECT_THROW(baseline.fit({.data = data, .case_name = data.case_name()}), DataError);
      continue;
    }
    const auto fitted = baseline.fit({.data = data, .case_name = data.case_name(), .n_steps = 31});
    EXPECT_GT(fitted.facts.at("validation_rel_l2").get<double>(), 0);
    auto request = request_for(data, 2, 20);
    const auto both = fitted.forecaster->forecast(request);
    EXPECT_EQ(both.point.sizes(), (std::vector<int64_t>{2, 21, 1, 1000}));
    EXPECT_FALSE(both.members.defined());
    for (int64_t b = 0; b < 2; ++b) {  // a batch is its trajectories one by one
      auto one = request;
      one.first = request.first.narrow(0, b, 1);
      EXPECT_TRUE(torch::equal(fitted.forecaster->forecast(one).point[0], both.point[b]));
    }
    request.members = 3;
    const auto dressed = fitted.forecaster->forecast(request).members;
    EXPECT_EQ(dressed.sizes(), (std::vector<int64_t>{3, 2, 21, 1, 1000}));
    EXPECT_TRUE(torch::equal(dressed, fitted.forecaster->forecast(request).members));  // keyed noise
    EXPECT_GT((dressed[0] - dressed[1]).abs().max().item<double>(), 0);
    request.decoder_noise = false;
    EXPECT_TRUE(torch::equal(fitted.forecaster->forecast(request).members[2], both.point));
  }
}

TEST(Baselines, LinearFieldsOfAnyShapeAreForecastByDmdAndSindy) {
  TestFolder folder;
  const auto data = written(folder, rotating_patterns);
  const BaselineContext context = {.data = data, .case_name = ""};
  EXPECT_LT(mean_relative_error(*row("dmd", "strong").fit(context).forecaster, data), 1e-5);
  EXPECT_LT(mean_relative_error(*row("pod_sindy", "strong").fit(context).forecaster, data), 1e-2);
  EXPECT_LT(mean_relative_error(*row("dmd", "reference").fit(context).forecaster, data), 5e-2);
  EXPECT_GT(mean_relative_error(*row("persistence", "").fit(context).forecaster, data), .5);
}

TEST(Baselines, PersistenceAndMeanAreWhatTheySay) {
  TestFolder folder;
  const auto data = written(folder, rotating_patterns);
  const auto request = request_for(data, 2, 4);
  const auto persistent =
      row("persistence", "").fit({.data = data, .case_name = ""}).forecaster->forecast(request).point;
  const auto mean = row("mean", "").fit({.data = data, .case_name = ""}).forecaster->forecast(request).point;
  const auto exact = rotating_patterns(0).flatten(0, 1).mean(0).to(torch::kFloat);
  for (int64_t k = 0; k <= 4; ++k) {
    EXPECT_TRUE(torch::equal(persistent.select(1, k), request.first));
    EXPECT_LT((mean[1][k] - exact).abs().max().item<double>(), 1e-6);
  }
}

TEST(Baselines, TooFewSnapshotsAreRefusedInOneLine) {
  TestFolder folder;
  const auto data = written(folder, [](uint64_t) { return torch::ones({2, 2, 1, 8}); });
  for (const auto& [name, variant] :
       {std::pair{"dmd", "strong"}, {"pod_sindy", "strong"}, {"pod_sindy", "reference"}}) {
    try {
      row(name, variant).fit({.data = data, .case_name = ""});
      ADD_FAILURE() << name;
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find("at least 3"), std::string::npos) << error.what();
    }
  }
}

TEST(Baselines, RankIsCutToTheData) {
  TestFolder folder;
  const auto data = written(
      folder, [](uint64_t split) { return rotating_patterns(split).narrow(0, 0, 1).narrow(1, 0, 8); });
  const auto fitted =
      row("dmd", "reference").fit({.data = data, .case_name = "", .n_zeta = 100, .n_eta = 100});
  EXPECT_LE(fitted.facts.at("rank").get<int64_t>(), 7);
  EXPECT_LE(row("dmd", "strong").fit({.data = data, .case_name = ""}).facts.at("rank").get<int64_t>(), 8);
}

}  // namespace
}  // namespace msde
