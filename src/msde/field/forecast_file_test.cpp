#include "msde/field/forecast_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "msde/core/error.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

struct forecast_file : testing::Test {
  std::string folder = testing::TempDir() + "forecast_file_test_" +
                       testing::UnitTest::GetInstance()->current_test_info()->name();
  std::string path = folder + "/forecast.h5";
  ForecastLayout layout;

  void SetUp() override {
    std::filesystem::create_directories(folder);
    layout.grid = {2, {6}, {3.}, {Boundary::periodic}, {"x"}};
    layout.n_trajectories = 3, layout.n_frames = 4;
    layout.start = {.5, .5, 2}, layout.dt = .25;
    layout.members = 5, layout.write_members = true;
    layout.n_zeta = 4, layout.n_eta = 2;
    layout.forecaster = "test", layout.case_name = "none";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  Forecast forecast(int64_t i) const {
    const auto draw = [&](uint64_t what, std::vector<int64_t> shape) {
      return normal({static_cast<uint64_t>(i), Stream::test, what}, shape);
    };
    return {draw(0, {1, 4, 2, 6}), draw(1, {5, 1, 4, 2, 6}), draw(2, {1, 4, 4}), draw(3, {1, 4, 2}), 0};
  }
  void write() {
    write_forecasts(path, layout, [&](int64_t i) { return forecast(i); });
  }
};

TEST_F(forecast_file, every_value_is_where_its_axes_say) {
  write();
  const auto file = hdf5::File::open(path);
  const auto read = [&](const char* name) { return read_tensor(file, name, torch::kFloat); };
  for (int64_t i = 0; i < 3; ++i) {
    const auto f = forecast(i);
    EXPECT_TRUE(torch::equal(read("point")[i], f.point[0]));
    EXPECT_TRUE(torch::equal(read("members").select(1, i), f.members.select(1, 0)));
    EXPECT_TRUE(torch::allclose(read("mean")[i], f.members.mean(0)[0]));
    EXPECT_TRUE(torch::allclose(read("std")[i], f.members.std(0)[0]));
    EXPECT_TRUE(torch::equal(read("zeta")[i], f.zeta[0]));
    EXPECT_TRUE(torch::equal(read("eta")[i], f.eta[0]));
  }
  EXPECT_EQ(file.read<double>("time"), (std::vector<double>{.5, .75, 1, 1.25}));
  EXPECT_EQ(file.read<double>("start"), layout.start);
  EXPECT_EQ(file.read<double>("x"), (std::vector<double>{0, .5, 1, 1.5, 2, 2.5}));
  EXPECT_EQ(file.text("/", "forecaster"), "test");
}

TEST_F(forecast_file, points_between_walls_are_cell_centres) {
  layout.grid.boundary = {Boundary::wall};
  write();
  EXPECT_EQ(hdf5::File::open(path).read<double>("x"),
            (std::vector<double>{.25, .75, 1.25, 1.75, 2.25, 2.75}));
}

// The announced size is that of the data; HDF5 adds a few kB of names and axes.
TEST_F(forecast_file, size_is_announced_truly) {
  for (bool members : {true, false}) {
    layout.write_members = members;
    layout.n_trajectories = 3;
    write();
    const auto announced = forecast_bytes(layout),
               size = static_cast<int64_t>(std::filesystem::file_size(path));
    EXPECT_GE(size, announced);
    EXPECT_LT(size, announced + 40000);
  }
  layout.members = 39, layout.n_frames = 1001, layout.grid.shape = {1000}, layout.write_members = true;
  EXPECT_NEAR(forecast_bytes(layout), 4. * (39 + 3) * 3 * 1001 * 2 * 1000, 4 * 3 * 1001 * 7 + 40000);
}

TEST_F(forecast_file, without_members_the_mean_is_the_point_and_there_is_no_spread) {
  layout.members = 0, layout.n_eta = 0;
  write_forecasts(path, layout, [&](int64_t i) {
    auto f = forecast(i);
    f.members = torch::Tensor(), f.eta = torch::Tensor();
    return f;
  });
  const auto file = hdf5::File::open(path);
  EXPECT_TRUE(
      torch::equal(read_tensor(file, "mean", torch::kFloat), read_tensor(file, "point", torch::kFloat)));
  for (const char* absent : {"std", "members", "realization", "eta"}) EXPECT_FALSE(file.has(absent)) << absent;
}

TEST_F(forecast_file, a_forecast_that_is_not_finite_leaves_nothing_behind) {
  const auto broken = [&](int64_t i) {
    auto f = forecast(i);
    if (i == 2) f.point[0][1][0][3] = std::numeric_limits<float>::quiet_NaN();
    return f;
  };
  try {
    write_forecasts(path, layout, broken);
    FAIL() << "NaN was accepted";
  } catch (const NumericsError& error) {
    EXPECT_NE(std::string(error.what()).find("trajectory 2"), std::string::npos) << error.what();
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(forecast_file, a_forecast_of_another_shape_is_refused) {
  layout.n_frames = 5;
  EXPECT_THROW(write(), DataError);
  layout.n_frames = 4, layout.members = 6;
  EXPECT_THROW(write(), DataError);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

}  // namespace
}  // namespace msde
