// From a configuration to scores and forecasts as a user of the library calls it.
#include "msde/run/pipeline.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/run/manifest.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

Settings tiny() {
  return load_settings(
      "", {"case.name=wave_1d", "data.generate.n_steps=101", "data.generate.n_train=2",
           "data.generate.n_val=1", "data.generate.n_test=2", "train.max_steps=3", "rollout.max_steps=2",
           "rollout.horizon_start=8", "rollout.horizon_end=8", "rollout.stride=4", "rollout.stride_min=4",
           "rollout.trajectories_per_step=2", "train.windows_per_step=2", "train.window=16",
           "calibrate.members=3", "calibrate.n_steps=11", "eval.members=3"});
}

TEST(Pipeline, TrainsEvaluatesAndPredictsFromAConfiguration) {
  const TestFolder folder;
  const OpenedRun run = open_run({.folder = folder / "run", .settings = tiny(), .to_be_evaluated = true});
  ensure_trained(run.layout, run.settings, run.training);
  EXPECT_TRUE(fs::exists(run.layout.model_file()));
  const Manifest trained = read_manifest(run.layout);
  EXPECT_EQ(trained.data_path, run.layout.data("wave_1d"));

  const auto scores = ensure_evaluated(run.layout, run.settings, {});
  EXPECT_EQ(scores.at("case"), "wave_1d");
  EXPECT_GT(scores.at("metrics").at("rel_l2").at("mean").get<double>(), 0);
  EXPECT_TRUE(fs::exists(run.layout.scores()));
  EXPECT_NE(read_manifest(run.layout).evaluation_key, "");

  const auto path = predict_run(run.layout, run.settings, {.members = 2}, folder / "forecast");
  EXPECT_EQ(path, folder / "forecast/forecast.h5");
  const auto file = hdf5::File::open(path);
  EXPECT_EQ(file.shape("point"), (hdf5::Shape{2, 101, 1, 1000}));
  EXPECT_EQ(file.shape("members"), (hdf5::Shape{2, 2, 101, 1, 1000}));

  // What is finished is not done again, also where only paths and saving are others.
  const auto written = fs::last_write_time(run.layout.model_file());
  Settings again = run.settings;
  again.train.checkpoint_every = {1};
  ensure_trained(run.layout, again, run.training);
  EXPECT_EQ(fs::last_write_time(run.layout.model_file()), written);
  EXPECT_EQ(ensure_evaluated(run.layout, again, {}), scores);
}

TEST(Pipeline, MakesNothingOnDiskBeforeAllIsChecked) {
  const TestFolder folder;
  const auto refuse = [&](const std::string& assignment, auto expected_error) {
    Settings settings = tiny();
    option_table(settings).set(assignment, "test");
    EXPECT_THROW(open_run({.folder = folder / "run", .settings = settings}), decltype(expected_error))
        << assignment;
    EXPECT_FALSE(fs::exists(folder / "run")) << assignment;
  };
  refuse("data.path=" + folder / "absent.h5", DataError(""));
  refuse("train.init_from=" + folder / "absent", DataError(""));
  refuse("case.name=unknown", ConfigError(""));
  refuse("model.n_zeta=[5000]", ConfigError(""));
}

TEST(Pipeline, RefusesToClearAFolderThatHoldsWhatItReads) {
  const TestFolder folder;
  { open_run({.folder = folder / "run", .settings = tiny()}); }
  Settings settings = tiny();
  settings.init_from = folder / "run";
  EXPECT_THROW(open_run({.folder = folder / "run", .settings = settings, .existing = Existing::replace}),
               Error);
  EXPECT_TRUE(is_run(folder / "run"));
}

TEST(Pipeline, PredictsAndScoresOnlyWithATrainedModel) {
  const TestFolder folder;
  const OpenedRun run = open_run({.folder = folder / "run", .settings = tiny()});
  EXPECT_THROW(evaluate_run(run.layout, run.settings, {}), DataError);
  EXPECT_THROW(predict_run(run.layout, run.settings, {}, folder / "forecast"), DataError);
  EXPECT_THROW(predict_run(run.layout, run.settings, {.scheme = Scheme::rk4}, folder / "forecast"),
               ConfigError);
  EXPECT_FALSE(fs::exists(folder / "forecast"));
}

}  // namespace
}  // namespace msde
