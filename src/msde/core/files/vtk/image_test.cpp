#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/core/files/vtk/array_values.hpp"
#include "msde/core/files/vtk/image_header.hpp"
#include "msde/core/files/vtk/root_type.hpp"

namespace msde::vtk {
namespace {

std::string bytes_of(uint64_t value, size_t width, bool big = false) {
  std::string bytes;
  for (size_t i = 0; i < width; ++i) bytes += static_cast<char>(value >> 8 * (big ? width - 1 - i : i));
  return bytes;
}

// 3 x 2 points of one array 'u' of values 0 .. 5, each of them at a place of its own.
std::string image(const std::string& root, const std::string& array, const std::string& appended = "",
                  const std::string& extent = "0 2 0 1 0 0", const std::string& more = "") {
  return "<?xml version=\"1.0\"?>\n<VTKFile type=\"ImageData\" version=\"1.0\" " + root +
         ">\n<ImageData WholeExtent=\"0 2 0 1 0 0\" Origin=\"1 2 3\" Spacing=\".5 .25 1\" " + more +
         ">\n<Piece Extent=\"" + extent + "\">\n<PointData Scalars=\"u\">\n" + array +
         "\n</PointData><CellData/></Piece></ImageData>" + appended + "</VTKFile>\n";
}

std::string floats(bool big = false) {
  std::string bytes;
  for (const float value : {0.f, 1.f, 2.f, 3.f, 4.f, 5.f}) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    bytes += bytes_of(bits, 4, big);
  }
  return bytes;
}

std::string raw(const std::string& data) {
  return "<AppendedData encoding=\"raw\">_" + data + "</AppendedData>";
}

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string stream(size, '\0');
  compress(reinterpret_cast<Bytef*>(stream.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
           bytes.size());
  stream.resize(size);
  return stream;
}

const std::string kAppended = R"(<DataArray type="Float32" Name="u" format="appended" offset="0"/>)";
const std::string kZlib = R"(compressor="vtkZLibDataCompressor")";

class vtk_image : public testing::Test {
 protected:
  void write(const std::string& content) const { std::ofstream(path_, std::ios::binary) << content; }
  std::vector<double> values(const std::string& content) const {
    write(content);
    const ByteFile file(path_);
    const auto header = read_image_header(file);
    const ArrayValues array(file, header.encoding, header.arrays.at(0), header.values());
    std::vector<double> all(static_cast<size_t>(header.values())), part(2);
    array.read(0, header.values(), all.data());
    array.read(3, 2, part.data());
    EXPECT_EQ(part, (std::vector<double>{all[3], all[4]}));
    return all;
  }
  void refuses(const std::string& content, const std::vector<std::string>& words) const {
    try {
      values(content);
      ADD_FAILURE() << "is read: " << words[0];
    } catch (const DataError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find(path_ + ": "), 0u) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      for (const auto& word : words) EXPECT_NE(message.find(word), std::string::npos) << message;
    }
  }

  TestFolder folder_;
  const std::string path_ = folder_ / "a.vti";
  const std::vector<double> expected_ = {0, 1, 2, 3, 4, 5};
};

