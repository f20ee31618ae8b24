#include "msde/core/files/vtk/image_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "msde/core/error.hpp"
#include "msde/core/files/vtk/xml.hpp"
#include "msde/core/report/printable.hpp"

namespace msde::vtk {
namespace {

constexpr NumberType kTypes[] = {
    {"Int8", 'i', 1},   {"UInt8", 'u', 1}, {"Int16", 'i', 2},  {"UInt16", 'u', 2},  {"Int32", 'i', 4},
    {"UInt32", 'u', 4}, {"Int64", 'i', 8}, {"UInt64", 'u', 8}, {"Float32", 'f', 4}, {"Float64", 'f', 8}};
constexpr const char* kAxes = "xyz";

class HeaderReader {
 public:
  explicit HeaderReader(const ByteFile& file) : xml_(file, "ImageData") {}

  ImageHeader read() {
    const auto image = xml_.root().child("ImageData");
    if (!image) xml_.fail("<VTKFile>", "has no <ImageData>; the file is damaged");
    read_encoding();
    const auto piece = only_piece(image);
    read_grid(image, piece);
    for (const char* group : {"PointData", "CellData"}) {
      if (!header_.arrays.empty()) break;
      header_.of_cells = group == std::string("CellData");
      for (const auto& element : piece.child(group).children("DataArray")) add(element);
    }
    if (header_.arrays.empty())
      xml_.fail("<Piece>", "has no arrays of numbers of its points or cells, expected fields");
    if (header_.of_cells)
      use_cells();
    else
      for (const auto& element : piece.child("CellData").children("DataArray"))
        header_.left_out_cells.push_back(printable(element.attribute("Name").value()));
    for (const auto& element : image.child("FieldData").children("DataArray"))
      if (element.attribute("Name").value() == std::string("TimeValue")) header_.time = array_of(element);
    return header_;
  }

 private:
  void read_encoding() {
    const auto root = xml_.root();
    const std::string order = root.attribute("byte_order").as_string("LittleEndian");
    if (order != "LittleEndian" && order != "BigEndian")
      xml_.fail("<VTKFile byte_order>", "got '" + printable(order) + "', expected LittleEndian or BigEndian");
    const std::string words = root.attribute("header_type").as_string("UInt32");
    if (words != "UInt32" && words != "UInt64")
      xml_.fail("<VTKFile header_type>", "got '" + printable(words) + "', expected UInt32 or UInt64");
    const std::string compressor = root.attribute("compressor").value();
    if (!compressor.empty() && compressor != "vtkZLibDataCompressor")
      xml_.fail("<VTKFile compressor>", "got '" + printable(compressor) +
                                            "', expected vtkZLibDataCompressor or none; " +
                                            rewritten_by(xml_.path()));
    header_.encoding = {order == "BigEndian", !compressor.empty(), words == "UInt64" ? 8 : 4};
  }

  pugi::xml_node only_piece(const pugi::xml_node& image) const {
    const auto pieces = image.children("Piece");
    const auto n = std::distance(pieces.begin(), pieces.end());
    if (n != 1)
      xml_.fail("<ImageData>", fmt::format("got {} pieces, expected one{}", n,
                                           n > 1 ? "; " + rewritten_by(xml_.path()) : ""));
    return *pieces.begin();
  }

  std::array<int64_t, 6> extent(const pugi::xml_node& element, const char* attribute) const {
    constexpr double kFarthest = 1e12;
    const auto numbers = xml_.numbers(element, attribute, 6, {});
    const auto fail = [&](const std::string& got, const std::string& expected) {
      xml_.fail(fmt::format("<{} {}>", element.name(), attribute), "got " + got + ", expected " + expected);
    };
    if (numbers.empty()) fail("none", "the first and last point of each axis");
    std::array<int64_t, 6> extent{};
    for (size_t i = 0; i < 6; ++i) {
      if (!(std::abs(numbers[i]) <= kFarthest) || numbers[i] != std::floor(numbers[i]))
        fail(fmt::format("{:g}", numbers[i]), "whole numbers");
      extent[i] = static_cast<int64_t>(numbers[i]);
      if (i % 2 == 1 && extent[i] < extent[i - 1])
        fail(fmt::format("{} to {} along {}", extent[i - 1], extent[i], kAxes[i / 2]), "at least one point");
    }
    return extent;
  }

