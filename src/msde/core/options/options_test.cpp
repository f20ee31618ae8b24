#include "msde/core/options/options.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

struct Example {
  std::string case_name = "kdv_1d";
  std::string path;
  int64_t seed = 42;
  double lr = 1e-3;
  bool deterministic = false;
  Duration every{600};
  std::vector<int64_t> n_zeta = {25};
  std::string preset = "reduced";
  std::vector<std::string> clock;
};

OptionTable describe(Example& example) {
  OptionTable table;
  table.add("case.name", &example.case_name, {"Name of the case"});
  table.add("data.path", &example.path, {"Dataset; empty: generate it"});
  table.add("data.generate.seed", &example.seed, {.meaning = "Seed", .min = 0});
  table.add("train.lr", &example.lr,
            {.meaning = "Learning rate", .unit = "1", .min = 0, .max = 1, .min_is_exclusive = true});
  table.add("train.deterministic", &example.deterministic, {"Same bits every time"});
  table.add("checkpoint.every", &example.every, {.meaning = "Interval", .min = 1});
  table.add("model.n_zeta", &example.n_zeta, {.meaning = "Coarse grid", .min = 1});
  table.add("model.preset", &example.preset, {.meaning = "Networks", .choices = {"paper", "reduced"}});
  table.add("data.clock", &example.clock, {.meaning = "What of the calendar", .choices = {"year", "day"}});
  return table;
}

class Options : public testing::Test {
 protected:
  void read(const std::string& toml) {
    std::ofstream(path_) << toml;
    table_.read_file(path_);
  }
  // The message of the ConfigError, which must be one line; "" if there is none.
  template <class Action>
  static std::string error_of(Action action) {
    try {
      action();
    } catch (const ConfigError& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return error.what();
    }
    return "";
  }
  std::string read_error(const std::string& toml) {
    const std::string message = error_of([&] { read(toml); });
    EXPECT_EQ(message.rfind(path_, 0), 0u) << message;
    return message.substr(std::min(message.size(), path_.size()));
  }
  std::string set_error(const std::string& assignment) {
    return error_of([&] { table_.set(assignment, "--set"); });
  }

  TestFolder folder_;
  const std::string path_ = folder_ / "run.toml";
  Example values_;
  OptionTable table_ = describe(values_);
};

TEST_F(Options, ReadsEveryType) {
  read(R"(
model = {n_zeta = [8, 16], preset = "paper"}
checkpoint.every = "1.5h"
[case]
name = "wave_1d"
[data.generate]
seed = 7
[train]
lr = 1
deterministic = true
)");
  EXPECT_EQ(values_.n_zeta, (std::vector<int64_t>{8, 16}));
  EXPECT_EQ(values_.preset, "paper");
  EXPECT_EQ(values_.every.seconds, 5400);
  EXPECT_EQ(values_.case_name, "wave_1d");
  EXPECT_EQ(values_.seed, 7);
  EXPECT_EQ(values_.lr, 1.0);
  EXPECT_TRUE(values_.deterministic);
}

TEST_F(Options, UnknownKeysNamePlaceAndNearest) {
  EXPECT_EQ(read_error("[train]\nlr = 0.1\nlrr = 0.2\n"),
            ":3:1: unknown key 'train.lrr' (did you mean 'train.lr'?)");
  EXPECT_EQ(values_.lr, 0.1);  // what came before is read: the caller stops anyway
  EXPECT_EQ(read_error("\n[trian]\nlr = 1\n"), ":3:1: unknown key 'trian.lr' (did you mean 'train.lr'?)");
  EXPECT_EQ(read_error("[banana]\n"), ":1:2: unknown key 'banana'; `msde config explain` lists every key");
  EXPECT_EQ(read_error("[train]\n lr.start = 1\n"), ":2:2: train.lr: got a table, expected float");
  EXPECT_EQ(read_error("data = 3\n"), ":1:1: 'data' is a section, not a key");
  EXPECT_EQ(read_error("zzz = 1\ndata.generate.seeed = 3\n"),
            ":1:1: unknown key 'zzz'; `msde config explain` lists every key");
}

TEST_F(Options, WrongTypesAndRanges) {
  EXPECT_EQ(read_error("[train]\nlr = \"fast\"\n"), ":2:1: train.lr: got string 'fast', expected float");
  EXPECT_EQ(read_error("train.lr = 0\n"), ":1:7: train.lr: got 0, expected above 0 to 1");
  EXPECT_NE(read_error("train.lr = nan\n"), "");
  EXPECT_NE(read_error("train.lr = inf\n"), "");
  EXPECT_NE(read_error("train.deterministic = 1\n"), "");
  EXPECT_NE(read_error("data.generate.seed = 1.5\n"), "");
  EXPECT_NE(read_error("data.generate.seed = -1\n"), "");
  EXPECT_NE(read_error("data.generate.seed = 9223372036854775808\n"), "");
  EXPECT_NE(read_error("model.n_zeta = [8, 0]\n"), "");
  EXPECT_NE(read_error("model.n_zeta = [8, \"a\"]\n"), "");
  EXPECT_NE(read_error("case.name = 3\n"), "");
  EXPECT_NE(read_error("checkpoint.every = \"soon\"\n"), "");
  EXPECT_NE(read_error("checkpoint.every = \"100\"\n[case]\nname = 07:32:00\n"), "");
  EXPECT_NE(read_error("model.preset = \"papre\"\n").find("did you mean 'paper'"), std::string::npos);
}

