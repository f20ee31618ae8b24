// Whole trainings of a few steps on grids of two and three axes, every boundary, two channels.
#include "msde/infer/train.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "msde/core/error.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/infer/calibrate.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/model/model_file.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

struct Setting {
  const char *name, *preset;
  int64_t channels;
  std::vector<int64_t> shape;
  std::string boundary;
  std::vector<int64_t> n_zeta;
};

constexpr int64_t kSnapshots = 13;

// Smooth waves that fade, of another phase in every trajectory and channel, and a little noise.
std::vector<float> waves(const Setting& s, int64_t trajectories, uint64_t number) {
  const auto phase =
      uniform({9, Stream::test, number}, {trajectories, s.channels}, torch::kDouble) * 2 * M_PI;
  std::vector<int64_t> size = {trajectories, kSnapshots, s.channels};
  size.insert(size.end(), s.shape.begin(), s.shape.end());
  auto angle =
      phase.view({trajectories, 1, s.channels}).expand({trajectories, kSnapshots, s.channels}).clone();
  auto t = torch::linspace(0, 1, kSnapshots, torch::kDouble).view({1, -1, 1});
  angle = (angle - 2 * t);
  for (size_t axis = 0; axis < s.shape.size(); ++axis) {
    auto along = 2 * M_PI * torch::arange(s.shape[axis], torch::kDouble) / static_cast<double>(s.shape[axis]);
    angle = angle.unsqueeze(-1) + along;
  }
  auto u = torch::cos(angle) + 0.3 * torch::cos(2 * angle);
  u = u + 0.01 * normal({9, Stream::test, number + 1}, u.sizes(), torch::kDouble);
  u = u.to(torch::kFloat).contiguous();
  EXPECT_EQ(u.sizes(), (at::IntArrayRef(size)));
  return {u.data_ptr<float>(), u.data_ptr<float>() + u.numel()};
}

// mu: 1 in every trajectory, plus `mu_step` from one to the next. A noise below 0 is not said.
void write_data(const Setting& s, const std::string& path, float mu_step = 0, double noise_std = -1) {
  auto file = hdf5::File::create(path);
  uint64_t number = 0;
  for (const auto& [split, n] :
       std::vector<std::pair<std::string, int64_t>>{{"train", 3}, {"val", 2}, {"test", 2}}) {
    hdf5::Shape shape = {n, kSnapshots, s.channels};
    shape.insert(shape.end(), s.shape.begin(), s.shape.end());
    file.write<float>(split + "_x", shape, waves(s, n, number += 2));
    std::vector<float> t;
    for (int64_t i = 0; i < n * kSnapshots; ++i) t.push_back(0.1f * static_cast<float>(i % kSnapshots));
    file.write<float>(split + "_t", {n, kSnapshots}, t);
    std::vector<float> mu;
    for (int64_t i = 0; i < n; ++i) mu.push_back(1 + mu_step * static_cast<float>(i));
    file.write<float>(split + "_mu", {n, 1}, mu);
    file.write<float>(split + "_f", {n, kSnapshots, 1}, std::vector<float>(n * kSnapshots, 0));
  }
  file.set_attribute("/", "boundary", s.boundary);
  if (noise_std >= 0) file.set_attribute("/", "noise_std", noise_std);
  file.close();
}

TrainRequest request_for(const Setting& s, const TestFolder& folder) {
  TrainRequest r;
  r.model.preset = s.preset;
  r.model.n_zeta = s.n_zeta;
  r.model.n_eta = 2;
  r.model.n_sigma = 1;
  r.model.stencil_radius = 1;
  r.model.max_rank = 12;
  r.model.local_modes = 2;
  r.model.encoder_hidden = r.model.decoder_hidden = r.model.local_hidden = {16};
  r.model.macro_drift_hidden = r.model.micro_drift_hidden = {16};
  r.options.elbo.max_steps = 30;
  r.options.elbo.windows_per_step = 2;
  r.options.elbo.window = 8;
  r.options.elbo.lr = 0.02;
  r.options.rollout.max_steps = 4;
  r.options.rollout.trajectories_per_step = 2;
  r.options.rollout.stride = r.options.rollout.stride_min = 2;
  r.options.rollout.horizon_start = 4;
  r.options.rollout.horizon_end = 8;
  r.options.rollout.validate_every = 2;
  r.options.calibrate.members = 3;
  r.data_path = folder / "data.h5";
  r.checkpoint = folder / "last.safetensors";
  r.metrics_csv = folder / "metrics.csv";
  write_data(s, r.data_path);
  return r;
}

