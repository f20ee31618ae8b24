#include "msde/run/manifest.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

Manifest example() {
  Manifest m;
  m.data_path = "/data/a \"b\".h5", m.data_hash = "12ab";
  m.train_fingerprint = "34cd", m.train_seconds = 1.5;
  m.solver_free_rel_l2 = .25, m.best_rel_l2 = .125;
  m.evaluation_key = "56ef";
  return m;
}

TEST(Manifest, ReadsBackWhatWasWritten) {
  const TestFolder folder;
  const RunLayout run{folder.path()};
  write_manifest(run, example());
  const Manifest m = read_manifest(run), expected = example();
  EXPECT_EQ(m.data_path, expected.data_path);
  EXPECT_EQ(m.data_hash, expected.data_hash);
  EXPECT_EQ(m.train_fingerprint, expected.train_fingerprint);
  EXPECT_EQ(m.train_seconds, expected.train_seconds);
  EXPECT_EQ(m.solver_free_rel_l2, expected.solver_free_rel_l2);
  EXPECT_EQ(m.best_rel_l2, expected.best_rel_l2);
  EXPECT_EQ(m.evaluation_key, expected.evaluation_key);
}

TEST(Manifest, SaysWhatProgramMadeIt) {
  const TestFolder folder;
  const RunLayout run{folder.path()};
  write_manifest(run, example());
  const auto json = nlohmann::json::parse(read_text(run.manifest()));
  EXPECT_EQ(json.at("schema"), 1);
  EXPECT_FALSE(json.at("environment").at("msde").get<std::string>().empty());
  EXPECT_FALSE(json.at("environment").at("LibTorch").get<std::string>().empty());
}

TEST(Manifest, IsEmptyWhereNothingWasDone) {
  const TestFolder folder;
  const Manifest m = read_manifest({folder.path()});
  EXPECT_EQ(m.data_path + m.data_hash + m.train_fingerprint + m.evaluation_key, "");
  EXPECT_LT(m.best_rel_l2, 0);
}

TEST(Manifest, RefusesADamagedOne) {
  const TestFolder folder;
  const RunLayout run{folder.path()};
  write_manifest(run, example());
  const std::string whole = read_text(run.manifest());
  auto other_type = nlohmann::json::parse(whole);
  other_type["train"]["seconds"] = "long";
  for (const std::string& text : {whole.substr(0, whole.size() / 2), std::string("{}"), std::string("[1]"),
                                  std::string(), other_type.dump()}) {
    std::ofstream(run.manifest()) << text;
    try {
      read_manifest(run);
      ADD_FAILURE() << "was read: " << text;
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find(run.manifest()), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace msde
