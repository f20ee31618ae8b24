#include "msde/tensor/hdf5_tensor.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "msde/core/error.hpp"

namespace msde {
namespace {

struct Hdf5Tensor : testing::Test {
  std::string path = testing::TempDir() + "hdf5_tensor_test_" +
                     testing::UnitTest::GetInstance()->current_test_info()->name() + ".h5";
  void TearDown() override { std::filesystem::remove(path); }
};

TEST_F(Hdf5Tensor, every_stored_type_comes_back_unchanged) {
  for (auto type : {torch::kFloat, torch::kDouble, torch::kLong}) {
    const auto values = (torch::arange(24, torch::kDouble) * 1.25 - 7).to(type).reshape({2, 3, 4});
    auto file = hdf5::File::create(path);
    write_tensor(file, "group/values", values);
    file.close();
    const auto back = read_tensor(hdf5::File::open(path), "group/values", type);
    EXPECT_EQ(back.scalar_type(), type);
    EXPECT_TRUE(torch::equal(back, values)) << back;
  }
}

TEST_F(Hdf5Tensor, writes_the_values_of_a_view_and_not_its_memory) {
  const auto base = torch::arange(12, torch::kFloat).reshape({3, 4});
  auto file = hdf5::File::create(path);
  write_tensor(file, "transposed", base.t());
  file.close();
  EXPECT_TRUE(torch::equal(read_tensor(hdf5::File::open(path), "transposed", torch::kFloat), base.t()));
}

TEST_F(Hdf5Tensor, reads_a_box) {
  const auto values = torch::arange(60, torch::kFloat).reshape({3, 4, 5});
  auto file = hdf5::File::create(path);
  write_tensor(file, "x", values);
  file.close();
  const auto box = read_tensor(hdf5::File::open(path), "x", {{1, 0, 2}, {2, 4, 3}}, torch::kDouble);
  const auto expected = values.narrow(0, 1, 2).narrow(2, 2, 3).to(torch::kDouble);
  EXPECT_TRUE(torch::equal(box, expected));
}

TEST_F(Hdf5Tensor, an_empty_dimension_is_kept) {
  auto file = hdf5::File::create(path);
  write_tensor(file, "mu", torch::empty({4, 0}));
  file.close();
  EXPECT_EQ(read_tensor(hdf5::File::open(path), "mu", torch::kFloat).sizes(), (torch::IntArrayRef{4, 0}));
}

TEST_F(Hdf5Tensor, other_element_types_are_refused_by_name) {
  auto file = hdf5::File::create(path);
  try {
    write_tensor(file, "mask", torch::ones({2}, torch::kBool));
    FAIL() << "a bool tensor was accepted";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("mask"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace msde
