#include "msde/run/fingerprint.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

using Change = std::function<void(Settings&)>;

std::string trained(const Change& change = [](Settings&) {}) {
  Settings settings;
  change(settings);
  return train_fingerprint(settings, "hash of the data");
}

// A run whose model file says `weights`.
RunLayout run_with(const std::string& folder, const std::string& weights) {
  const RunLayout run{folder};
  std::filesystem::create_directories(run.model());
  std::ofstream(run.model_file()) << weights;
  return run;
}

TEST(TrainFingerprint, ChangesWithWhatDecidesTheWeights) {
  const Change changes[] = {
      [](Settings& s) { s.model.n_eta = 4; },
      [](Settings& s) { s.model.preset = "paper"; },
      [](Settings& s) { s.train.elbo.lr *= 2; },
      [](Settings& s) { s.train.elbo.seed = 1; },
      [](Settings& s) { s.train.rollout.max_steps = 3; },
      [](Settings& s) { s.train.calibrate.members = 3; },
      [](Settings& s) { s.eval.n_steps = 7; },  // of the validation that keeps the best weights
      [](Settings& s) {
        s.data.split = {3, 2, 1};
      },
      [](Settings& s) { s.data.noise = .1; },
      [](Settings& s) { s.data.seed = 1; },
      [](Settings& s) { s.data.subtract = 1; },
      [](Settings& s) { s.data.crop = "x=0:8"; },
      [](Settings& s) { s.data.boundary = "open"; },
  };
  std::vector<std::string> seen = {trained()};
  for (const Change& change : changes) {
    seen.push_back(trained(change));
    for (size_t i = 0; i + 1 < seen.size(); ++i) EXPECT_NE(seen.back(), seen[i]) << seen.size() - 2;
  }
  EXPECT_NE(train_fingerprint({}, "hash of other data"), seen[0]);
}

TEST(TrainFingerprint, IsTheSameWhateverElseChanges) {
  const Change changes[] = {
      [](Settings& s) { s.data.path = "/elsewhere.h5"; },
      [](Settings& s) { s.data.memory = "1GiB"; },
      [](Settings& s) { s.data.generate.n_train = 3; },  // the hash of the data knows
      [](Settings& s) { s.train.checkpoint_every = {1}; },
      [](Settings& s) { s.eval.members = 3; },
      [](Settings& s) { s.log.every = {1}; },
  };
  for (const Change& change : changes) EXPECT_EQ(trained(change), trained());
}

TEST(TrainFingerprint, FollowsTheWeightsThatTrainingStartsFromNotTheirFolder) {
  const TestFolder folder;
  const auto from = [&](const std::string& name, const std::string& weights) {
    Settings settings;
    settings.init_from = run_with(folder / name, weights).root;
    return train_fingerprint(settings, "hash of the data");
  };
  EXPECT_EQ(from("a", "some"), from("b", "some"));
  EXPECT_NE(from("a", "some"), from("c", "others"));
  EXPECT_NE(from("a", "some"), trained());
}

TEST(EvaluationKey, ChangesWithModelDataSnapshotsAndMembersOnly) {
  const TestFolder folder;
  const auto run = run_with(folder / "a", "some");
  const Settings settings;
  const std::string key = evaluation_key(run, settings, "data");
  EXPECT_EQ(evaluation_key(run_with(folder / "b", "some"), settings, "data"), key);
  EXPECT_NE(evaluation_key(run_with(folder / "c", "others"), settings, "data"), key);
  EXPECT_NE(evaluation_key(run, settings, "other data"), key);
  Settings other = settings;
  other.eval.n_steps = 7;
  EXPECT_NE(evaluation_key(run, other, "data"), key);
  other = settings, other.eval.members = 3;
  EXPECT_NE(evaluation_key(run, other, "data"), key);
  other = settings, other.data.subtract = 1;
  EXPECT_NE(evaluation_key(run, other, "data"), key);
  other = settings, other.train.elbo.lr *= 2, other.data.path = "/elsewhere.h5", other.data.memory = "1GiB";
  EXPECT_EQ(evaluation_key(run, other, "data"), key);
}

}  // namespace
}  // namespace msde