TEST_F(vtk_image, what_the_header_says) {
  write(image("", R"(<DataArray type="Float64" Name="u" NumberOfComponents="2" format="ascii">1 2</DataArray>
                     <DataArray type="String" Name="words" format="ascii"/>)"));
  const auto header = read_image_header(ByteFile(path_));
  EXPECT_EQ(header.counts, (std::array<int64_t, 3>{3, 2, 1}));
  EXPECT_EQ(header.first, (std::array<double, 3>{1, 2, 3}));
  EXPECT_EQ(header.spacing, (std::array<double, 3>{.5, .25, 1}));
  EXPECT_EQ(header.arrays.at(0).components, 2);
  EXPECT_EQ(header.left_out, std::vector<std::string>{"words"});
  EXPECT_EQ(root_type(path_), "ImageData");
  EXPECT_EQ(root_type(folder_ / "absent"), "");
}

TEST_F(vtk_image, text) {
  EXPECT_EQ(values(image("", R"(<DataArray type="Int8" Name="u" format="ascii">
      0 +1 2e0
      3.0 4 5 </DataArray>)")),
            expected_);
  refuses(image("", R"(<DataArray type="Int8" Name="u" format="ascii">0 1 2 3 4.00</DataArray>)"),
          {"'u'", "got 5", "expected 6"});
  refuses(image("", R"(<DataArray type="Int8" Name="u" format="ascii">0 1 2 3 4 5 6</DataArray>)"),
          {"got 7", "expected 6"});
  refuses(image("", R"(<DataArray type="Int8" Name="u" format="ascii">0 1 2 3 4 five</DataArray>)"),
          {"no number"});
  refuses(image("", R"(<DataArray type="Int8" Name="u" format="ascii"/>)"), {"expected 6 numbers"});
}

TEST_F(vtk_image, raw_in_either_order_and_width) {
  for (const bool big : {false, true})
    for (const size_t width : {4, 8}) {
      const std::string root = std::string("byte_order=\"") + (big ? "BigEndian" : "LittleEndian") +
                               "\" header_type=\"UInt" + (width == 4 ? "32" : "64") + "\"";
      EXPECT_EQ(values(image(root, kAppended, raw(bytes_of(24, width, big) + floats(big)))), expected_);
    }
}

TEST_F(vtk_image, blocks_of_zlib) {
  const auto data = floats();
  const auto first = deflated(data.substr(0, 10)), second = deflated(data.substr(10, 10)),
             last = deflated(data.substr(20));
  const auto table = bytes_of(3, 4) + bytes_of(10, 4) + bytes_of(4, 4) + bytes_of(first.size(), 4) +
                     bytes_of(second.size(), 4) + bytes_of(last.size(), 4);
  EXPECT_EQ(values(image(kZlib, kAppended, raw(table + first + second + last))), expected_);
  const auto whole = deflated(data);
  const auto one = [&](uint64_t blocks, uint64_t of_each, uint64_t of_last, uint64_t packed) {
    return image(
        kZlib, kAppended,
        raw(bytes_of(blocks, 4) + bytes_of(of_each, 4) + bytes_of(of_last, 4) + bytes_of(packed, 4) + whole));
  };
  EXPECT_EQ(values(one(1, 24, 0, whole.size())), expected_);
  EXPECT_EQ(values(one(1, 24, 24, whole.size())), expected_);
  refuses(one(1, 23, 0, whole.size()), {"'u'", "got 1 blocks of 23", "expected 24 bytes"});
  refuses(one(0, 24, 0, whole.size()), {"got 0 blocks"});
  refuses(one(4000000000, 24, 0, whole.size()), {"4000000000 blocks", "room"});
  refuses(one(1, 0, 24, whole.size()), {"blocks of 0 bytes"});
  refuses(one(1, 24, 0, whole.size() - 1), {"block 0", "damaged"});
  refuses(one(1, 24, 0, 4000000000), {"block 0", "4000000000"});
  refuses(one(1, 24, 0, 0), {"block 0"});
}

TEST_F(vtk_image, sizes_are_held_against_the_file) {
  refuses(image("", kAppended, raw(bytes_of(20, 4) + floats())), {"'u'", "got 20 bytes", "expected 24"});
  refuses(image("", kAppended, raw(bytes_of(24, 4))), {"cut short"});
  refuses(image("", kAppended), {"<AppendedData> is missing"});
  refuses(image("", R"(<DataArray type="Float32" Name="u" format="appended" offset="999"/>)",
                raw(bytes_of(24, 4) + floats())),
          {"'u'", "offset 999"});
  refuses(image("", R"(<DataArray type="Float32" Name="u" format="appended" offset="-4"/>)",
                raw(bytes_of(24, 4) + floats())),
          {"offset", "'-4'"});
  auto huge = image("", kAppended, raw(bytes_of(24, 4) + floats()));
  for (const char* attribute : {"WholeExtent=\"0 2 0 1 0 0\"", " Extent=\"0 2 0 1 0 0\""}) {
    const std::string text = attribute;
    if (huge.find(text) == std::string::npos) continue;
    huge.replace(huge.find(text), text.size(), text.substr(0, text.find('"')) + "\"0 99999 0 99999 0 9999\"");
  }
  refuses(huge, {"'u'", "expected 400000000000000"});
}

TEST_F(vtk_image, what_is_not_read_is_named) {
  const auto data = raw(bytes_of(24, 4) + floats());
  refuses(image("compressor=\"vtkLZ4DataCompressor\"", kAppended, data),
          {"vtkLZ4DataCompressor", "python3 -c", "CompressorTypeToZLib"});
  refuses(image("compressor=\"vtkLZMADataCompressor\"", kAppended, data),
          {"vtkLZMADataCompressor", "python3 -c"});
  refuses(image("", kAppended, data, "0 1 0 1 0 0"),
          {"Extent", "'0 1 0 1 0 0'", "'0 2 0 1 0 0'", "python3 -c"});
  refuses(image("", kAppended, data, "0 2 0 1 0 0", "Direction=\"0 1 0 1 0 0 0 0 1\""),
          {"Direction", "not turned"});
  refuses(image("", kAppended + kAppended, data), {"two arrays", "'u'"});
  refuses(image("", R"(<DataArray type="Bit" Name="u" format="ascii">1</DataArray>)"),
          {"no arrays of numbers"});
  refuses(image("byte_order=\"Middle\"", kAppended, data), {"byte_order", "Middle"});
  refuses(image("header_type=\"Int8\"", kAppended, data), {"header_type"});
  refuses(image("", R"(<DataArray type="Float32" Name="u" format="magic"/>)"), {"'u'", "magic"});
  refuses(image("", R"(<DataArray type="Float32" Name="u" NumberOfComponents="0" format="ascii"/>)"),
          {"got 0 components"});
  refuses("<VTKFile type=\"PolyData\"></VTKFile>", {"'PolyData'", "'ImageData'"});
  refuses("<VTKFile type=\"ImageData\"></VTKFile>", {"<ImageData>"});
  refuses("<VTKFile type=\"ImageData\"><ImageData></VTKFile>", {"damaged"});
}

TEST_F(vtk_image, every_cut_of_a_file_is_refused_or_the_same) {
  const auto content = image("", kAppended, raw(bytes_of(24, 4) + floats()));
  const size_t data_end = content.find("</AppendedData>");
  for (size_t length = 0; length < data_end; ++length) {
    write(content.substr(0, length));
    EXPECT_THROW(
        {
          const ByteFile file(path_);
          const auto header = read_image_header(file);
          ArrayValues(file, header.encoding, header.arrays.at(0), header.values());
        },
        DataError)
        << length;
  }
}

}  // namespace
}  // namespace msde::vtk