// A column of metrics.csv of one stage.
std::vector<double> column(const std::string& path, const std::string& name, const std::string& stage) {
  std::ifstream file(path);
  std::string line, cell;
  std::getline(file, line);
  std::vector<std::string> names;
  for (std::istringstream row(line); std::getline(row, cell, ',');) names.push_back(cell);
  std::vector<double> values;
  while (std::getline(file, line)) {
    if (line.find(stage) == std::string::npos) continue;
    std::istringstream row(line);
    for (size_t i = 0; std::getline(row, cell, ','); ++i)
      if (i < names.size() && names[i] == name) values.push_back(std::stod(cell));
  }
  return values;
}

void PrintTo(const Setting& s, std::ostream* out) {
  *out << s.name;
}

struct TrainsOn : testing::TestWithParam<Setting> {};
INSTANTIATE_TEST_SUITE_P(
    grids, TrainsOn,
    testing::Values(Setting{"reduced_wall_periodic", "reduced", 2, {16, 24}, "wall,periodic", {4, 4}},
                    Setting{"reduced_periodic_open", "reduced", 2, {16, 24}, "periodic,open", {4, 4}},
                    Setting{"paper_wall_periodic", "paper", 2, {16, 24}, "wall,periodic", {4, 4}},
                    Setting{"paper_open_wall", "paper", 2, {16, 24}, "open,wall", {4, 4}},
                    Setting{"paper_open_line", "paper", 1, {48}, "open", {6}},
                    Setting{"reduced_cube", "reduced", 1, {8, 8, 8}, "periodic,wall,open", {2, 2, 2}},
                    Setting{"paper_cube", "paper", 2, {8, 16, 8}, "wall,periodic,open", {2, 2, 2}}),
    [](const auto& info) { return info.param.name; });

TEST_P(TrainsOn, a_few_steps_and_predicts) {
  const Setting& s = GetParam();
  const TestFolder folder;
  const auto request = request_for(s, folder);
  const auto summary = train(request);
  const auto loss = column(folder / "metrics.csv", "loss", "elbo");
  ASSERT_GE(loss.size(), 2u);
  for (const double value : loss) EXPECT_TRUE(std::isfinite(value));
  EXPECT_LT(loss.back(), loss.front());
  EXPECT_GT(summary.best_score, 0);
  EXPECT_TRUE(std::isfinite(summary.best_score));

  const auto data = Dataset::open(request.data_path);
  ForecastRequest ask;
  ask.first = data.fields("test", 0, 0, 1);
  ask.mu = data.mu("test").narrow(0, 0, 1);
  ask.forcing = data.forcing("test").narrow(0, 0, 1).narrow(1, 0, 5);
  ask.dt = data.dt();
  ask.n_steps = 4;
  ask.members = 3;
  const auto forecast = ModelForecaster(summary.model, {}).forecast(ask);
  std::vector<int64_t> point = {1, 5, s.channels}, members = {3, 1, 5, s.channels};
  for (int64_t n : s.shape) point.push_back(n), members.push_back(n);
  EXPECT_EQ(forecast.point.sizes(), (at::IntArrayRef(point)));
  EXPECT_EQ(forecast.members.sizes(), (at::IntArrayRef(members)));
  EXPECT_TRUE(forecast.members.isfinite().all().item<bool>());
}

// A parameter that was constant in the run whose weights are taken, and varies now, counts now.
TEST(Training, from_another_run_sees_what_varies_now) {
  const Setting s = {"line", "paper", 1, {48}, "open", {6}};
  const TestFolder first, second;
  const auto source = train(request_for(s, first)).model;
  EXPECT_TRUE(is_constant(source->spec().seen.mu.at(0)));
  save_model(source, first.path());

  auto request = request_for(s, second);
  std::filesystem::remove(request.data_path);
  write_data(s, request.data_path, 0.5f);
  request.init_from = first.path();
  auto model = train(request).model;
  EXPECT_EQ(model->spec().seen.mu.at(0).low, 1);
  EXPECT_EQ(model->spec().seen.mu.at(0).high, 2);
  const auto outside = [&](float mu) {
    return model->drift->outside({torch::zeros({1, 1}), torch::full({1, 1}, mu), torch::zeros({1, 1})});
  };
  // Mean 1.5 and deviation sqrt(1/6) of 1, 1.5 and 2.
  EXPECT_NEAR((outside(2) - outside(1)).abs().max().item<double>(), std::sqrt(6), 1e-4);
}

const Setting kLine = {"line", "reduced", 1, {48}, "periodic", {6}};

