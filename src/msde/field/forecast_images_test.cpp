#include "msde/field/forecast_images.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

struct forecast_images : testing::Test {
  TestFolder folder;
  ForecastLayout layout;

  void SetUp() override {
    layout.grid = {2, {3, 5}, {3., 2.}, {Boundary::wall, Boundary::periodic}, {"y", "x"}};
    layout.n_trajectories = 2, layout.n_frames = 4;
    layout.start = {.5, 2}, layout.dt = .25;
    layout.members = 3, layout.write_members = true;
  }
  Forecast forecast(int64_t i) const {
    std::vector<int64_t> shape = {1, layout.n_frames, layout.grid.channels};
    shape.insert(shape.end(), layout.grid.shape.begin(), layout.grid.shape.end());
    Forecast f;
    f.point = normal({static_cast<uint64_t>(i), Stream::test, 0}, shape);
    shape.insert(shape.begin(), layout.members);
    if (layout.members > 0) f.members = normal({static_cast<uint64_t>(i), Stream::test, 1}, shape);
    return f;
  }
  void write() {
    write_forecast_images(folder.path(), layout, [&](int64_t i) { return forecast(i); });
  }
  // [T, channels of the file, *grid]
  torch::Tensor read(const std::string& name) const {
    const auto source = open_fields(folder / name);
    const Grid& grid = source->facts().grid;
    std::vector<int64_t> shape = {layout.n_frames, grid.channels};
    shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
    auto values = torch::empty(shape, torch::kDouble);
    source->read(0, {0, 0, layout.n_frames}, values.data_ptr<double>());
    return values;
  }
  torch::Tensor expected(int64_t i) const {
    const auto f = forecast(i);
    std::vector<torch::Tensor> all = {f.members.mean(0)[0], f.members.std(0)[0], f.point[0]};
    for (int64_t m = 0; layout.write_members && m < layout.members; ++m) all.push_back(f.members[m][0]);
    return torch::cat(all, 1).to(torch::kDouble);
  }
};

TEST_F(forecast_images, are_read_back_as_the_same_values) {
  for (const auto& [shape, axes] :
       {std::pair<std::vector<int64_t>, std::vector<std::string>>{{3, 5}, {"y", "x"}},
        {{3, 5}, {"z", "x"}},
        {{3, 5, 2}, {"z", "y", "x"}},
        {{5}, {"x"}},
        {{5}, {"y"}}}) {
    layout.grid.shape = shape, layout.grid.axes = axes;
    layout.grid.length.assign(shape.size(), 2), layout.grid.boundary.assign(shape.size(), Boundary::wall);
    write();
    for (int64_t i = 0; i < 2; ++i)
      EXPECT_TRUE(
          torch::allclose(read(i ? "forecast_0001.pvd" : "forecast_0000.pvd"), expected(i), 1e-6, 1e-6));
    const auto facts = open_fields(folder / "forecast_0001.pvd")->facts();
    EXPECT_EQ(facts.grid.axes, axes);
    EXPECT_EQ(facts.channels, (std::vector<std::string>{"mean_0", "mean_1", "std_0", "std_1", "point_0",
                                                        "point_1", "member_0_0", "member_0_1", "member_1_0",
                                                        "member_1_1", "member_2_0", "member_2_1"}));
    EXPECT_EQ(facts.sets[0].times, (std::vector<double>{2, 2.25, 2.5, 2.75}));
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      EXPECT_DOUBLE_EQ(facts.grid.origin[axis], layout.grid.origin_of(axis));
      EXPECT_DOUBLE_EQ(facts.grid.spacing[axis], layout.grid.spacing_of(axis));
    }
  }
}

TEST_F(forecast_images, x_is_x_whatever_the_order_of_axes) {
  layout.grid.axes = {"x", "y"};
  write();
  EXPECT_TRUE(torch::allclose(read("forecast_0000.pvd").transpose(2, 3), expected(0), 1e-6, 1e-6));
  EXPECT_EQ(open_fields(folder / "forecast_0000.pvd")->facts().grid.axes,
            (std::vector<std::string>{"y", "x"}));
  layout.grid.axes = {"depth", "lon"};
  write();
  EXPECT_TRUE(torch::allclose(read("forecast_0000.pvd"), expected(0), 1e-6, 1e-6));
}

TEST_F(forecast_images, in_float64_and_without_members) {
  layout.float64 = true, layout.members = 0, layout.grid.channels = 1;
  write();
  const auto source = open_fields(folder / "forecast_0000.pvd");
  EXPECT_TRUE(source->facts().finer_than_float);
  EXPECT_EQ(source->facts().channels, (std::vector<std::string>{"mean", "point"}));
  const auto point = forecast(0).point[0].to(torch::kDouble);
  EXPECT_TRUE(torch::equal(read("forecast_0000.pvd"), torch::cat({point, point}, 1)));
}

TEST_F(forecast_images, channels_that_have_names_keep_them) {
  layout.labels.channels = {"u", "p < 1 & \"2\""}, layout.write_members = false;
  write();
  EXPECT_EQ(open_fields(folder / "forecast_0000.pvd")->facts().channels,
            (std::vector<std::string>{"mean_u", "mean_p < 1 & \"2\"", "std_u", "std_p < 1 & \"2\"", "point_u",
                                      "point_p < 1 & \"2\""}));
  const auto means = open_fields(folder / "forecast_0000.pvd", {.variables = {"std_u", "mean_u"}});
  EXPECT_EQ(means->facts().channels, (std::vector<std::string>{"std_u", "mean_u"}));
  std::vector<double> frame(30);
  means->read(0, {0, 1, 1}, frame.data());
  EXPECT_NEAR(frame[17], forecast(0).members.mean(0)[0][1][0][0][2].item<double>(), 1e-6);
}

TEST_F(forecast_images, size_is_announced_truly) {
  write();
  int64_t size = 0, files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
    if (entry.is_regular_file() && entry.path().extension() == ".vti") size += entry.file_size(), ++files;
  EXPECT_EQ(files, 8);
  EXPECT_EQ(image_bytes(layout), 8 * 12 * 15 * 4);
  EXPECT_GE(size, image_bytes(layout));
  EXPECT_LT(size, image_bytes(layout) + files * 4000);
}

TEST_F(forecast_images, a_series_is_there_only_when_it_is_whole) {
  write();
  const auto broken = [&](int64_t i) {
    auto f = forecast(i);
    if (i == 1) f.point[0][2][0][1][1] = std::numeric_limits<float>::quiet_NaN();
    return f;
  };
  try {
    write_forecast_images(folder.path(), layout, broken);
    FAIL() << "NaN was accepted";
  } catch (const NumericsError& error) {
    EXPECT_NE(std::string(error.what()).find("point of trajectory 1, frame 2"), std::string::npos)
        << error.what();
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "forecast_0000.pvd"));
  EXPECT_FALSE(std::filesystem::exists(folder / "forecast_0001.pvd"));
  EXPECT_THROW(write_forecast_images(folder.path(), layout,
                                     [&](int64_t i) {
                                       auto f = forecast(i);
                                       f.members = f.members.narrow(0, 0, 2);
                                       return f;
                                     }),
               DataError);
  layout.grid.shape = {2, 2, 2, 2};
  EXPECT_NE(no_images_of(layout.grid), "");
}

}  // namespace
}  // namespace msde
