#include "msde/field/data_view.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/core/random/random.hpp"
#include "msde/field/dataset.hpp"
#include "msde/field/writers/seed_group_writer.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

Grid rectangle() {
  Grid grid;
  grid.channels = 2;
  grid.shape = {6, 4};
  grid.length = {3, 8};
  grid.boundary = {Boundary::periodic, Boundary::wall};
  grid.axes = {"x", "y"};
  return grid;
}

TEST(DataViewText, SplitsAndCrops) {
  EXPECT_EQ(parse_split("900,50, 50", "--split"), (std::vector<int64_t>{900, 50, 50}));
  EXPECT_TRUE(parse_split("", "--split").empty());
  for (const char* bad : {"1,,1", "-1,2,3", "1.5,1,1", "9999999999999999999,1,1", "a"})
    EXPECT_THROW(parse_split(bad, "--split"), ConfigError) << bad;
  const auto crop = parse_crop("x=0:64, long name=10:20", "--crop");
  ASSERT_EQ(crop.size(), 2u);
  EXPECT_EQ(crop[1].axis, "long name");
  EXPECT_EQ(crop[1].first, 10);
  EXPECT_EQ(crop[1].last, 20);
  for (const char* bad :
       {"x", "x=1", "x=1:", "=0:4", "x=4:5", "x=5:4", "x=-1:4", "x=0:4,x=0:4", "x:0=4", ","})
    EXPECT_THROW(parse_crop(bad, "--crop"), ConfigError) << bad;
  EXPECT_EQ(suggested_split(1000), (std::vector<int64_t>{900, 50, 50}));
  EXPECT_EQ(suggested_split(3), (std::vector<int64_t>{1, 1, 1}));
  EXPECT_EQ(suggested_split(1), (std::vector<int64_t>{1, 0, 0}));
}

