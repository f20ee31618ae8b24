#include "msde/core/files/safetensors.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde::safetensors {
namespace {

template <class T>
Array array(const std::string& dtype, const std::vector<int64_t>& shape, const std::vector<T>& values) {
  Array result{dtype, shape, std::vector<std::byte>(values.size() * sizeof(T))};
  if (!values.empty()) std::memcpy(result.bytes.data(), values.data(), result.bytes.size());
  return result;
}

Document example() {
  Document document;
  document.arrays["drift.weight"] = array<float>("F32", {2, 3}, {1, 2, 3, 4, 5, 6});
  document.arrays["bias"] = array<double>("F64", {}, {0.5});
  document.arrays["none"] = array<float>("F32", {0, 4}, {});
  document.arrays["step"] = array<int64_t>("I64", {1}, {-7});
  document.metadata = {{"format", "msde"}, {"quote", "\"ü\n"}};
  return document;
}

class Safetensors : public testing::Test {
 protected:
  Document load_bytes(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    return load(path_);
  }
  static std::string with_header(const std::string& header, const std::string& values) {
    std::string content(8, '\0');
    for (int i = 0; i < 8; ++i) content[i] = static_cast<char>(header.size() >> (8 * i));
    return content + header + values;
  }

  TestFolder folder_;
  const std::string path_ = folder_ / "model.safetensors";
};

TEST_F(Safetensors, ReadsBackWhatItWrote) {
  const Document document = example();
  save(path_, document);
  const Document read = load(path_);
  EXPECT_EQ(read.metadata, document.metadata);
  ASSERT_EQ(read.arrays.size(), document.arrays.size());
  for (const auto& [name, expected] : document.arrays) {
    EXPECT_EQ(read.arrays.at(name).dtype, expected.dtype);
    EXPECT_EQ(read.arrays.at(name).shape, expected.shape);
    EXPECT_EQ(read.arrays.at(name).bytes, expected.bytes);
  }
}

TEST_F(Safetensors, EqualContentGivesEqualBytesAndAlignedValues) {
  save(path_, example());
  const std::string first = read_text(path_);
  save(path_, example());
  EXPECT_EQ(read_text(path_), first);
  EXPECT_EQ(static_cast<unsigned char>(first[0]) % 8, 0);
}

TEST_F(Safetensors, RefusesToSaveAWrongArray) {
  Document document = example();
  document.arrays["bias"].shape = {2};
  EXPECT_THROW(save(path_, document), ModelFormatError);
  document = example();
  document.arrays["bias"].dtype = "F63";
  EXPECT_THROW(save(path_, document), ModelFormatError);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(Safetensors, TruncatedAnywhere) {
  save(path_, example());
  const std::string whole = read_text(path_);
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(load_bytes(whole.substr(0, length)), ModelFormatError) << length;
  }
  EXPECT_THROW(load_bytes(whole + "x"), ModelFormatError);
  std::filesystem::remove(path_);
  EXPECT_THROW(load(path_), ModelFormatError);
  EXPECT_THROW(load(folder_.path()), ModelFormatError);
}

TEST_F(Safetensors, WrongHeaders) {
  const std::string a = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  EXPECT_EQ(load_bytes(with_header("{" + a + "}", "1234")).arrays.size(), 1u);
  EXPECT_TRUE(load_bytes(with_header("{}", "")).arrays.empty());
  const std::string four = "1234", eight = "12345678";
  for (const auto& [header, values] : std::vector<std::pair<std::string, std::string>>{
           {"", ""},
           {"[]", ""},
           {"{" + a, four},
           {"{" + a + "}", eight},           // bytes left over
           {"{" + a + "," + a + "}", four},  // repeated name
           {"{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})", "123456"},       // overlap
           {"{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[6,10]}})", "1234567890"},  // hole
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", eight},  // hole at the start
           {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", four},
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,400]}})", four},
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", four},
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", four},
           {R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", four},
           {R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", four},
           {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}})",
            ""},  // overflows to 0
           {R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]}})", four},
           {R"({"a":{"dtype":"X","shape":[4],"data_offsets":[0,4]}})", four},
           {R"({"a":{"dtype":4,"shape":[4],"data_offsets":[0,4]}})", four},
           {R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"more":1}})", four},
           {R"({"a":7})", ""},
           {R"({"__metadata__":{"a":1}})", ""},
           {R"({"__metadata__":[]})", ""},
           {std::string(100'000, '['), ""},
           {"{\"a\xff\":1}", ""}}) {
    EXPECT_THROW(load_bytes(with_header(header, values)), ModelFormatError) << header.substr(0, 100);
  }
  EXPECT_THROW(load_bytes(std::string(8, '\xff') + "{}"), ModelFormatError);  // length 2^64 - 1
}

// Random damage: a document or a ModelFormatError of one line, never a crash.
TEST_F(Safetensors, DamagedBytes) {
  save(path_, example());
  const std::string whole = read_text(path_);
  uint32_t state = 1;
  for (int round = 0; round < 500; ++round) {
    std::string content = whole;
    for (int i = 0; i < 1 + round % 3; ++i) {
      state = state * 1664525u + 1013904223u;
      content[(state >> 8) % content.size()] = static_cast<char>(state >> 3);
    }
    try {
      load_bytes(content);
    } catch (const ModelFormatError& error) {
      EXPECT_NE(std::string(error.what()).find(path_), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace msde::safetensors
