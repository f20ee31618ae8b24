#include "msde/field/field_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

class field_file : public testing::Test {
 protected:
  Tensor x = normal({51, Stream::test, 0}, {2, 5, 3, 4, 6}, torch::kDouble);
  Tensor members = normal({51, Stream::test, 1}, {7, 2, 5, 3, 4, 6}, torch::kDouble);

  std::string write(const std::map<std::string, Tensor>& parts) const {
    auto file = hdf5::File::create(path_);
    for (const auto& [name, values] : parts) write_tensor(file, name, values);
    file.set_attribute("/", "length", std::vector<double>{2, 3});
    file.close();
    return path_;
  }

  TestFolder folder_;
  const std::string path_ = folder_ / "fields";
};

TEST_F(field_file, a_forecast) {
  const auto file = FieldFile::open(write({{"point", x},
                                           {"mean", x + 1},
                                           {"std", x.abs()},
                                           {"members", members},
                                           {"t", torch::arange(5, torch::kDouble)}}),
                                    "test");
  EXPECT_EQ(file.kind(), "forecast");
  EXPECT_EQ(file.shape(), x.sizes().vec());
  EXPECT_EQ(file.members(), 7);
  EXPECT_TRUE(file.has_deviation());
  EXPECT_FALSE(file.has_clean());
  EXPECT_EQ(file.length(), (std::vector<double>{2, 3}));
  EXPECT_EQ(file.times().sizes(), (at::IntArrayRef{2, 5}));
  const FrameRange range{1, 2, 3};
  EXPECT_TRUE(torch::equal(file.fields(range), x.narrow(0, 1, 1).narrow(1, 2, 3)));
  EXPECT_TRUE(torch::equal(file.mean(range), x.narrow(0, 1, 1).narrow(1, 2, 3) + 1));
  EXPECT_TRUE(torch::equal(file.ensemble(range), members.narrow(1, 1, 1).narrow(2, 2, 3)));
  EXPECT_THROW(file.clean(range), DataError);
}

TEST_F(field_file, an_array_with_one_axis_more_holds_members) {
  write({{"whatever", members}});
  const auto file = FieldFile::open(path_, "test", 5);
  EXPECT_EQ(file.kind(), "array");
  EXPECT_EQ(file.members(), 7);
  EXPECT_EQ(file.shape(), x.sizes().vec());
  EXPECT_TRUE(torch::allclose(file.fields({0, 1, 2}), members.mean(0).narrow(0, 0, 1).narrow(1, 1, 2)));
  EXPECT_THROW(FieldFile::open(path_, "test"),
               DataError);  // alone it has a grid of three axes, and two lengths
}

TEST_F(field_file, a_dataset_knows_its_splits) {
  const auto t = torch::arange(5, torch::kFloat).expand({2, 5});
  write({{"val_x", x}, {"val_x_clean", 2 * x}, {"val_t", t}});
  const auto file = FieldFile::open(path_, "val");
  EXPECT_EQ(file.kind(), "dataset");
  EXPECT_TRUE(torch::equal(file.clean({1, 0, 5}), 2 * x.narrow(0, 1, 1)));
  try {
    FieldFile::open(path_, "test");
    FAIL() << "a split that is not there was opened";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("the file has: val"), std::string::npos) << error.what();
  }
}

TEST_F(field_file, values_that_are_not_finite_are_named_and_misfits_refused) {
  auto bad = x.clone();
  bad[1][3][0][0][0] = std::numeric_limits<double>::quiet_NaN();
  const auto file = FieldFile::open(write({{"x", bad}}), "test");
  EXPECT_NO_THROW(file.fields({0, 0, 5}));
  EXPECT_THROW(file.fields({1, 0, 5}), DataError);
  EXPECT_THROW(FieldFile::open(write({{"point", x}, {"std", x.narrow(1, 0, 4)}}), "test"), DataError);
  EXPECT_THROW(FieldFile::open(write({{"point", x}, {"members", x}}), "test"), DataError);
  EXPECT_THROW(FieldFile::open(write({{"x", x[0][0]}}), "test"), DataError);
  EXPECT_THROW(FieldFile::open(write({{"a", x}, {"b", x}}), "test"), DataError);
}

}  // namespace
}  // namespace msde
