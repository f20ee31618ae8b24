#include "msde/run/settings.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

TEST(Settings, EveryKeyThatScriptsRelyOn) {
  Settings settings;
  const OptionTable table = option_table(settings);
  for (const std::string key :
       {"case.name", "data.path", "data.generate.n_steps", "data.generate.n_train", "data.generate.n_val",
        "data.generate.n_test", "data.generate.noise_std", "data.generate.seed", "model.preset",
        "model.n_zeta", "model.n_eta", "model.n_sigma", "train.max_steps", "train.lr",
        "train.windows_per_step", "train.window", "rollout.max_steps", "checkpoint.every"}) {
    EXPECT_NO_THROW(table.find(key)) << key;
  }
  EXPECT_EQ(settings.data.path, "");
  for (const auto& option : table.options()) EXPECT_GT(option.notes.meaning.size(), 8u) << option.key;
}

// Defaults < defaults of the case < file < --set.
TEST(Settings, Precedence) {
  const TestFolder folder;
  const std::string path = folder / "run.toml";
  std::ofstream(path) << "case.name = \"wave_1d\"\ndata.generate.n_val = 3\ntrain.lr = 0.5\n";
  const Settings settings = load_settings(path, {"data.generate.n_test=2", "train.lr=0.25"});
  const GenerateOptions own = default_generate_options("wave_1d");
  EXPECT_EQ(settings.data.generate.n_train, own.n_train);
  EXPECT_EQ(settings.data.generate.noise_std, own.noise_std);
  EXPECT_EQ(settings.data.generate.n_val, 3);
  EXPECT_EQ(settings.data.generate.n_test, 2);
  EXPECT_EQ(settings.train.elbo.lr, 0.25);
}

TEST(Settings, KeysOfAnotherCaseAreRefused) {
  EXPECT_NO_THROW(load_settings("", {"case.name=cylinder_2d", "data.generate.n_beyond=0"}));
  for (const char* key : {"reynolds=[100]", "reynolds_val=100", "cells_per_diameter=20", "n_beyond=5"})
    EXPECT_THROW(load_settings("", {"case.name=wave_1d", std::string("data.generate.") + key}), ConfigError)
        << key;
  EXPECT_THROW(load_settings("", {"case.name=cylinder_2d", "data.generate.n_train=20"}), ConfigError);
}

TEST(Settings, ResolvedConfigurationReadsBack) {
  const TestFolder folder;
  const std::string path = folder / "config.resolved.toml";
  const Settings settings =
      load_settings("", {"case.name=my_data", "data.path=/x y.h5", "model.n_zeta=[4, 8]"});
  std::ofstream(path) << to_toml(settings);
  const Settings again = load_settings(path, {});
  EXPECT_EQ(to_toml(again), to_toml(settings));
  EXPECT_EQ(first_difference(settings, again, {""}), "");
  EXPECT_EQ(first_difference(settings, {}, {"model.", "data."}), "data.path");
  EXPECT_EQ(first_difference(settings, {}, {"model."}), "model.n_zeta");
}

}  // namespace
}  // namespace msde