TEST_F(Options, BrokenOrMissingFiles) {
  EXPECT_EQ(read_error("[train\nlr = 1\n").rfind(":1:", 0), 0u);
  EXPECT_EQ(read_error("[train]\nlr = = 1\n").rfind(":2:", 0), 0u);
  EXPECT_EQ(read_error("a = 1\na = 2\n").rfind(":2:", 0), 0u);
  EXPECT_NE(read_error(std::string("\xff\xfe\0x", 4)), "");
  EXPECT_NE(read_error(std::string("\x89HDF\r\n\x1a\n", 8)), "");
  std::filesystem::remove(path_);
  EXPECT_NE(error_of([&] { table_.read_file(path_); }), "");
  EXPECT_NE(error_of([&] { table_.read_file(folder_.path()); }), "");
}

TEST_F(Options, SetOverridesAndTakesBareStrings) {
  read("[train]\nlr = 0.5\n");
  table_.set("train.lr=0.25", "--set");
  EXPECT_EQ(values_.lr, 0.25);
  for (const auto& [text, expected] :
       std::vector<std::pair<std::string, std::string>>{{"/x.h5", "/x.h5"},
                                                        {"\"/y z.h5\"", "/y z.h5"},
                                                        {"2024", "2024"},
                                                        {"", ""},
                                                        {"a=b", "a=b"},
                                                        {"true", "true"},
                                                        {"1\nseed = 3", "1\nseed = 3"}}) {
    table_.set("data.path=" + text, "--set");
    EXPECT_EQ(values_.path, expected);
  }
  table_.set(" checkpoint.every = 2s", "--set");
  EXPECT_EQ(values_.every.seconds, 2);
  table_.set("checkpoint.every=30", "--set");
  EXPECT_EQ(values_.every.seconds, 30);
  table_.set("model.n_zeta=12", "--set");
  EXPECT_EQ(values_.n_zeta, std::vector<int64_t>{12});
  EXPECT_EQ(values_.seed, 42);
}

TEST_F(Options, SetErrorsNameTheirOrigin) {
  EXPECT_EQ(set_error("train.lrr=1"),
            "--set train.lrr=1: unknown key 'train.lrr' (did you mean 'train.lr'?)");
  EXPECT_EQ(set_error("train.lr"), "--set train.lr: expected key=value");
  EXPECT_EQ(set_error("train.lr=fast"), "--set train.lr=fast: train.lr: got string 'fast', expected float");
  EXPECT_EQ(set_error("lr=1"), "--set lr=1: unknown key 'lr' (did you mean 'train.lr'?)");
}

TEST_F(Options, ResolvedConfigurationReadsBack) {
  values_ = {"wave_1d", "a \"b\"\\c\t\x01 \xc3\xbc", -(int64_t{1} << 62), 0.1 + 0.2, true, {5401.25}, {},
             "paper"};
  values_.seed = int64_t{1} << 62;
  const std::string toml = table_.to_toml();
  EXPECT_NE(toml.find("# Learning rate [1]\nlr = "), std::string::npos) << toml;
  Example again;
  OptionTable table = describe(again);
  std::ofstream(path_) << toml;
  table.read_file(path_);
  EXPECT_EQ(again.path, values_.path);
  EXPECT_EQ(again.seed, values_.seed);
  EXPECT_EQ(again.lr, values_.lr);
  EXPECT_EQ(again.every.seconds, values_.every.seconds);
  EXPECT_EQ(again.n_zeta, values_.n_zeta);
  EXPECT_EQ(table.to_toml(), toml);
  EXPECT_EQ(table.find("train.lr").default_value, "0.001");
  EXPECT_THROW(table.find("train"), ConfigError);
}

TEST(Duration, ReadsAndWrites) {
  for (const auto& [text, seconds] : std::vector<std::pair<std::string, double>>{{"30s", 30},
                                                                                 {"10m", 600},
                                                                                 {"10min", 600},
                                                                                 {"1.5h", 5400},
                                                                                 {"2d", 172800},
                                                                                 {"12", 12},
                                                                                 {"0.25s", 0.25}}) {
    EXPECT_EQ(parse_duration(text).seconds, seconds) << text;
    EXPECT_EQ(parse_duration(to_string(parse_duration(text))).seconds, seconds) << text;
  }
  EXPECT_EQ(to_string(Duration{5400}), "90m");
  EXPECT_EQ(to_string(Duration{7200}), "2h");
  EXPECT_EQ(to_string(Duration{0}), "0s");
  for (const std::string text : {"", "s", "10x", "-3s", "nan", "inf", "1 h", "1h30m"}) {
    EXPECT_THROW(parse_duration(text), ConfigError) << text;
  }
}

TEST_F(Options, ListsOfStringsAreReadSetAndWritten) {
  read("[data]\nclock = [\"year\", \"day\"]\n");
  EXPECT_EQ(values_.clock, (std::vector<std::string>{"year", "day"}));
  EXPECT_NE(table_.to_toml().find("clock = [\"year\", \"day\"]\n"), std::string::npos);
  table_.set("data.clock=day", "--set");
  EXPECT_EQ(values_.clock, std::vector<std::string>{"day"});
  table_.set("data.clock=[]", "--set");
  EXPECT_TRUE(values_.clock.empty());
  EXPECT_EQ(OptionTable::type_name(table_.find("data.clock")), "list of strings");
  for (const char* wrong :
       {"data.clock=month", "data.clock=[\"day\", \"dya\"]", "data.clock=[1]", "data.clock=year,day"})
    EXPECT_NE(error_of([&] { table_.set(wrong, "--set"); }), "") << wrong;
}

}  // namespace
}  // namespace msde