  void read_grid(const pugi::xml_node& image, const pugi::xml_node& piece) {
    const auto whole = extent(image, "WholeExtent"), here = extent(piece, "Extent");
    if (whole != here)
      xml_.fail("<Piece Extent>",
                fmt::format("got '{}', expected the WholeExtent '{}'; {}",
                            printable(piece.attribute("Extent").value()),
                            printable(image.attribute("WholeExtent").value()), rewritten_by(xml_.path())));
    const auto origin = xml_.numbers(image, "Origin", 3, {0, 0, 0});
    const auto spacing = xml_.numbers(image, "Spacing", 3, {1, 1, 1});
    const std::vector<double> identity = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    if (xml_.numbers(image, "Direction", 9, identity) != identity)
      xml_.fail("<ImageData Direction>",
                fmt::format("got '{}', expected axes that are not turned, '1 0 0 0 1 0 0 0 1'",
                            printable(image.attribute("Direction").value())));
    int64_t all = 1;
    for (size_t axis = 0; axis < 3; ++axis) {
      header_.counts[axis] = here[2 * axis + 1] - here[2 * axis] + 1;
      if (__builtin_mul_overflow(all, header_.counts[axis], &all) || all > kMostValues)
        xml_.fail("<Piece Extent>", "got more values than a file can hold");
      header_.first[axis] = origin[axis] + static_cast<double>(here[2 * axis]) * spacing[axis];
      header_.spacing[axis] = spacing[axis];
      const bool right = std::isfinite(header_.first[axis]) && std::isfinite(spacing[axis]);
      if (!right || (header_.counts[axis] > 1 && spacing[axis] <= 0))
        xml_.fail("<ImageData>",
                  fmt::format("got origin {:g} and spacing {:g} along {}, expected finite numbers, the "
                              "spacing positive",
                              origin[axis], spacing[axis], kAxes[axis]));
    }
  }

  void use_cells() {
    for (size_t axis = 0; axis < 3; ++axis) {
      if (header_.counts[axis] == 1) continue;
      --header_.counts[axis];
      header_.first[axis] += header_.spacing[axis] / 2;
    }
  }

  void add(const pugi::xml_node& element) {
    const std::string name = element.attribute("Name").value();
    const bool of_vtk = name.rfind("vtk", 0) == 0;  // vtkGhostType and the like
    if (of_vtk || !number_type(element.attribute("type").value())) {
      header_.left_out.push_back(printable(name));
      return;
    }
    if (name.empty()) xml_.fail("<DataArray>", "an array has no Name; name its fields");
    if (!names_.insert(name).second)
      xml_.fail("<DataArray>", "got two arrays called '" + printable(name) + "'; names tell channels apart");
    header_.arrays.push_back(array_of(element));
    const DataArray& array = header_.arrays.back();
    components_ += array.components;
    if (components_ > kMostChannels)
      xml_.fail("<Piece>",
                fmt::format("got more than {} components of arrays, expected so many channels at most",
                            kMostChannels));
    // Arrays that share their bytes would let a small file claim any number of values.
    if (array.place.size() > 0 && !begins_.insert(array.place.begin).second)
      xml_.fail("'" + printable(name) + "'", "begins at the same byte as another array");
  }

  DataArray array_of(const pugi::xml_node& element) const {
    DataArray array;
    array.name = element.attribute("Name").value();
    const std::string where = "'" + printable(array.name) + "'";
    array.type = number_type(element.attribute("type").value());
    if (!array.type) xml_.fail(where, "got values that are not numbers");
    array.components = xml_.whole(element, "NumberOfComponents", 1);
    if (array.components < 1 || array.components > kMostComponents)
      xml_.fail(where, fmt::format("got {} components, expected 1 to {}", array.components, kMostComponents));
    const std::string format = element.attribute("format").as_string("ascii");
    array.appended = format == "appended";
    if (!array.appended && format != "ascii" && format != "binary")
      xml_.fail(where, "got format '" + printable(format) + "', expected ascii, binary or appended");
    if (!array.appended) {
      array.storage = format == "ascii" ? Storage::ascii : Storage::base64;
      array.place = xml_.text(element);
      return array;
    }
    const Span& all = xml_.outline().appended;
    const int64_t offset = xml_.whole(element, "offset", -1);
    if (all.begin < 0) xml_.fail(where, "its values are appended, but nothing is: <AppendedData> is missing");
    if (offset < 0 || offset >= all.size())
      xml_.fail(where, fmt::format("got offset {}, expected one within the {} bytes that are appended",
                                   offset, all.size()));
    const std::string encoding = xml_.root().child("AppendedData").attribute("encoding").value();
    if (encoding != "raw" && encoding != "base64")
      xml_.fail("<AppendedData encoding>", "got '" + printable(encoding) + "', expected raw or base64");
    array.storage = encoding == "raw" ? Storage::raw : Storage::base64;
    array.place = {all.begin + offset, all.end};
    return array;
  }

  static constexpr int64_t kMostComponents = 1024, kMostChannels = 4096, kMostValues = int64_t{1} << 48;
  const XmlFile xml_;
  ImageHeader header_;
  std::unordered_set<std::string> names_;
  std::unordered_set<int64_t> begins_;  // of arrays in the file
  int64_t components_ = 0;
};

}  // namespace

const NumberType* number_type(const std::string& name) {
  const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&](const NumberType& type) { return name == type.name; });
  return found == std::end(kTypes) ? nullptr : found;
}

ImageHeader read_image_header(const ByteFile& file) {
  return HeaderReader(file).read();
}

std::string rewritten_by(const std::string& path) {
  return fmt::format(
      "python3 -c \"import vtk; r = vtk.vtkXMLImageDataReader(); r.SetFileName('{0}'); w = "
      "vtk.vtkXMLImageDataWriter(); w.SetInputConnection(r.GetOutputPort()); w.SetFileName('{0}.whole.vti'); "
      "w.SetCompressorTypeToZLib(); w.Write()\" writes it as one that msde reads",
      path);
}

}  // namespace msde::vtk
