#include "msde/field/dataset.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <thread>

#include "msde/core/error.hpp"
#include "msde/core/files/hdf5.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;
using Values = std::pair<hdf5::Shape, std::vector<float>>;
using Datasets = std::map<std::string, Values>;
using Write = std::function<void(hdf5::File&)>;

Values filled(const hdf5::Shape& shape, const std::function<double(int64_t)>& value) {
  int64_t n = 1;
  for (const int64_t length : shape) n *= length;
  std::vector<float> values;
  for (int64_t i = 0; i < n; ++i) values.push_back(static_cast<float>(value(i)));
  return {shape, values};
}

// N trajectories of T snapshots; x counts 0, 1, 2, ... in C order.
void add_split(Datasets& datasets, const std::string& split, int64_t N, int64_t T,
               const hdf5::Shape& snapshot = {1, 4}) {
  hdf5::Shape x = {N, T};
  x.insert(x.end(), snapshot.begin(), snapshot.end());
  const auto count = [](int64_t i) { return static_cast<double>(i); };
  datasets[split + "_x"] = filled(x, count);
  datasets[split + "_x_clean"] = filled(x, [](int64_t i) { return -static_cast<double>(i); });
  datasets[split + "_t"] = filled({N, T}, [&](int64_t i) { return .1 * static_cast<double>(i % T); });
  datasets[split + "_mu"] = filled({N, 2}, count);
  datasets[split + "_f"] = filled({N, T, 3}, count);
}

Datasets valid() {
  Datasets datasets;
  add_split(datasets, "train", 3, 5);
  add_split(datasets, "val", 2, 5);
  add_split(datasets, "test", 1, 7);
  return datasets;
}

class DatasetTest : public testing::Test {
 protected:
  fs::path folder = fs::path(testing::TempDir()) / ("dataset." + std::to_string(getpid()));
  std::string path = (folder / "data.h5").string();
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }

  Dataset open(const Datasets& datasets, const Write& more = {}) {
    write(datasets, more);
    return Dataset::open(path);
  }
  void write(const Datasets& datasets, const Write& more = {}) {
    auto file = hdf5::File::create(path);
    for (const auto& [name, values] : datasets) file.write<float>(name, values.first, values.second);
    if (more) more(file);
    file.close();
  }
  // Opening (and reading) must end in one line that names the file and `mentions`.
  void refuse(const std::vector<std::string>& mentions) {
    try {
      Dataset::open(path).check_values();
      ADD_FAILURE() << "accepted; expected an error with " << mentions.front();
    } catch (const DataError& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find(path), std::string::npos) << text;
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
      for (const auto& word : mentions)
        EXPECT_NE(text.find(word), std::string::npos) << "no '" << word << "' in: " << text;
    }
  }
  void refuse(const std::function<void(Datasets&)>& change, const std::vector<std::string>& mentions) {
    auto datasets = valid();
    change(datasets);
    write(datasets);
    refuse(mentions);
  }
};

TEST_F(DatasetTest, ReadsWhatWasWrittenWithoutAttributes) {
  const auto data = open(valid());
  data.check_values();
  EXPECT_EQ(data.path(), path);
  EXPECT_EQ(data.grid().channels, 1);
  EXPECT_EQ(data.grid().shape, std::vector<int64_t>{4});
  EXPECT_EQ(data.grid().length, std::vector<double>{1});
  EXPECT_EQ(data.grid().boundary, std::vector<AxisEnds>{Boundary::periodic});
  EXPECT_EQ(data.grid().axes, std::vector<std::string>{"x"});
  EXPECT_EQ(data.case_name(), "");
  EXPECT_FALSE(data.noise_std());
  EXPECT_FALSE(data.seed());
  EXPECT_NEAR(data.dt(), .1, 1e-8);
  EXPECT_EQ(data.n_mu(), 2);
  EXPECT_EQ(data.n_f(), 3);
  EXPECT_EQ(data.split("test").n_trajectories, 1);
  EXPECT_EQ(data.split("test").n_snapshots, 7);
  EXPECT_TRUE(data.split("test").has_clean);
  // Trajectory 2 begins after 2 * 5 snapshots of 4 values.
  const auto expected = (torch::arange(8) + 4 * (2 * 5 + 3)).view({2, 1, 4}).to(torch::kFloat);
  EXPECT_TRUE(torch::equal(data.fields("train", 2, 3, 2), expected));
  EXPECT_TRUE(torch::equal(data.clean_fields("train", 2, 3, 2), -expected));
  EXPECT_EQ(data.times("val").sizes(), (std::vector<int64_t>{2, 5}));
  EXPECT_EQ(data.times("val").dtype(), torch::kDouble);
  EXPECT_EQ(data.times("val")[1][3].item<double>(), .3f);
  EXPECT_EQ(data.mu("val")[1][0].item<float>(), 2);
  EXPECT_EQ(data.forcing("test")[0][6][2].item<float>(), 20);
}

