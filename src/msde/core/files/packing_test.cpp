#include "msde/core/files/packing.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"

namespace msde {
namespace {

const StoredType kInt16 = {.is_integer = true, .is_signed = true, .bytes = 2}, kFloat = {};

std::vector<double> unpacked(const PackingWords& words, const StoredType& type, std::vector<double> numbers) {
  unpack(packing_of(words, type, "f.h5: 'x'"), numbers);
  return numbers;
}

TEST(Packing, ScalesAndShifts) {
  const PackingWords words = {.scale_factor = {{.5}}, .add_offset = {{100}}};
  EXPECT_EQ(unpacked(words, kInt16, {-2, 0, 3}), (std::vector<double>{99, 100, 101.5}));
  EXPECT_TRUE(packing_of({}, kInt16, "").is_plain());
  EXPECT_FALSE(packing_of(words, kInt16, "").is_plain());
}

TEST(Packing, MarksWhatIsMissing) {
  const PackingWords words = {.scale_factor = {{2}}, .fill_value = {{-9}}, .missing_value = {{7, 8}}};
  const auto values = unpacked(words, kInt16, {-9, 7, 8, 9});
  EXPECT_TRUE(std::isnan(values[0]) && std::isnan(values[1]) && std::isnan(values[2]));
  EXPECT_EQ(values[3], 18);
  EXPECT_EQ(packing_of(words, kInt16, "").words, "_FillValue = -9, missing_value = 7, missing_value = 8");
}

TEST(Packing, ComparesAsTheArrayIsStored) {
  const double filled = static_cast<float>(9.969209968386869e36);  // of float32
  EXPECT_TRUE(std::isnan(unpacked({.fill_value = {{9.969209968386869e36}}}, kFloat, {filled})[0]));
  EXPECT_TRUE(std::isnan(unpacked({.fill_value = {{.1}}}, kFloat, {static_cast<double>(.1f)})[0]));
}

TEST(Packing, RangesAreOfStoredNumbersUnlessTheySayOtherwise) {
  PackingWords words = {.scale_factor = {{-.5}}, .valid_range = {{0, 10}}};
  EXPECT_EQ(unpacked(words, kInt16, {4, 10})[1], -5);
  EXPECT_TRUE(std::isnan(unpacked(words, kInt16, {-1})[0]) && std::isnan(unpacked(words, kInt16, {11})[0]));
  words.range_is_of_values = true;
  EXPECT_EQ(unpacked(words, kInt16, {-20})[0], 10);
  EXPECT_TRUE(std::isnan(unpacked(words, kInt16, {-21})[0]) && std::isnan(unpacked(words, kInt16, {1})[0]));
  EXPECT_TRUE(std::isnan(unpacked({.valid_min = {{1}}}, kInt16, {0})[0]));
  EXPECT_TRUE(std::isnan(unpacked({.valid_max = {{1}}}, kInt16, {2})[0]));
}

TEST(Packing, NumbersWithoutASign) {
  const StoredType byte = {.is_integer = true, .is_signed = true, .bytes = 1};
  const auto values = unpacked({.fill_value = {{-1}}, .is_unsigned = true}, byte, {-2, 3, -1});
  EXPECT_EQ(values[0], 254);
  EXPECT_EQ(values[1], 3);
  EXPECT_TRUE(std::isnan(values[2]));
  EXPECT_EQ(unpacked({.valid_range = {{0, -1}}, .is_unsigned = true}, byte, {-1})[0], 255);
  EXPECT_TRUE(
      std::isnan(unpacked({.valid_max = {{-56}}, .is_unsigned = true}, byte, {-55})[0]));  // 201 of 200
}

TEST(Packing, ThatMakesNoSenseIsRefused) {
  EXPECT_THROW(packing_of({.scale_factor = {{0}}}, kInt16, "f"), DataError);
  EXPECT_THROW(packing_of({.scale_factor = {{NAN}}}, kInt16, "f"), DataError);
  EXPECT_THROW(packing_of({.add_offset = {{1, 2}}}, kInt16, "f"), DataError);
  EXPECT_THROW(packing_of({.valid_range = {{1}}}, kInt16, "f"), DataError);
  EXPECT_THROW(packing_of({.valid_range = {{2, 1}}}, kInt16, "f"), DataError);
}

}  // namespace
}  // namespace msde
