#include "msde/pde/generate.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/pde/cases.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

class Generate : public testing::Test {
 protected:
  fs::path folder = fs::path(testing::TempDir()) / ("generate." + std::to_string(getpid()));
  int threads = at::get_num_threads();
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override {
    at::set_num_threads(threads);
    fs::remove_all(folder);
  }
  std::string make(const std::string& name, const std::string& case_name, const GenerateOptions& options) {
    const auto path = (folder / name).string();
    generate_case(case_name, options, path, {});
    return path;
  }
};

const GenerateOptions small{.n_steps = 7, .n_train = 2, .n_val = 1, .n_test = 1, .noise_std = .01, .seed = 4};

TEST_F(Generate, BytesDependOnlyOnTheOptions) {
  for (const auto* name : {"wave_1d", "kdv_1d"}) {
    at::set_num_threads(1);
    const auto one = read_text(make("one.h5", name, small));
    at::set_num_threads(2);
    const auto two = read_text(make("two.h5", name, small));
    EXPECT_TRUE(one == two) << name;
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5 stamps objects in whole seconds
    EXPECT_TRUE(two == read_text(make("again.h5", name, small))) << name;
  }
  auto other = small;
  other.seed = 5;
  EXPECT_FALSE(read_text(make("a.h5", "wave_1d", small)) == read_text(make("b.h5", "wave_1d", other)));
}

// All but those in a stream, which generate_stream_test.cpp has.
std::vector<Case> whole_cases() {
  std::vector<Case> rows = cases();
  std::erase_if(rows, [](const Case& row) { return row.stream.has_value(); });
  return rows;
}

TEST_F(Generate, WritesTheLayout) {
  const std::map<std::string, std::string> boundary = {{"wave_1d", "periodic"},
                                                       {"kdv_1d", "periodic"},
                                                       {"burgers_2d", "wall,wall"},
                                                       {"shallow_water_2d", "open,open"}};
  for (const Case& row : whole_cases()) {
    const auto file = hdf5::File::open(make(row.name + ".h5", row.name, small));
    for (const auto& [split, n] : {std::pair<std::string, int64_t>{"train", 2}, {"val", 1}, {"test", 1}}) {
      hdf5::Shape fields = {n, 7};
      for (const int64_t n : row.snapshot_shape()) fields.push_back(n);
      EXPECT_EQ(file.shape(split + "_x"), fields);
      EXPECT_EQ(file.shape(split + "_x_clean"), fields);
      EXPECT_EQ(file.shape(split + "_mu"), (hdf5::Shape{n, 1}));
      EXPECT_EQ(file.shape(split + "_f"), (hdf5::Shape{n, 7, 1}));
      EXPECT_EQ(file.read<float>(split + "_mu")[0], static_cast<float>(row.mu));
      const auto t = file.read<float>(split + "_t");
      ASSERT_EQ(t.size(), static_cast<size_t>(7 * n));
      EXPECT_EQ(t[0], 0.f);
      EXPECT_EQ(t[1], 1.f / 6);
      EXPECT_EQ(t[6], static_cast<float>(row.t_end));
      EXPECT_EQ(t[t.size() - 1], static_cast<float>(row.t_end));
    }
    EXPECT_EQ(file.text("/", "case"), row.name);
    EXPECT_EQ(file.text("/", "axes"), row.grid.dimensions() == 1 ? "x" : "x,y");
    EXPECT_EQ(file.text("/", "boundary"), boundary.at(row.name));
    EXPECT_EQ(file.numbers("/", "length"), row.grid.length);
    EXPECT_EQ(file.number("/", "noise_std"), .01);
    EXPECT_EQ(file.number("/", "seed"), 4);
  }
}

TEST_F(Generate, StoredKdvParameterIsTheTrueDispersion) {
  EXPECT_EQ(find_case("kdv_1d").mu, .02);
}

