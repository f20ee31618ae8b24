#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/pde/cases.hpp"
#include "msde/pde/generate.hpp"
#include "msde/pde/generated_trajectories.hpp"
#include "msde/pde/split_plan.hpp"

namespace msde {
namespace {

GenerateOptions tiny() {
  auto options = default_generate_options("cylinder_2d");
  options.n_steps = 12, options.n_beyond = 3, options.cells_per_diameter = 10;
  return options;
}

struct GenerateStream : testing::Test {
  TestFolder folder;
  std::string make(const std::string& name, const GenerateOptions& options) {
    const auto path = folder / name;
    generate_case("cylinder_2d", options, path, {});
    return path;
  }
};

TEST_F(GenerateStream, CutsOneTrajectoryInTime) {
  const auto file = hdf5::File::open(make("c.h5", tiny()));
  int64_t first = 0;
  for (const auto& [split, count] :
       {std::pair<std::string, int64_t>{"train", 8}, {"val", 2}, {"test", 2}, {"beyond", 3}}) {
    const hdf5::Shape fields = {1, count, 2, 320, 80};
    EXPECT_EQ(file.shape(split + "_x"), fields);
    EXPECT_EQ(file.shape(split + "_x_clean"), fields);
    const auto t = file.read<float>(split + "_t");
    for (int64_t i = 0; i < count; ++i)
      EXPECT_EQ(t[static_cast<size_t>(i)], static_cast<float>(.01 * static_cast<double>(first + i)));
    EXPECT_EQ(file.read<float>(split + "_mu"), std::vector<float>{160});
    first += count;
  }
  EXPECT_EQ(file.text("/", "case"), "cylinder_2d");
  EXPECT_EQ(file.text("/", "axes"), "x,y");
  EXPECT_EQ(file.numbers("/", "spacing"), (std::vector<double>{1. / 80, 1. / 80}));
  EXPECT_EQ(file.numbers("/", "origin"), (std::vector<double>{0, 0}));
}

TEST_F(GenerateStream, WritesTheMaskOfWhatHasNoField) {
  auto options = tiny();
  options.noise_std = .05;
  const auto file = hdf5::File::open(make("c.h5", options));
  EXPECT_EQ(file.shape("mask"), (hdf5::Shape{320, 80}));
  const auto mask = file.read<int64_t>("mask");
  const auto x = file.read<float>("val_x"), clean = file.read<float>("val_x_clean");
  double square = 0;
  int64_t fluid = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const bool is_fluid = mask[i % mask.size()] == 1;
    ASSERT_EQ(std::isnan(x[i]), !is_fluid);
    ASSERT_EQ(std::isnan(clean[i]), !is_fluid);
    if (is_fluid) square += std::pow(x[i] - clean[i], 2), ++fluid;
  }
  EXPECT_EQ(fluid, 2 * 2 * (320 * 80 - 81));
  EXPECT_NEAR(std::sqrt(square / static_cast<double>(fluid)), .05, 1e-3);
}

TEST_F(GenerateStream, PiecesOfATrajectoryAreOneTrajectory) {
  // Twelve snapshots are cut at 8 and 10 and computed eight at a time; seven and less are not.
  auto more = tiny(), options = tiny();
  more.n_steps = 15, more.n_beyond = 0, more.noise_std = options.noise_std = .1;
  const auto a = hdf5::File::open(make("a.h5", options)), b = hdf5::File::open(make("b.h5", more));
  const auto part = [](const hdf5::File& file, const std::string& name, int64_t first, int64_t count) {
    std::vector<float> values(static_cast<size_t>(count * 2 * 320 * 80));
    file.read(name, {{0, first, 0, 0, 0}, {1, count, 2, 320, 80}}, values.data());
    for (float& value : values)
      if (std::isnan(value)) value = 9;
    return values;
  };
  EXPECT_EQ(part(a, "train_x", 0, 8), part(b, "train_x", 0, 8));
  EXPECT_EQ(part(a, "val_x_clean", 0, 2), part(b, "train_x_clean", 8, 2));
  EXPECT_EQ(part(a, "beyond_x_clean", 1, 2), part(b, "test_x_clean", 0, 2));
  // Noise is a function of the split and the place in it.
  EXPECT_NE(part(a, "val_x", 0, 2), part(b, "train_x", 8, 2));
}

TEST_F(GenerateStream, ReynoldsNumbersAreWholeTrajectories) {
  auto options = tiny();
  options.n_steps = 4, options.n_beyond = 2;
  options.reynolds = {100, 190}, options.reynolds_val = {130}, options.reynolds_test = {115, 175};
  const auto file = hdf5::File::open(make("c.h5", options));
  EXPECT_EQ(file.shape("train_x"), (hdf5::Shape{2, 4, 2, 320, 80}));
  EXPECT_EQ(file.shape("beyond_x"), (hdf5::Shape{2, 2, 2, 320, 80}));
  EXPECT_EQ(file.read<float>("train_mu"), (std::vector<float>{100, 190}));
  EXPECT_EQ(file.read<float>("val_mu"), (std::vector<float>{130}));
  EXPECT_EQ(file.read<float>("beyond_mu"), (std::vector<float>{115, 175}));
  EXPECT_EQ(file.read<float>("beyond_t"), (std::vector<float>{.04f, .05f, .04f, .05f}));
  const auto x = file.read<float>("train_x_clean");
  const size_t points = 2 * 320 * 80;
  double between = 0;
  for (size_t i = 0; i < points; ++i) {
    if (std::isnan(x[i])) continue;
    EXPECT_EQ(x[i], x[4 * points + i]);  // the start is that of every Reynolds number
    between = std::max<double>(between, std::abs(x[3 * points + i] - x[7 * points + i]));
  }
  EXPECT_GT(between, 1e-2);
}

TEST_F(GenerateStream, BytesDoNotDependOnTheNumberOfThreads) {
  const int threads = at::get_num_threads();
  auto options = tiny();
  options.n_steps = 6, options.n_beyond = 0;
  at::set_num_threads(1);
  const auto one = read_text(make("one.h5", options));
  at::set_num_threads(2);
  const auto two = read_text(make("two.h5", options));
  at::set_num_threads(threads);
  EXPECT_TRUE(one == two);
}

TEST_F(GenerateStream, ReportsSnapshots) {
  std::vector<int64_t> seen;
  generate_case("cylinder_2d", tiny(), folder / "c.h5", [&](int64_t done, int64_t total) {
    EXPECT_EQ(total, 15);
    seen.push_back(done);
  });
  EXPECT_GT(seen.size(), 3u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 15);
}

TEST_F(GenerateStream, RefusesWhatItsCaseDoesNotHave) {
  const auto refuse = [&](const std::string& word, auto change) {
    auto options = tiny();
    change(options);
    try {
      generate_case("cylinder_2d", options, folder / "c.h5", {});
      FAIL() << word;
    } catch (const ConfigError& error) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  };
  refuse("n_train: got 2", [](auto& o) { o.n_train = 2; });
  refuse("n_test: got 3", [](auto& o) { o.n_test = 3; });
  refuse("n_steps: got 5", [](auto& o) { o.n_steps = 5; });
  refuse("cells_per_diameter: got 15", [](auto& o) { o.cells_per_diameter = 15; });
  refuse("reynolds: got []", [](auto& o) { o.reynolds = {}; });
  refuse("reynolds: got 2 numbers", [](auto& o) { o.reynolds = {100, 160}; });
  refuse("reynolds_test: got []", [](auto& o) { o.reynolds_val = {100}; });
  refuse("reynolds_val: got []", [](auto& o) { o.reynolds_test = {100}; });
  refuse("reynolds: got 0", [](auto& o) { o.reynolds = {0}; });
  refuse("reynolds_val: got 1000", [](auto& o) { o.reynolds_val = {1000}, o.reynolds_test = {100}; });
  refuse("reynolds: got nan", [](auto& o) { o.reynolds = {std::nan("")}; });
  refuse("n_beyond: got -1", [](auto& o) { o.n_beyond = -1; });
  refuse("n_beyond: got 9", [](auto& o) { o.n_beyond = std::numeric_limits<int64_t>::max(); });
  refuse("n_steps: got 9", [](auto& o) { o.n_steps = std::numeric_limits<int64_t>::max(); });
}

TEST(SplitPlan, IsThePublishedOneByDefault) {
  const auto plan = split_plan(find_case("cylinder_2d"), default_generate_options("cylinder_2d"));
  ASSERT_EQ(plan.splits.size(), 4u);
  EXPECT_EQ(plan.splits[0].n_snapshots, 1301);
  EXPECT_EQ(plan.splits[1].first, 1301);
  EXPECT_EQ(plan.splits[1].n_snapshots, 100);
  EXPECT_EQ(plan.splits[2].first, 1401);
  EXPECT_EQ(plan.splits[3].first, 1501);
  ASSERT_EQ(plan.trajectories.size(), 1u);
  EXPECT_EQ(plan.trajectories[0].n_snapshots, 2201);
  EXPECT_NEAR(plan.times.back(), 22, 1e-12);
}

}  // namespace
}  // namespace msde
