#include "msde/eval/scoring/evaluate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "msde/core/error.hpp"
#include "msde/eval/metrics/testing/means.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

constexpr int64_t N = 3, T = 6, C = 2, X = 50;
constexpr double noise_std = .1;

Tensor clean_fields() {
  return 1 + normal({31, Stream::test, 0}, {N, T, C, X}).abs();
}

// A dataset whose truth is known exactly: clean fields plus noise.
struct evaluate_dataset : testing::Test {
  std::string path = testing::TempDir() + "evaluate_test_" +
                     testing::UnitTest::GetInstance()->current_test_info()->name() + ".h5";
  Tensor clean = clean_fields();
  Tensor noisy = clean + noise_std * normal({32, Stream::test, 0}, {N, T, C, X});

  Dataset dataset(bool with_clean = true) const {
    auto file = hdf5::File::create(path);
    for (const std::string split : {"train", "val", "test"}) {
      write_tensor(file, split + "_x", noisy);
      if (with_clean) write_tensor(file, split + "_x_clean", clean);
      write_tensor(file, split + "_t", (torch::arange(T, torch::kFloat) * .5).expand({N, T}));
      write_tensor(file, split + "_mu", torch::arange(N, torch::kFloat).reshape({N, 1}));
      write_tensor(file, split + "_f", torch::zeros({N, T, 1}));
    }
    file.set_attribute("/", "case", std::string("test_case"));
    file.close();
    return Dataset::open(path);
  }
  void TearDown() override { std::filesystem::remove(path); }
};

// Knows the clean answer by trajectory (mu), scales it, and adds noise to its members if asked.
struct Oracle : Forecaster {
  double scale = 1, spread = noise_std;
  bool blow_up = false, visits_members = true;
  mutable std::vector<ForecastRequest> requests = {};

  std::string name() const override { return "oracle"; }
  Forecast forecast(const ForecastRequest& request) const override {
    requests.push_back(request);
    requests.back().visit_members = {};  // it lives no longer than this call
    const auto i = static_cast<int64_t>(request.mu[0][0].item<float>());
    Forecast forecast;
    forecast.point = scale * clean_fields().narrow(0, i, 1).narrow(1, 0, request.n_steps + 1);
    if (blow_up && i == 1) forecast.point[0][2][0][0] = std::numeric_limits<float>::infinity();
    if (request.members > 0) {
      std::vector<int64_t> shape{request.members, 1, request.n_steps + 1, C, X};
      const auto noise = normal({request.seed, Stream::decoder_noise, 0}, shape);
      const auto members = forecast.point.unsqueeze(0) + (request.decoder_noise ? spread : 0.) * noise;
      const bool visits = request.visit_members && visits_members;
      if (!visits) forecast.members = members;
      for (int64_t start = 0; visits && start < shape[2]; start += 2)  // blocks of two frames
        request.visit_members(start, members.narrow(2, start, std::min<int64_t>(2, shape[2] - start)));
    }
    forecast.drift_evaluations = 4 * request.n_steps;
    return forecast;
  }
};

TEST_F(evaluate_dataset, members_may_come_at_once_or_by_blocks) {
  Oracle blocks, whole;
  whole.visits_members = false;
  const auto a = evaluate(blocks, dataset()), b = evaluate(whole, dataset());
  ASSERT_TRUE(a.calibration && b.calibration);
  EXPECT_NEAR(a.calibration->crps_fair, b.calibration->crps_fair, 1e-12);
  EXPECT_NEAR(a.calibration->energy_score, b.calibration->energy_score, 1e-12);
  EXPECT_NEAR(a.calibration->ssr_adjusted, b.calibration->ssr_adjusted, 1e-6);
  EXPECT_EQ(a.calibration->rank_histogram, b.calibration->rank_histogram);
  EXPECT_GT(a.calibration->crps_fair, 0);
}

