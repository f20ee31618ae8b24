#include "msde/core/files/npy.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

struct NpyArray {
  std::vector<int64_t> shape;
  std::vector<double> values;  // C order
};

NpyArray read_npy(const std::string& path) {
  const auto file = NpyFile::open(path);
  return {file.shape(), file.read(0, file.size())};
}

class Npy : public testing::Test {
 protected:
  template <class T>
  static std::string file(const std::string& dictionary, const std::vector<T>& values, char version = 1) {
    std::string text("\x93NUMPY", 6);
    text += {version, 0};
    const size_t length = dictionary.size();
    text += {static_cast<char>(length & 255), static_cast<char>(length >> 8)};
    if (version > 1) text += {0, 0};
    text += dictionary;
    text.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    return text;
  }
  NpyArray read(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    return read_npy(path_);
  }

  TestFolder folder_;
  const std::string path_ = folder_ / "array.npy";
};

TEST_F(Npy, EveryTypeAndVersion) {
  const std::vector<double> expected = {1, 2, 3, 4, 5, 6};
  const auto check = [&](const NpyArray& array) {
    EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(array.values, expected);
  };
  const std::string tail = "', 'fortran_order': False, 'shape': (2, 3), }   \n";
  check(read(file<float>("{'descr': '<f4" + tail, {1, 2, 3, 4, 5, 6})));
  check(read(file<double>("{'descr': '<f8" + tail, {1, 2, 3, 4, 5, 6}, 2)));
  check(read(file<int32_t>("{'descr': '<i4" + tail, {1, 2, 3, 4, 5, 6}, 3)));
  check(read(file<int64_t>("{'descr': '<i8" + tail, {1, 2, 3, 4, 5, 6})));
  check(read(file<float>("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", {1, 4, 2, 5, 3, 6})));
}

TEST_F(Npy, EitherOrderOfBytesAndSmallIntegers) {
  const std::string tail = "', 'fortran_order': False, 'shape': (2,), }   \n";
  const std::vector<double> expected = {1.5, -2};
  const std::string big_f4("\x3f\xc0\0\0\xc0\0\0\0", 8);
  EXPECT_EQ(read(file<char>("{'descr': '>f4" + tail, {big_f4.begin(), big_f4.end()})).values, expected);
  const std::string big_f8("\x3f\xf8\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0", 16);
  EXPECT_EQ(read(file<char>("{'descr': '>f8" + tail, {big_f8.begin(), big_f8.end()})).values, expected);
  EXPECT_EQ(read(file<char>("{'descr': '>i2" + tail, {1, 2, -1, -2})).values, (std::vector<double>{258, -2}));
  EXPECT_EQ(read(file<char>("{'descr': '|u1" + tail, {1, -1})).values, (std::vector<double>{1, 255}));
  EXPECT_EQ(read(file<uint16_t>("{'descr': '<u2" + tail, {1, 65535})).values,
            (std::vector<double>{1, 65535}));
  EXPECT_EQ(read(file<uint64_t>("{'descr': '<u8" + tail, {1, 1ull << 63})).values,
            (std::vector<double>{1, 9223372036854775808.}));
}

TEST_F(Npy, WithinAnotherFile) {
  const auto inner = file<float>("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", {1, 2, 3});
  std::ofstream(path_, std::ios::binary) << "before" << inner << "after";
  const auto size = static_cast<int64_t>(inner.size());
  const auto opened = NpyFile::open_within(ByteFile(path_), 6, size, "member");
  EXPECT_EQ(opened.read(1, 2), (std::vector<double>{2, 3}));
  EXPECT_THROW(NpyFile::open_within(ByteFile(path_), 6, size + 1, "member"), DataError);
  EXPECT_THROW(NpyFile::open_within(ByteFile(path_), 6, size + 6, "member"), DataError);
  const auto words =
      file<char>("{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }", {1, 2, 3, 4, 5, 6, 7, 8});
  std::ofstream(path_, std::ios::binary) << words;
  const auto text = NpyFile::open_within(ByteFile(path_), 0, static_cast<int64_t>(words.size()), "member");
  EXPECT_FALSE(text.is_numeric());
  EXPECT_THROW(text.read(0, 0), DataError);
  EXPECT_THROW(NpyFile::open(path_), DataError);
}

TEST_F(Npy, FortranOrderInThreeDimensions) {
  std::vector<float> values(24);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k) values[i + 2 * (j + 3 * k)] = 100.f * i + 10.f * j + k;
  const auto array =
      read(file<float>("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 4), }", values));
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k) EXPECT_EQ(array.values[(i * 3 + j) * 4 + k], 100 * i + 10 * j + k);
}

TEST_F(Npy, APieceAtATime) {
  for (const std::string order : {"False", "True"}) {
    const auto whole = read(file<float>("{'descr': '<f4', 'fortran_order': " + order + ", 'shape': (2, 3), }",
                                        {1, 2, 3, 4, 5, 6}));
    EXPECT_TRUE(NpyFile::recognises(path_));
    const auto opened = NpyFile::open(path_);
    EXPECT_EQ(opened.shape(), whole.shape);
    for (int64_t first = 0; first <= 6; ++first)
      for (int64_t count = 0; first + count <= 6; ++count)
        EXPECT_EQ(opened.read(first, count),
                  std::vector<double>(whole.values.begin() + first, whole.values.begin() + first + count));
    EXPECT_THROW(opened.read(5, 2), DataError);
  }
  EXPECT_FALSE(NpyFile::recognises(folder_ / "absent.npy"));
}

TEST_F(Npy, ScalarsAndVectors) {
  EXPECT_EQ(read(file<double>("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", {7})).values.size(),
            1u);
  EXPECT_EQ(
      read(file<double>("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", {7, 8})).shape.size(),
      1u);
  EXPECT_TRUE(
      read(file<double>("{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", {})).values.empty());
}

TEST_F(Npy, BadFilesAreDataErrors) {
  const std::string good =
      file<float>("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", {1, 2, 3, 4, 5, 6});
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_THROW(read(good.substr(0, length)), DataError) << length;
  }
  EXPECT_THROW(read(good + "x"), DataError);
  for (const std::string dictionary :
       {"{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", "{'descr': '<f4', 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999,999999999999999), }", "",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"}) {
    EXPECT_THROW(read(file<float>(dictionary, {1})), DataError) << dictionary;
  }
  std::filesystem::remove(path_);
  EXPECT_THROW(read_npy(path_), DataError);
}

}  // namespace
}  // namespace msde