TEST(Training, that_diverges_in_the_first_stage_tries_again_more_slowly) {
  const TestFolder folder;
  auto request = request_for(kLine, folder);
  request.model.frame = "fixed";  // where these data do diverge
  request.options.elbo.max_steps = 60;
  request.options.rollout.max_steps = 0;
  request.options.elbo.lr = request.options.elbo.lr_vectors = 30;
  train(request);
  const auto loss = column(folder / "metrics.csv", "loss", "elbo");
  EXPECT_LT(loss.back(), loss.front());
  const auto rate = column(folder / "metrics.csv", "learning_rate", "elbo");
  EXPECT_LT(*std::max_element(rate.begin(), rate.end()), 30 * .26);

  request.options.elbo.lr = request.options.elbo.lr_vectors = 1e30;
  EXPECT_THROW(train(request), NumericsError);
}

TEST(Training, that_diverges_in_roll_outs_tries_again_and_leaves_the_model_of_the_first_stage) {
  const TestFolder folder;
  auto request = request_for(kLine, folder);
  request.options.rollout.max_steps = 20;
  request.options.rollout.lr = request.options.rollout.lr_vectors = 1e30;
  request.on_solver_free = [&](const MultiscaleModel& model) { save_model(model, folder / "model"); };
  try {
    train(request);
    ADD_FAILURE() << "steps of 1e30 did not diverge";
  } catch (const NumericsError& error) {
    EXPECT_NE(std::string(error.what()).find("rollout.stride"), std::string::npos) << error.what();
  }
  EXPECT_GE(column(folder / "metrics.csv", "loss", "elbo").size(), 2u);
  auto model = load_model(folder / "model");  // finite, or it would be refused
  EXPECT_NEAR(model->integration_step.item<double>() * model->spec().units.time_scale, .2, 1e-6);

  // Where the first try alone goes too far, the stage ends as any other.
  request.options.rollout.lr = request.options.rollout.lr_vectors = 40;
  const auto summary = train(request);
  EXPECT_TRUE(std::isfinite(summary.best_score));
  EXPECT_LE(summary.best_score, summary.solver_free_score);
}

TEST(Training, that_forgets_what_it_had_reached_goes_back_and_on_more_slowly) {
  const TestFolder folder;
  auto request = request_for(kLine, folder);
  request.options.rollout.max_steps = 24;
  request.options.rollout.validate_every = 1;
  request.options.rollout.lr = request.options.rollout.lr_vectors = 3;
  const auto summary = train(request);
  EXPECT_LE(summary.best_score, summary.solver_free_score);
  const auto rate = column(folder / "metrics.csv", "learning_rate", "rollout");
  ASSERT_EQ(rate.size(), 24u);
  EXPECT_LT(rate[12], .3 * *std::max_element(rate.begin(), rate.begin() + 8));
}

TEST(Calibration, is_never_worse_than_the_point_prediction_nor_wider_than_the_climate) {
  const TestFolder folder;
  auto request = request_for(kLine, folder);
  auto model = train(request).model;
  const auto fit = calibrate(model, Dataset::open(request.data_path), request.options.calibrate, 3);
  EXPECT_LE(fit.crps, fit.point_error);
  EXPECT_GT(fit.crps, 0);
  EXPECT_EQ(fit.of_validation, 2);
  EXPECT_EQ(fit.of_training, 3);  // a model of few steps knows none of them by heart
  EXPECT_LE(fit.left_out, fit.left_out_without_spread);

  // Scores of other trajectories, as a checkpoint of another program may have them, are none of these.
  CalibrationScores of_others = {{"0 0 0 ", 0}, {"5+0 noise 0 0 0 ", 0}};
  const auto again =
      calibrate(model, Dataset::open(request.data_path), request.options.calibrate, 3, {&of_others});
  EXPECT_EQ(again.brief(), fit.brief());
  // Those that are known are not computed again.
  int computed = 0;
  calibrate(model, Dataset::open(request.data_path), request.options.calibrate, 3,
            {&of_others, [&] { ++computed; }});
  EXPECT_EQ(computed, 0);

  const TestFolder loud;  // a file that overstates its noise by a factor of 500
  request = request_for(kLine, loud);
  std::filesystem::remove(request.data_path);
  write_data(kLine, request.data_path, 0, 5);
  model = train(request).model;
  const auto none = calibrate(model, Dataset::open(request.data_path), request.options.calibrate, 3);
  EXPECT_EQ(none.crps, none.point_error);
  EXPECT_EQ(none.initial_scale, 0);
  EXPECT_EQ(none.macro_dispersion, 0);
  EXPECT_LT(model->observation_variance.max().item<double>(), 1e-10);
  EXPECT_NE(none.brief().find("no spread is better"), std::string::npos) << none.brief();
}

}  // namespace
}  // namespace msde