TEST_F(evaluate_dataset, scores_are_those_of_the_whole_tensors) {
  Oracle oracle;
  oracle.scale = 1.05;
  const auto result = evaluate(oracle, dataset());
  const auto point = oracle.scale * clean, p = point.slice(1, 1), y = noisy.slice(1, 1);
  EXPECT_NEAR(result.rel_l2.mean, rel_l2(p, y).mean, 1e-6);
  EXPECT_NEAR(result.rel_l2.std, rel_l2(p, y).std, 1e-6);
  EXPECT_NEAR(result.rel_l2_t0.mean, rel_l2(point.slice(1, 0, 1), noisy.slice(1, 0, 1)).mean, 1e-6);
  EXPECT_NEAR(result.rel_l2_clean->mean, .05, 1e-6);
  EXPECT_NEAR(result.rel_l2_clean_t0->mean, .05, 1e-6);
  EXPECT_NEAR(result.rmse, rmse(p, y), 1e-6);
  EXPECT_NEAR(result.vrmse, vrmse(p, y), 1e-6);
  EXPECT_NEAR(result.nrmse_well, nrmse_well(p, y), 1e-6);
  ASSERT_EQ(result.rel_l2_per_time.size(), static_cast<size_t>(T));
  EXPECT_NEAR(result.rel_l2_per_time[2], rel_l2(point.slice(1, 2, 3), noisy.slice(1, 2, 3)).mean, 1e-6);
  EXPECT_EQ(result.nfe_per_trajectory, 4 * (T - 1));
  EXPECT_EQ(result.case_name, "test_case");
}

TEST_F(evaluate_dataset, a_protocol_may_count_frame_0_and_score_the_mean_of_noisy_members) {
  Oracle oracle;
  EvaluateOptions options;
  options.protocol = {
      .meaning = "another", .first_frame = 0, .drop_last = 1, .mean_of_members = 8, .decoder_draws = 3};
  const auto result = evaluate(oracle, dataset(), options);
  std::vector<Tensor> means;
  for (const auto& request : oracle.requests)
    if (request.members == 8) {
      EXPECT_EQ(request.decoder_draws, 3);
      EXPECT_EQ(request.n_steps, T - 2);
      means.push_back(oracle.forecast(ForecastRequest(request)).members.mean(0));
    }
  ASSERT_EQ(means.size(), static_cast<size_t>(N));
  const auto y = noisy.slice(1, 0, T - 1);
  EXPECT_NEAR(result.rel_l2.mean, rel_l2(torch::cat(means), y).mean, 1e-6);
  EXPECT_EQ(result.rel_l2_per_time.size(), static_cast<size_t>(T - 1));
  EXPECT_EQ(result.rel_l2_clean_per_time.size(), static_cast<size_t>(T - 1));
}

TEST_F(evaluate_dataset, calibration_is_that_of_the_whole_ensemble_without_frame_0) {
  Oracle oracle;
  const auto result = evaluate(oracle, dataset());
  std::vector<Tensor> members;
  for (const auto& request : oracle.requests)
    if (request.members > 0) members.push_back(oracle.forecast(ForecastRequest(request)).members);
  ASSERT_EQ(members.size(), static_cast<size_t>(N));
  const auto x = torch::cat(members, 1).slice(2, 1), y = noisy.slice(1, 1);
  const auto& c = *result.calibration;
  EXPECT_NEAR(c.crps_fair, crps_fair(x, y), 1e-7);
  EXPECT_NEAR(c.ssr_adjusted, ssr_adjusted(x, y), 1e-6);
  EXPECT_NEAR(c.energy_score, energy_score(x, y), 1e-6);
  for (int level : {50, 80, 90, 95}) EXPECT_NEAR(c.coverage.at(level), coverage(x, y, level / 100.), 1e-12);
  const auto ranks = rank_histogram(x, y);
  EXPECT_EQ(c.rank_histogram,
            std::vector<int64_t>(ranks.data_ptr<int64_t>(), ranks.data_ptr<int64_t>() + 40));
}

// The oracle's members have the law of the truth: calibrated within five standard errors of 1500 values.
TEST_F(evaluate_dataset, a_perfect_forecaster_with_observation_noise_is_calibrated) {
  const auto result = evaluate(Oracle{}, dataset());
  EXPECT_NEAR(result.calibration->ssr_adjusted, 1, 5 / std::sqrt(2. * N * (T - 1) * C * X));
  for (const auto& [level, fraction] : result.calibration->coverage)
    EXPECT_NEAR(fraction, level / 100., 5 * .5 / std::sqrt(1. * N * (T - 1) * C * X)) << level;
  EXPECT_NEAR(result.rel_l2_clean->mean, 0, 1e-7);
  EXPECT_GT(result.rel_l2.mean, .02);  // the floor set by the noise
}

TEST_F(evaluate_dataset, without_decoder_noise_the_ensemble_is_overconfident) {
  EvaluateOptions options;
  options.decoder_noise = false;
  const auto result = evaluate(Oracle{}, dataset(), options);
  EXPECT_EQ(result.calibration->ssr_adjusted, 0);
  EXPECT_LT(result.calibration->coverage.at(90), .2);
}