TEST_F(DatasetTest, ReadsAttributes) {
  const auto data = open(valid(), [](hdf5::File& file) {
    file.set_attribute("/", "case", std::string("kdv_1d"));
    file.set_attribute("/", "length", std::vector<double>{10});
    file.set_attribute("/", "boundary", std::string("wall"));
    file.set_attribute("/", "axes", std::string("r"));
    file.set_attribute("/", "noise_std", .01);
    file.set_attribute("/", "seed", int64_t{7});
  });
  EXPECT_EQ(data.case_name(), "kdv_1d");
  EXPECT_EQ(data.grid().length, std::vector<double>{10});
  EXPECT_EQ(data.grid().boundary, std::vector<AxisEnds>{Boundary::wall});
  EXPECT_EQ(data.grid().axes, std::vector<std::string>{"r"});
  EXPECT_EQ(data.noise_std(), .01);
  EXPECT_EQ(data.seed(), 7);
}

TEST_F(DatasetTest, ReadsEndsThatDiffer) {
  const auto with = [&](const std::string& words) {
    return open(valid(), [&](hdf5::File& file) { file.set_attribute("/", "boundary", words); }).grid();
  };
  EXPECT_EQ(with("wall:open").boundary, (std::vector<AxisEnds>{{Boundary::wall, Boundary::open}}));
  EXPECT_EQ(with("open:wall").boundary, (std::vector<AxisEnds>{{Boundary::open, Boundary::wall}}));
  EXPECT_THROW(with("wall:periodic"), DataError);
  EXPECT_THROW(with("wall:"), DataError);
}

TEST_F(DatasetTest, ReadsTwoAxesAndSeveralChannels) {
  Datasets datasets;
  add_split(datasets, "test", 2, 3, {2, 3, 5});
  const auto data = open(datasets, [](hdf5::File& file) {
    file.set_attribute("/", "length", std::vector<double>{3, 5});
    file.set_attribute("/", "boundary", std::string("periodic, wall"));
  });
  EXPECT_EQ(data.grid().channels, 2);
  EXPECT_EQ(data.grid().shape, (std::vector<int64_t>{3, 5}));
  EXPECT_EQ(data.grid().length, (std::vector<double>{3, 5}));
  EXPECT_EQ(data.grid().boundary, (std::vector<AxisEnds>{Boundary::periodic, Boundary::wall}));
  EXPECT_EQ(data.grid().axes, (std::vector<std::string>{"y", "x"}));
  EXPECT_EQ(data.grid().size(), 30);
  EXPECT_EQ(data.fields("test", 1, 0, 3).sizes(), (std::vector<int64_t>{3, 2, 3, 5}));
  EXPECT_FALSE(data.has_split("train"));
  EXPECT_THROW(data.split("train"), DataError);
  EXPECT_THROW(data.fields("test", 2, 0, 1), DataError);
  EXPECT_THROW(data.fields("test", 0, 2, 2), DataError);
}

TEST_F(DatasetTest, AbsentParametersAndForcingAreZeroColumns) {
  auto datasets = valid();
  for (const auto* split : {"train", "val", "test"}) {
    for (const auto* part : {"_mu", "_f", "_x_clean"}) datasets.erase(std::string(split) + part);
  }
  const auto data = open(datasets);
  data.check_values();
  EXPECT_EQ(data.n_mu(), 0);
  EXPECT_EQ(data.n_f(), 0);
  EXPECT_EQ(data.mu("train").sizes(), (std::vector<int64_t>{3, 0}));
  EXPECT_EQ(data.forcing("train").sizes(), (std::vector<int64_t>{3, 5, 0}));
  EXPECT_FALSE(data.split("train").has_clean);
  EXPECT_THROW(data.clean_fields("train", 0, 0, 1), DataError);
}