TEST(DataViewText, GridOfACrop) {
  const auto seen = view_grid(rectangle(), {.crop = {{"x", 2, 5}}}, "file");
  EXPECT_EQ(seen.shape, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(seen.length, (std::vector<double>{1.5, 8}));
  EXPECT_EQ(seen.origin, (std::vector<double>{1, 1}));  // left ends of periodic cells, middles of others
  EXPECT_EQ(seen.spacing, (std::vector<double>{.5, 2}));
  EXPECT_EQ(seen.boundary, (std::vector<AxisEnds>{Boundary::open, Boundary::wall}));
  EXPECT_EQ(
      view_grid(rectangle(), {.crop = {{"y", 0, 3}}}, "file").boundary,
      (std::vector<AxisEnds>{Boundary::periodic, {Boundary::wall, Boundary::open}}));  // no wall in the fluid
  EXPECT_EQ(view_grid(rectangle(), {.crop = {{"y", 1, 4}}}, "file").boundary,
            (std::vector<AxisEnds>{Boundary::periodic, {Boundary::open, Boundary::wall}}));
  EXPECT_EQ(view_grid(rectangle(), {.crop = {{"y", 1, 3}}}, "file").boundary,
            (std::vector<AxisEnds>{Boundary::periodic, Boundary::open}));
  EXPECT_EQ(view_grid(rectangle(), {.crop = {{"x", 0, 5}}}, "file").boundary,
            (std::vector<AxisEnds>{Boundary::open, Boundary::wall}));  // a part of a ring has two ends
  EXPECT_EQ(view_grid(rectangle(), {.boundary = "periodic,wall:open"}, "file").boundary,
            (std::vector<AxisEnds>{Boundary::periodic, {Boundary::wall, Boundary::open}}));
  // The points stay where they are, with a crop that cuts nothing or without one.
  for (int64_t axis = 0; axis < 2; ++axis)
    for (const auto& view :
         {DataView{.boundary = "open"}, DataView{.crop = {{"y", 0, 4}}, .boundary = "open"}})
      EXPECT_EQ(view_grid(rectangle(), view, "file").origin_of(axis), rectangle().origin_of(axis)) << axis;
  EXPECT_THROW(view_grid(rectangle(), {.boundary = "periodic:open,wall"}, "file"), ConfigError);
  EXPECT_EQ(view_grid(rectangle(), {.boundary = "open"}, "file").boundary,
            (std::vector<AxisEnds>{Boundary::open, Boundary::open}));
  EXPECT_THROW(view_grid(rectangle(), {.crop = {{"z", 0, 2}}}, "file"), ConfigError);
  EXPECT_THROW(view_grid(rectangle(), {.crop = {{"y", 0, 5}}}, "file"), ConfigError);
  EXPECT_THROW(view_grid(rectangle(), {.boundary = "open,open,open"}, "file"), ConfigError);
}

// Five trajectories of 7 snapshots, [C, x, y] = [2, 6, 4], counted up; in the layout of PDEBench.
class DatasetThroughAView : public testing::Test {
 protected:
  fs::path folder = fs::path(testing::TempDir()) / ("view." + std::to_string(getpid()));
  std::string path = (folder / "data.h5").string();
  torch::Tensor stored = torch::arange(5 * 7 * 2 * 24, torch::kFloat).view({5, 7, 2, 6, 4});

  void SetUp() override {
    fs::create_directories(folder);
    SeedGroupWriter writer(path, {rectangle(), "mine", 0});
    for (int64_t i = 0; i < 5; ++i) {
      writer.begin(.5 * torch::arange(7, torch::kDouble), "train");
      writer.append(stored[i].narrow(0, 0, 3));
      writer.append(stored[i].narrow(0, 3, 4));
    }
    writer.close();
  }
  void TearDown() override { fs::remove_all(folder); }
};

TEST_F(DatasetThroughAView, SplitsInStoredOrder) {
  const auto data = Dataset::open(path, {.view = {.split = {2, 0, 2}}});
  EXPECT_EQ(data.facts().format, "PDEBench, a group per trajectory");
  EXPECT_EQ(data.case_name(), "mine");
  EXPECT_EQ(data.grid().axes, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(data.grid().boundary, rectangle().boundary);
  EXPECT_FALSE(data.has_split("val"));
  EXPECT_EQ(data.split("test").n_trajectories, 2);
  EXPECT_FALSE(data.split("test").has_clean);
  EXPECT_TRUE(torch::equal(data.fields("test", 1, 2, 3), stored[3].narrow(0, 2, 3)));
  EXPECT_EQ(data.times("train").sizes(), (std::vector<int64_t>{2, 7}));
  EXPECT_DOUBLE_EQ(data.dt(), .5);
  EXPECT_EQ(data.mu("train").sizes(), (std::vector<int64_t>{2, 0}));
  EXPECT_THROW(data.fields("test", 2, 0, 1), DataError);
  EXPECT_THROW(Dataset::open(path), ConfigError);
  EXPECT_THROW(Dataset::open(path, {.view = {.split = {3, 2, 1}}}), ConfigError);
  EXPECT_THROW(Dataset::open(path, {.view = {.split = {0, 0, 0}}}), ConfigError);
  EXPECT_THROW(Dataset::open(path, {.view = {.split = {INT64_MAX, INT64_MAX, 3}}}), ConfigError);
}

TEST_F(DatasetThroughAView, NoiseIsTheSameForAnySlab) {
  const DataView view = {.split = {3, 1, 1}, .noise = .5, .seed = 9, .subtract = 100};
  const auto kept = Dataset::open(path, {.view = view}),
             slabs = Dataset::open(path, {.view = view, .memory = {.cache_bytes = 0}});
  EXPECT_EQ(kept.noise_std(), .5);
  EXPECT_EQ(kept.seed(), 9);
  const auto whole = kept.fields("val", 0, 0, 7);
  for (const int64_t start : {6, 0, 3})
    EXPECT_TRUE(torch::equal(slabs.fields("val", 0, start, 1), whole.narrow(0, start, 1)));
  EXPECT_TRUE(torch::equal(slabs.clean_fields("val", 0, 0, 7), stored[3] - 100));
  // By the formula: the key of validation trajectory 0.
  auto noise = torch::empty({7, 2, 6, 4}, torch::kDouble);
  fill_normal({9, Stream::data_noise, uint64_t{1} << 32}, 0, noise.numel(), noise.data_ptr<double>());
  const auto expected = ((stored[3] - 100).to(torch::kDouble) + .5 * noise).to(torch::kFloat);
  EXPECT_TRUE(torch::allclose(whole, expected, 0, 1e-4));
  // A crop shows a part of the same values.
  auto cut = view;
  cut.crop = {{"y", 1, 3}};
  EXPECT_TRUE(torch::equal(Dataset::open(path, {.view = cut}).fields("val", 0, 2, 2),
                           whole.narrow(0, 2, 2).narrow(3, 1, 2)));
}

TEST_F(DatasetThroughAView, WrittenNativelyItIsTheSame) {
  const DatasetOptions options = {.view = {.split = {2, 2, 1}, .noise = .1, .crop = {{"x", 1, 5}}}};
  const auto data = Dataset::open(path, options);
  const std::string copy = (folder / "native.h5").string();
  int64_t calls = 0;
  write_native(data, copy, [&](int64_t done, int64_t total) {
    EXPECT_EQ(done, ++calls);
    EXPECT_EQ(total, 5);
  });
  const auto again = Dataset::open(copy);
  EXPECT_EQ(again.grid().origin, data.grid().origin);
  EXPECT_EQ(again.grid().spacing, data.grid().spacing);
  EXPECT_EQ(again.grid().length, data.grid().length);
  EXPECT_EQ(again.grid().boundary, data.grid().boundary);
  EXPECT_EQ(again.noise_std(), data.noise_std());
  for (const std::string split : {"train", "val", "test"}) {
    const int64_t last = data.split(split).n_trajectories - 1;
    EXPECT_EQ(again.split(split).n_trajectories, last + 1);
    EXPECT_TRUE(torch::equal(again.fields(split, last, 0, 7), data.fields(split, last, 0, 7)));
    EXPECT_TRUE(torch::equal(again.clean_fields(split, last, 0, 7), data.clean_fields(split, last, 0, 7)));
    EXPECT_TRUE(torch::equal(again.times(split), data.times(split)));
  }
  EXPECT_THROW(Dataset::open(copy, {.view = {.split = {1, 1, 1}}}), ConfigError);
  EXPECT_THROW(Dataset::open(copy, {.view = {.noise = .1}}), ConfigError);
  EXPECT_TRUE(torch::equal(Dataset::open(copy, {.view = {.subtract = 2}}).clean_fields("val", 0, 0, 1),
                           data.clean_fields("val", 0, 0, 1) - 2));
}

TEST_F(DatasetThroughAView, Float64FieldsAreWrittenAsFloat64) {
  const auto fine = 1e6 + 1e-6 * stored.to(torch::kDouble);
  const std::string source = (folder / "fine.h5").string(), native = (folder / "fine_native.h5").string(),
                    again = (folder / "fine_again.h5").string();
  SeedGroupWriter writer(source, {rectangle(), "mine", 0, torch::kDouble});
  for (int64_t i = 0; i < 5; ++i) {
    writer.begin(.5 * torch::arange(7, torch::kDouble), "train");
    writer.append(fine[i]);
  }
  writer.close();
  const auto data = Dataset::open(source, {.view = {.split = {3, 1, 1}}});
  write_native(data, native, {});
  write_seed_groups(Dataset::open(native), 0, again, {});
  for (const auto& copy : {Dataset::open(native), Dataset::open(again, {.view = {.split = {3, 1, 1}}})}) {
    EXPECT_EQ(copy.stored_type(), torch::kDouble);
    EXPECT_TRUE(torch::equal(copy.stored_fields("test", 0, 0, 7), fine[4]));
  }
}

TEST_F(DatasetThroughAView, PdebenchHasOtherNamesForNoAxis) {
  auto grid = rectangle();
  grid.axes = {"y", "x"};
  EXPECT_THROW(SeedGroupWriter((folder / "other.h5").string(), {grid, "", 0}), DataError);
}

}  // namespace
}  // namespace msde
