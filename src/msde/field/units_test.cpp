#include "msde/field/units.hpp"

#include <gtest/gtest.h>

#include "msde/core/files/hdf5.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/field/dataset.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

Tensor draw(at::IntArrayRef shape) {
  return normal({3, Stream::test, 0}, shape, torch::kDouble);
}

TEST(Units, ComeBackAndAreOfTheirChannel) {
  const Units units = {.centre = {1, -200}, .scale = {2, 1000}};
  const auto y = draw({3, 2, 4, 5});
  const auto back = units.with(units.without(y, 2), 2);
  EXPECT_TRUE(torch::allclose(back.to(torch::kDouble), y, 0, 1e-3));
  EXPECT_NEAR(units.without(y, 2)[1][1][2][3].item<double>(), (y[1][1][2][3].item<double>() + 200) / 1000,
              1e-6);
  EXPECT_TRUE(y.equal(Units().without(y, 2)));
  EXPECT_TRUE(y.equal(Units().with(y, 2)));
}

TEST(Units, OfAConstantChannelGiveItsConstant) {
  const Units units = {.centre = {1, -200}, .scale = {2, 200}, .constant = {false, true}};
  const auto y = units.with(draw({3, 2, 4}), 1);
  EXPECT_TRUE(y.select(1, 1).eq(-200).all().item<bool>());
  EXPECT_GT(y.select(1, 0).std().item<double>(), 1);
  EXPECT_EQ(units.without(torch::full({1, 2, 4}, -100.), 1)[0][1][0].item<double>(), .5);
}

TEST(Units, OfPowersOfTwoLeaveTheSameBits) {
  const auto y = draw({3, 1, 8}).to(torch::kFloat);
  const Units one = {.centre = {.3}, .scale = {1.7}};
  for (const double factor : {std::ldexp(1., 40), std::ldexp(1., -40)}) {
    const Units other = {.centre = {.3 * factor}, .scale = {1.7 * factor}};
    EXPECT_TRUE(one.without(y, 1).equal(other.without(y * factor, 1)));
    EXPECT_TRUE((one.with(y, 1) * factor).equal(other.with(y, 1)));
  }
}

// A float64 file of anomalies of size 1 about 1e6, its times seconds since 1970.
TEST(Units, AreTakenOffBeforeAnythingIsRounded) {
  const TestFolder folder;
  const auto anomaly = draw({2, 5, 1, 6});
  const std::string path = folder / "x.h5";
  {
    auto file = hdf5::File::create(path);
    for (const std::string split : {"train", "val", "test"}) {
      write_tensor(file, split + "_x", 1e6 + anomaly);
      write_tensor(file, split + "_t",
                   (1.7e9 + 60 * torch::arange(5, torch::kDouble)).expand({2, 5}).contiguous());
    }
    file.close();
  }
  const auto data = Dataset::open(path);
  EXPECT_EQ(data.dt(), 60);
  EXPECT_EQ(data.times("test")[1][4].item<double>(), 1.7e9 + 240);
  const auto seen = data.in({.centre = {1e6}, .scale = {2}, .time_origin = 1.7e9, .time_scale = 120});
  for (const bool again : {false, true})  // from the file, from the cache
    EXPECT_LT((seen.fields("test", 1, 2, 3) - anomaly[1].narrow(0, 2, 3) / 2).abs().max().item<double>(),
              1e-7)
        << again;
  EXPECT_EQ(seen.dt(), .5);
  EXPECT_EQ(seen.times("test")[1][4].item<double>(), 2);
  EXPECT_EQ(data.in({.centre = {1e6}, .scale = {2}, .time_origin = 1.7e9, .time_scale = 120}).path(),
            data.path());
}

}  // namespace
}  // namespace msde