TEST_F(Generate, NoiseIsWhiteAndOfTheAskedSize) {
  const auto file = hdf5::File::open(
      make("noise.h5", "wave_1d", {.n_steps = 101, .n_train = 1, .n_val = 1, .n_test = 1, .noise_std = .05}));
  const auto x = file.read<float>("train_x"), clean = file.read<float>("train_x_clean");
  const auto n = static_cast<double>(x.size());
  double mean = 0, square = 0, neighbour = 0, last = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double e = (x[i] - clean[i]) / .05;
    mean += e / n;
    square += e * e / n;
    neighbour += e * last / n;
    last = e;
  }
  EXPECT_NEAR(mean, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(square, 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(neighbour, 0, 5 / std::sqrt(n));
}

TEST_F(Generate, TrajectoriesDifferBetweenSplitsAndAreUntouchedByCounts) {
  auto more = small;
  more.n_train = 5;
  const auto a = hdf5::File::open(make("a.h5", "wave_1d", small)),
             b = hdf5::File::open(make("b.h5", "wave_1d", more));
  EXPECT_EQ(a.read<float>("val_x"), b.read<float>("val_x"));
  EXPECT_EQ(a.read<float>("test_x"), b.read<float>("test_x"));
  const auto some = a.read<float>("train_x"), all = b.read<float>("train_x");
  EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
  const auto val = a.read<float>("val_x_clean"), test = a.read<float>("test_x_clean");
  EXPECT_FALSE(std::equal(test.begin(), test.end(), val.begin()));
  EXPECT_FALSE(std::equal(test.begin(), test.end(), some.begin()));
}

TEST_F(Generate, ParametersDoNotDependOnTheNumberOfSnapshots) {
  auto seven_steps = small, few = small;
  seven_steps.n_train = few.n_train = 1;
  few.n_steps = 4;  // t = 0, 1/3, 2/3, 1 are snapshots 0, 2, 4, 6 of seven
  for (const Case& row : whole_cases()) {
    const auto a = hdf5::File::open(make("a.h5", row.name, seven_steps)),
               b = hdf5::File::open(make("b.h5", row.name, few));
    const auto seven = a.read<float>("test_x_clean"), four = b.read<float>("test_x_clean");
    const size_t points = seven.size() / 7;
    for (size_t i = 0; i < four.size(); ++i) {
      // Shocks feel the time steps, which fill the spacing of snapshots; the dam itself is the same.
      const double tolerance = row.name == "shallow_water_2d" && i >= points ? .05 : 1e-6;
      ASSERT_NEAR(four[i], seven[i / points * 2 * points + i % points], tolerance) << row.name;
    }
  }
}

TEST_F(Generate, ReportsEveryTrajectory) {
  std::vector<int64_t> seen;
  generate_case("wave_1d", small, (folder / "x.h5").string(), [&](int64_t done, int64_t total) {
    EXPECT_EQ(total, 4);
    seen.push_back(done);
  });
  EXPECT_EQ(seen, (std::vector<int64_t>{1, 2, 3, 4}));
}

TEST_F(Generate, LeavesNothingBehindWhenItFails) {
  const auto path = (folder / "x.h5").string();
  EXPECT_THROW(generate_case("wave_1d", small, path, [](int64_t, int64_t) { throw DataError("stop"); }),
               DataError);
  EXPECT_TRUE(fs::is_empty(folder));
  EXPECT_THROW(generate_case("wave_1d", small, (folder / "no" / "x.h5").string(), {}), DataError);
}

TEST_F(Generate, RefusesWrongOptions) {
  const auto path = (folder / "x.h5").string();
  const auto refuse = [&](auto change) {
    auto options = small;
    change(options);
    EXPECT_THROW(generate_case("wave_1d", options, path, {}), ConfigError);
  };
  refuse([](auto& o) { o.n_steps = 1; });
  refuse([](auto& o) { o.n_train = 0; });
  refuse([](auto& o) { o.n_val = 0; });
  refuse([](auto& o) { o.n_test = -1; });
  refuse([](auto& o) { o.noise_std = -.1; });
  refuse([](auto& o) { o.noise_std = std::nan(""); });
  refuse([](auto& o) { o.seed = -1; });
  refuse([](auto& o) { o.reynolds = {100}; });  // of another case
  refuse([](auto& o) { o.reynolds_val = {100}; });
  refuse([](auto& o) { o.cells_per_diameter = 20; });
  refuse([](auto& o) { o.n_beyond = 5; });
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(Cases, UnknownCaseIsAConfigErrorWithTheNearest) {
  try {
    default_generate_options("kdv1d");
    FAIL();
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("did you mean 'kdv_1d'"), std::string::npos) << text;
    EXPECT_NE(text.find("wave_1d, kdv_1d, burgers_2d, shallow_water_2d, cylinder_2d"), std::string::npos)
        << text;
  }
  std::vector<std::string> computed;
  for (const Case& row : cases()) computed.push_back(row.name);
  EXPECT_EQ(case_names(), computed);
  EXPECT_TRUE(has_case("wave_1d"));
  EXPECT_FALSE(has_case("wave"));
}

TEST(Cases, RowsSayTheSameWithAndWithoutLibTorch) {
  ASSERT_EQ(case_choices().size(), cases().size());
  for (size_t i = 0; i < cases().size(); ++i) {
    const Case& row = cases()[i];
    EXPECT_EQ(case_choices()[i].name, row.name);
    EXPECT_EQ(case_choices()[i].meaning, row.meaning);
    EXPECT_EQ(case_choices()[i].defaults.n_train, row.defaults.n_train);
    const size_t axes = row.grid.shape.size();
    EXPECT_EQ(row.grid.length.size(), axes) << row.name;
    EXPECT_EQ(row.grid.boundary.size(), axes) << row.name;
    EXPECT_EQ(row.grid.axes.size(), axes) << row.name;
    EXPECT_EQ(row.simulate == nullptr, row.stream.has_value()) << row.name;
  }
}

TEST(Cases, OfThePaperAreKnown) {
  for (const Case& row : cases()) EXPECT_EQ(find_published_case(row.name), &row);
  EXPECT_EQ(find_published_case("cylinder_2d")->published->multiscale.mean, .009);
  EXPECT_EQ(find_published_case("mine"), nullptr);
}

TEST(Cases, DefaultsArePublishedOnes) {
  const auto wave = default_generate_options("wave_1d"), kdv = default_generate_options("kdv_1d");
  EXPECT_EQ(wave.n_steps, 1001);
  EXPECT_EQ(wave.n_train, 20);
  EXPECT_EQ(wave.noise_std, .001);
  EXPECT_EQ(kdv.n_train, 10);
  EXPECT_EQ(kdv.n_val, 5);
  EXPECT_EQ(kdv.n_test, 5);
  EXPECT_EQ(kdv.noise_std, .01);
}

TEST(GenerateKeys, AFileThatSetsSomeKeysKeepsTheRestOfTheCase) {
  auto options = default_generate_options("wave_1d");
  OptionTable table;
  describe(table, options);
  table.set("data.generate.n_steps=11", "--set");
  EXPECT_EQ(options.n_steps, 11);
  EXPECT_EQ(options.n_train, 20);
  EXPECT_EQ(options.noise_std, .001);
  for (const auto* wrong :
       {"n_steps=1", "n_train=0", "n_val=0", "n_test=0", "noise_std=-1", "seed=-1", "n_steps=2.5"}) {
    EXPECT_THROW(table.set(std::string("data.generate.") + wrong, "--set"), ConfigError) << wrong;
  }
}

}  // namespace
}  // namespace msde