TEST_F(evaluate_dataset, the_request_holds_the_first_snapshot_alone_and_the_trajectory_s_inputs) {
  Oracle oracle;
  EvaluateOptions options;
  options.n_steps = 4;
  const auto result = evaluate(oracle, dataset(), options);
  EXPECT_EQ(result.n_frames, 4);
  ASSERT_EQ(oracle.requests.size(),
            static_cast<size_t>(2 * N));  // a timed point prediction, then the ensemble
  for (int64_t i = 0; i < N; ++i) {
    const auto &point = oracle.requests[2 * i], &ensemble = oracle.requests[2 * i + 1];
    EXPECT_TRUE(torch::equal(point.first, noisy[i].narrow(0, 0, 1)));
    EXPECT_EQ(point.mu[0][0].item<float>(), i);
    EXPECT_EQ(point.forcing.sizes(), (torch::IntArrayRef{1, 4, 1}));
    EXPECT_EQ(point.members, 0);
    EXPECT_EQ(ensemble.members, 39);
    EXPECT_EQ(point.n_steps, 3);
    EXPECT_NEAR(point.dt, .5, 1e-7);
    if (i > 0) {
      EXPECT_NE(ensemble.seed, oracle.requests[1].seed);  // no shared noise
    }
  }
}

TEST_F(evaluate_dataset, horizons_are_cut_to_the_trajectory_and_metrics_to_what_the_data_allow) {
  EvaluateOptions options;
  options.n_steps = 1000;
  options.members = 0;
  const auto result = evaluate(Oracle{}, dataset(/*with_clean=*/false), options);
  EXPECT_EQ(result.n_frames, T);
  EXPECT_FALSE(result.rel_l2_clean.has_value());
  EXPECT_FALSE(result.calibration.has_value());
}

// The truth of frame 2 of trajectory 0 is zero everywhere, of frame 3 constant: nothing to be relative to.
TEST_F(evaluate_dataset, frames_at_rest_have_no_relative_errors_and_are_left_out) {
  noisy[0][2].zero_();
  noisy[0][3].fill_(1);
  Oracle oracle;
  oracle.scale = 1.05;
  const auto result = evaluate(oracle, dataset());
  const auto p = oracle.scale * clean, y = noisy;
  const auto others = [](const Tensor& x, std::vector<int64_t> frames_of_first) {
    return torch::cat({x[0].index_select(0, torch::tensor(frames_of_first)),
                       x.slice(0, 1).slice(1, 1).flatten(0, 1)})
        .unsqueeze(0);
  };
  const std::vector<int64_t> moving{1, 4, 5}, not_zero{1, 3, 4, 5};
  EXPECT_NEAR(result.vrmse, vrmse(others(p, moving), others(y, moving)), 1e-6);
  EXPECT_NEAR(result.nrmse_well, nrmse_well(others(p, not_zero), others(y, not_zero)), 1e-6);
  EXPECT_NEAR(result.rel_l2.mean, rel_l2(others(p, not_zero), others(y, not_zero)).mean, 1e-6);
  EXPECT_NEAR(result.rmse, rmse(p.slice(1, 1), y.slice(1, 1)), 1e-6);
}

// Members that are equal to the truth are told apart by random numbers of the frame, however it comes.
TEST_F(evaluate_dataset, ties_are_broken_alike_in_blocks_of_any_length) {
  noisy = clean;
  Oracle blocks, whole;
  blocks.spread = whole.spread = 0;
  whole.visits_members = false;
  const auto a = evaluate(blocks, dataset()), b = evaluate(whole, dataset());
  EXPECT_EQ(a.calibration->rank_histogram, b.calibration->rank_histogram);
  for (const int64_t count : a.calibration->rank_histogram)
    EXPECT_NEAR(count, N * (T - 1) * C * X / 40., 5 * std::sqrt(N * (T - 1) * C * X / 40.));
}

TEST_F(evaluate_dataset, a_forecast_that_is_not_finite_is_a_numerics_error_naming_the_trajectory) {
  Oracle oracle;
  oracle.blow_up = true;
  try {
    evaluate(oracle, dataset());
    FAIL() << "infinity was scored";
  } catch (const NumericsError& error) {
    EXPECT_NE(std::string(error.what()).find("test trajectory 1"), std::string::npos) << error.what();
  }
}

TEST_F(evaluate_dataset, options_out_of_range_are_refused) {
  EvaluateOptions options;
  options.n_steps = 1;
  EXPECT_THROW(evaluate(Oracle{}, dataset(), options), ConfigError);
  options = {};
  options.members = -1;
  EXPECT_THROW(evaluate(Oracle{}, dataset(), options), ConfigError);
  options = {};
  options.split = "holdout";
  EXPECT_THROW(evaluate(Oracle{}, dataset(), options), DataError);
}

}  // namespace
}  // namespace msde