TEST_F(DatasetTest, ResultsAreCopies) {
  const auto data = open(valid());
  data.fields("train", 0, 0, 5).zero_();
  data.times("train").zero_();
  EXPECT_EQ(data.fields("train", 0, 4, 1).flatten()[3].item<float>(), 19);
  EXPECT_NEAR(data.times("train")[0][4].item<double>(), .4, 1e-7);
}

TEST_F(DatasetTest, ThreadsMayReadAtOnce) {
  const auto data = open(valid());
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int k = 0; k < 4; ++k) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        wrong +=
            data.fields("train", i % 3, 0, 1).flatten()[0].item<float>() != static_cast<float>(20 * (i % 3));
        wrong += data.clean_fields("val", i % 2, 0, 1).flatten()[1].item<float>() !=
                 static_cast<float>(-20 * (i % 2) - 1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(DatasetTest, LargeSplitsAreReadBySlabs) {
  // 600 MiB by the header; the file is sparse, so that it costs no disk. More than the cache may hold.
  const int64_t n = 1 << 20;
  auto file = hdf5::File::create(path);
  file.create_dataset<float>("train_x", {3, 50, 1, n});
  file.write<float>("train_t", {3, 50},
                    filled({3, 50}, [](int64_t i) { return static_cast<double>(i % 50); }).second);
  const std::vector<float> row(n, 3.f);
  file.write<float>("train_x", {{1, 7, 0, 0}, {1, 1, 1, n}}, row.data());
  file.close();
  const auto data = Dataset::open(path);
  EXPECT_EQ(data.fields("train", 1, 7, 1).mean().item<float>(), 3);
  EXPECT_EQ(data.fields("train", 1, 8, 1).sum().item<float>(), 0);
}

// --- bad files ------------------------------------------------------------------------------------------

TEST_F(DatasetTest, RefusesFilesThatAreNotDatasets) {
  refuse({"data.h5"});  // missing
  std::ofstream(path).close();
  refuse({"data.h5"});  // empty
  std::ofstream(path) << "not HDF5";
  refuse({"data.h5"});
  write({});
  refuse({"train_x"});
  write(valid());
  for (const double part : {.2, .5, .95}) {
    write(valid());
    fs::resize_file(path, static_cast<uintmax_t>(part * static_cast<double>(fs::file_size(path))));
    refuse({"data.h5"});
  }
  fs::remove(path);
  fs::create_directory(path);
  refuse({"data.h5"});
}

TEST_F(DatasetTest, RefusesWrongShapes) {
  refuse([](auto& d) { d.erase("val_x"); }, {"val_x", "missing"});
  refuse([](auto& d) { d.erase("val_t"); }, {"val_t", "missing"});
  refuse([](auto& d) { d["train_x"].first = {3, 5, 4}; }, {"train_x", "got 3 axes", "at least 4"});
  refuse([](auto& d) { d["train_x"] = {{0, 5, 1, 4}, {}}; }, {"train_x", "[0, 5, 1, 4]", "at least one"});
  refuse([](auto& d) { d["train_x"] = {{3, 5, 1, 0}, {}}; }, {"train_x", "[3, 5, 1, 0]"});
  refuse([](auto& d) { add_split(d, "train", 3, 1); }, {"train_x", "1 snapshot", "at least 2"});
  refuse(
      [](auto& d) {
        d["train_t"] = filled({3, 4}, [](int64_t i) { return i % 4; });
      },
      {"train_t", "got shape [3, 4]", "[3, 5]"});
  refuse([](auto& d) { d["train_t"] = filled({4}, [](int64_t i) { return i; }); },
         {"train_t", "got shape [4]", "[5]"});
  refuse(
      [](auto& d) {
        d["train_mu"] = filled({2, 2}, [](int64_t) { return 0; });
      },
      {"train_mu", "[2, 2]", "[3, any]"});
  refuse(
      [](auto& d) {
        d["train_f"] = filled({3, 4, 3}, [](int64_t) { return 0; });
      },
      {"train_f", "[3, 4, 3]", "[3, 5, any]"});
  refuse(
      [](auto& d) {
        d["val_x_clean"] = filled({2, 5, 1, 3}, [](int64_t) { return 0; });
      },
      {"val_x_clean", "[2, 5, 1, 3]"});
}

TEST_F(DatasetTest, RefusesSplitsThatDisagree) {
  refuse([](auto& d) { add_split(d, "val", 2, 5, {1, 6}); }, {"val_x", "[1, 6]", "[1, 4]", "train_x"});
  refuse(
      [](auto& d) {
        d["test_mu"] = filled({1, 1}, [](int64_t) { return 0; });
      },
      {"test_mu", "got 1", "expected 2"});
  refuse([](auto& d) { d.erase("test_f"); }, {"test_f", "got 0", "expected 3"});
  refuse(
      [](auto& d) {
        for (auto& t : d["test_t"].second) t *= 2;
      },
      {"test_t", "0.2", "0.1", "train_t"});
}

TEST_F(DatasetTest, RefusesBadTimes) {
  refuse([](auto& d) { std::swap(d["val_t"].second[6], d["val_t"].second[7]); },
         {"val_t", "trajectory 1, snapshot", "0.2"});
  refuse([](auto& d) { std::reverse(d["train_t"].second.begin(), d["train_t"].second.end()); },
         {"train_t", "increasing"});
  refuse([](auto& d) { d["train_t"].second[1] = d["train_t"].second[0]; },
         {"train_t", "trajectory 0, snapshot 1", "increasing"});
  refuse([](auto& d) { d["train_t"].second[8] = std::nanf(""); },
         {"train_t", "trajectory 1, snapshot 3", "nan", "finite"});
}

TEST_F(DatasetTest, UnequalTimesAreReadAsTheyAreAndTheirUnitIsTheMeanSpacingOfTraining) {
  auto datasets = valid();  // train [3, 5], spacing .1
  datasets["train_t"].second[4] += .3f;
  const auto data = open(datasets);
  EXPECT_FALSE(data.equal_times());
  EXPECT_NEAR(data.dt(), (.7 + .4 + .4) / 12, 1e-6);
  EXPECT_NEAR(data.times("train")[0][4].item<double>(), .7, 1e-6);
  EXPECT_NEAR(data.first_times("train", 0, 5)[4], .7, 1e-6);
  EXPECT_NEAR(data.in({.time_scale = 2}).dt(), (.7 + .4 + .4) / 24, 1e-6);
}

TEST_F(DatasetTest, UnequalTimesOfTestAloneLeaveTheUnitOfTraining) {
  auto datasets = valid();
  for (auto& t : datasets["test_t"].second) t *= t + 1;
  const auto data = open(datasets);
  EXPECT_FALSE(data.equal_times());
  EXPECT_NEAR(data.dt(), .1, 1e-6);
}

TEST_F(DatasetTest, RefusesNonFiniteValues) {
  const auto nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  refuse([&](auto& d) { d["train_x"].second[2 * 20 + 3 * 4 + 1] = inf; },
         {"train_x", "trajectory 2, snapshot 3", "inf"});
  refuse([&](auto& d) { d["test_x"].second[4 * 6] = -inf; }, {"test_x", "trajectory 0, snapshot 6", "-inf"});
  refuse([&](auto& d) { d["val_x_clean"].second[21] = inf; },
         {"val_x_clean", "trajectory 1, snapshot 0", "inf"});
  refuse([&](auto& d) { d["val_mu"].second[3] = nan; }, {"val_mu", "trajectory 1", "nan"});
  refuse([&](auto& d) { d["val_f"].second[15 + 3 * 2 + 1] = nan; },
         {"val_f", "trajectory 1, snapshot 2", "nan"});
}

TEST_F(DatasetTest, NaNIsAMissingValueButNotAllOfASnapshot) {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  auto datasets = valid();
  datasets["train_x"].second[2 * 20 + 3 * 4 + 1] = datasets["test_x"].second[4 * 6] = nan;
  {
    const auto data = open(datasets);
    EXPECT_EQ(data.check_values().values, 2);
    EXPECT_FLOAT_EQ(data.share_seen("train", 2, 3, 1)[0].item<float>(), .75f);
    const auto filled = data.filled([](const torch::Tensor& x) { return x.nan_to_num(7.); });
    EXPECT_EQ(filled.fields("train", 2, 3, 1).flatten()[1].item<float>(), 7);
    EXPECT_EQ(filled.in({.centre = {1}, .scale = {2}}).fields("train", 2, 3, 1).flatten()[1].item<float>(),
              3);
    EXPECT_TRUE(filled.fields("val", 0, 0, 1).equal(data.fields("val", 0, 0, 1)));
    EXPECT_FLOAT_EQ(filled.share_seen("train", 2, 3, 1)[0].item<float>(), .75f);
  }
  for (int i = 0; i < 4; ++i) datasets["train_x"].second[2 * 20 + 3 * 4 + i] = nan;
  write(datasets);
  refuse({"train_x", "trajectory 2, snapshot 3", "every value is missing"});
}

TEST_F(DatasetTest, LargeFiniteValuesAreFinite) {
  auto datasets = valid();
  for (auto& value : datasets["train_x"].second) value = 9e36f;
  EXPECT_NO_THROW(open(datasets).check_values());
}

TEST_F(DatasetTest, RefusesBadAttributes) {
  const auto bad = [&](const std::string& name, auto value, const std::vector<std::string>& mentions) {
    write(valid(), [&](hdf5::File& file) { file.set_attribute("/", name, value); });
    refuse(mentions);
  };
  bad("length", std::vector<double>{1, 2}, {"length", "got 2 values", "expected 1"});
  bad("length", -1., {"length", "positive"});
  bad("boundary", std::string("slippery"),
      {"boundary", "slippery", "periodic, wall, open, inflow or outflow"});
  bad("axes", std::string("y,x"), {"axes", "got 2"});
  bad("noise_std", -1., {"noise_std", "-1"});
  bad("seed", 1.5, {"seed", "1.5", "integer"});
  bad("noise_std", std::string("small"), {"noise_std"});
}

TEST_F(DatasetTest, RefusesAGroupInPlaceOfADataset) {
  auto datasets = valid();
  datasets.erase("train_x");
  write(datasets, [](hdf5::File& file) { file.write<float>("train_x/inner", {1}, {0}); });
  refuse({"train_x", "group"});
}

// One series of 10 snapshots of 2 channels on 3 points, without the axis of trajectories.
class OneSeries : public DatasetTest {
 protected:
  // A file of its own each time: others may still be open.
  void write(const Datasets& datasets) {
    path = (folder / fmt::format("series{}.h5", ++files_)).string();
    DatasetTest::write(datasets);
  }
  static Datasets series(const std::string& prefix = "") {
    const auto count = [](int64_t i) { return static_cast<double>(i); };
    return {{prefix + "x", filled({10, 2, 3}, count)},
            {prefix + "t", filled({10}, [](int64_t i) { return 1 + .5 * static_cast<double>(i); })},
            {prefix + "mu", filled({2}, count)},
            {prefix + "f", filled({10, 1}, count)}};
  }
  Dataset cut(const DataView& view) { return write(series()), Dataset::open(path, {.view = view}); }
  static std::vector<float> values(const torch::Tensor& x) {
    const auto flat = x.flatten().contiguous();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
  }
  static std::string refusal(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

 private:
  int files_ = 0;
};

TEST_F(OneSeries, is_one_trajectory) {
  write(series());
  const auto data = Dataset::open(path, {.view = {.split = {1, 0, 0}}});
  EXPECT_EQ(data.split("train").n_trajectories, 1);
  EXPECT_EQ(data.split("train").n_snapshots, 10);
  EXPECT_EQ(data.grid().channels, 2);
  EXPECT_EQ(data.grid().shape, (std::vector<int64_t>{3}));
  EXPECT_EQ(values(data.fields("train", 0, 4, 1)), (std::vector<float>{24, 25, 26, 27, 28, 29}));
  EXPECT_EQ(values(data.mu("train")), (std::vector<float>{0, 1}));
  EXPECT_EQ(values(data.forcing("train"))[9], 9);
  EXPECT_NEAR(data.dt(), .5, 1e-12);
  write(series("train_"));
  EXPECT_EQ(Dataset::open(path).split("train").n_snapshots, 10);
  write({{"x", filled({10, 3}, [](int64_t i) { return i; })},
         {"t", filled({10}, [](int64_t i) { return i; })}});
  const auto plain = Dataset::open(path, {.view = {.split_time = "6,8"}});
  EXPECT_EQ(plain.grid().channels, 1);
  EXPECT_EQ(values(plain.fields("val", 0, 1, 1)), (std::vector<float>{21, 22, 23}));
}

TEST_F(OneSeries, times_of_all_trajectories_may_be_stored_once) {
  write({{"x", filled({3, 5, 1, 4}, [](int64_t i) { return i; })},
         {"t", filled({5}, [](int64_t i) { return i; })}});
  const auto data = Dataset::open(path, {.view = {.split = {2, 0, 1}}});
  EXPECT_EQ(data.split("train").n_trajectories, 2);
  EXPECT_TRUE(data.times("train")[1].equal(torch::arange(5, torch::kDouble)));
  write({{"x", filled({5, 5, 1, 4}, [](int64_t i) { return i; })},
         {"t", filled({5}, [](int64_t i) { return i; })}});
  EXPECT_NE(refusal([&] {
              Dataset::open(path, {.view = {.split = {2, 0, 1}}});
            }).find("write it as [N, T]"),
            std::string::npos);
}

TEST_F(OneSeries, is_cut_in_time) {
  for (const char* where : {"6,8", "t=4,5", "t=3.9999, 4.75"}) {
    const auto data = cut({.split_time = where});
    EXPECT_EQ(data.split("train").n_snapshots, 6) << where;
    EXPECT_EQ(data.split("val").n_snapshots, 2) << where;
    EXPECT_EQ(data.split("test").n_snapshots, 2) << where;
    EXPECT_EQ(values(data.fields("test", 0, 0, 1))[0], 48) << where;
    EXPECT_NEAR(data.times("val")[0][0].item<double>(), 4, 1e-9) << where;
    EXPECT_EQ(values(data.forcing("val")), (std::vector<float>{6, 7})) << where;
    EXPECT_EQ(values(data.mu("test")), (std::vector<float>{0, 1})) << where;
  }
  EXPECT_FALSE(cut({.split_time = "5,10"}).has_split("test"));
  EXPECT_NE(cut({.split_time = "6,8"}).place("test", 0, 1, false).find("snapshot 9"), std::string::npos);
}

TEST_F(OneSeries, has_several_starts_in_validation_and_test) {
  const auto data = cut({.split_time = "3,5", .start_every = 1, .start_length = 3});
  EXPECT_EQ(data.split("train").n_trajectories, 1);
  EXPECT_EQ(data.split("val").n_trajectories, 1);  // of two snapshots: no room for three
  EXPECT_EQ(data.split("val").n_snapshots, 2);
  EXPECT_EQ(data.split("test").n_trajectories, 3);
  EXPECT_EQ(data.split("test").n_snapshots, 3);
  EXPECT_EQ(values(data.fields("test", 2, 1, 1))[0], 6 * 8);  // snapshot 5 + 2 + 1
  EXPECT_NEAR(data.times("test")[2][0].item<double>(), 1 + .5 * 7, 1e-9);
  EXPECT_EQ(data.starts_per_block("test"), 2);  // two snapshots are predicted from each
  EXPECT_EQ(data.starts_per_block("train"), 1);
  EXPECT_EQ(cut({.split_time = "2,4", .start_every = 3, .start_length = 3}).split("test").n_trajectories, 2);
  EXPECT_EQ(cut({.split_time = "3,5", .start_every = 2, .start_length = 3}).starts_per_block("test"), 1);
}

TEST_F(OneSeries, noise_is_a_function_of_the_snapshot_wherever_a_forecast_starts) {
  const auto once = cut({.split_time = "3,5", .noise = .1});
  const auto often = cut({.split_time = "3,5", .start_every = 2, .start_length = 3, .noise = .1});
  EXPECT_TRUE(often.fields("test", 1, 0, 3).equal(once.fields("test", 0, 2, 3)));
}

TEST_F(OneSeries, cuts_that_cannot_be_are_refused) {
  for (const auto& [where, words] : {std::pair{"6", "600,700"},
                                     {"a,b", "600,700"},
                                     {"8,6", "before test"},
                                     {"-1,5", "600,700"},
                                     {"t=,4", "t=12.5"},
                                     {"9,10", "at least 2"},
                                     {"1,5", "at least 2"},
                                     {"4,11", "there are 10 snapshots"},
                                     {"6,8,9", "600,700"},
                                     {"6,inf", "600"}})
    EXPECT_NE(refusal([&] { cut({.split_time = where}); }).find(words), std::string::npos)
        << where << ": " << refusal([&] { cut({.split_time = where}); });
  EXPECT_NE(refusal([&] { cut({}); }).find("data.split_time = \"6,8\""), std::string::npos)
      << refusal([&] { cut({}); });
  EXPECT_NE(refusal([&] {
              cut({.split = {1, 0, 0}, .split_time = "6,8"});
            }).find("leave one"),
            std::string::npos);
  write(valid());
  EXPECT_NE(refusal([&] { Dataset::open(path, {.view = {.split_time = "2,3"}}); }).find("splits of its own"),
            std::string::npos);
}

}  // namespace
}  // namespace msde
