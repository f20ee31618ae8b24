#include "msde/run/run_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

class RunDirectoryTest : public testing::Test {
 protected:
  void put(const std::string& name) const {
    fs::create_directories(fs::path(run_ + "/" + name).parent_path());
    std::ofstream(run_ + "/" + name) << "x";
  }
  bool has(const std::string& name) const { return fs::exists(run_ + "/" + name); }
  std::string error_of(Existing existing, const Settings& settings = {}) const {
    try {
      RunDirectory(run_, settings, existing);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  }

  TestFolder scratch_;
  const std::string run_ = scratch_ / "deep/run";
};

TEST_F(RunDirectoryTest, StartsAndMarksARun) {
  Settings settings;
  settings.train.elbo.max_steps = 7;
  {
    const RunDirectory run(run_, settings, Existing::refuse);
    EXPECT_EQ(load_settings(run.layout().configuration(), {}).train.elbo.max_steps, 7);
    EXPECT_EQ(find_run(run_).model_file(), run_ + "/model/model.safetensors");
  }
  EXPECT_NE(error_of(Existing::refuse).find("--resume"), std::string::npos);
}

TEST_F(RunDirectoryTest, RefusesWhatIsNotEmpty) {
  put("notes.txt");
  EXPECT_NE(error_of(Existing::refuse).find("--force"), std::string::npos);
  EXPECT_FALSE(has(".lock"));
  EXPECT_FALSE(is_run(run_));
  EXPECT_THROW(find_run(run_), DataError);
  EXPECT_THROW(find_run(run_ + "/absent"), DataError);
}

TEST_F(RunDirectoryTest, RefusesAFile) {
  fs::create_directories(scratch_ / "deep");
  std::ofstream(run_) << "x";
  for (const auto existing : {Existing::refuse, Existing::resume, Existing::replace}) {
    EXPECT_NE(error_of(existing).find("is a file"), std::string::npos);
  }
  fs::remove(run_);
  fs::remove(scratch_ / "deep");
  std::ofstream(scratch_ / "deep") << "x";
  EXPECT_NE(error_of(Existing::refuse), "");
}

TEST_F(RunDirectoryTest, ResumeStartsAfreshWhereNothingWasSaved) {
  EXPECT_EQ(error_of(Existing::resume), "");
  fs::remove_all(run_);
  put("data/kdv_1d.h5.tmp-999999999");  // killed during generation
  put(".lock");
  EXPECT_EQ(error_of(Existing::resume), "");
  EXPECT_FALSE(has("data/kdv_1d.h5.tmp-999999999"));
}

TEST_F(RunDirectoryTest, ResumeNeedsTheSameConfiguration) {
  Settings settings;
  EXPECT_EQ(error_of(Existing::refuse, settings), "");
  settings.train.checkpoint_every = {1};
  settings.eval.members = 3;
  EXPECT_EQ(error_of(Existing::resume, settings), "");  // neither changes what is trained
  settings.model.n_eta = 3;
  settings.train.elbo.lr = 0.5;
  const std::string message = error_of(Existing::resume, settings);
  EXPECT_NE(message.find("model.n_eta = 5, got 3"), std::string::npos) << message;
  EXPECT_EQ(load_settings(run_ + "/config.resolved.toml", {}).model.n_eta, 5);
}

TEST_F(RunDirectoryTest, ForceRemovesOnlyWhatMsdeWrites) {
  EXPECT_EQ(error_of(Existing::refuse), "");
  const std::vector<std::string> own = {"manifest.json",    "metrics.csv",
                                        "data/kdv_1d.h5",   "model/model.safetensors",
                                        "model/model.json", "checkpoints/a.safetensors",
                                        "eval/metrics.json"};
  const std::vector<std::string> foreign = {"notes.txt", "data/mine.h5", "model/thesis.tex", "plots/a.png"};
  for (const auto& names : {own, foreign}) {
    for (const auto& name : names) put(name);
  }
  EXPECT_EQ(error_of(Existing::replace), "");
  for (const auto& name : own) EXPECT_FALSE(has(name)) << name;
  for (const auto& name : foreign) EXPECT_TRUE(has(name)) << name;
  EXPECT_TRUE(is_run(run_));
}

TEST_F(RunDirectoryTest, ForceTouchesNothingWhereNoRunIs) {
  put("data/kdv_1d.h5");
  put("eval/metrics.json");
  EXPECT_NE(error_of(Existing::replace).find("not a run"), std::string::npos);
  EXPECT_TRUE(has("data/kdv_1d.h5"));
  EXPECT_TRUE(has("eval/metrics.json"));
}

TEST_F(RunDirectoryTest, OneWriter) {
  const RunDirectory run(run_, {}, Existing::refuse);
  EXPECT_NE(error_of(Existing::resume).find("another msde process"), std::string::npos);
}

}  // namespace
}  // namespace msde
