#include "msde/core/files/vtk/image_writer.hpp"

#include <fmt/format.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "msde/core/error.hpp"

namespace msde::vtk {
namespace {

// Names of channels may be anything.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '"')
      result += "&quot;";
    else
      result += c;
  }
  return result;
}

std::string header(const ImageLayout& l) {
  const auto extent = fmt::format("0 {} 0 {} 0 {}", l.points[0] - 1, l.points[1] - 1, l.points[2] - 1);
  std::string text = fmt::format(
      "<?xml version=\"1.0\"?>\n<VTKFile type=\"ImageData\" version=\"1.0\" byte_order=\"{}\" "
      "header_type=\"UInt64\">\n"
      "<ImageData WholeExtent=\"{}\" Origin=\"{} {} {}\" Spacing=\"{} {} {}\">\n"
      "<FieldData><DataArray type=\"Float64\" Name=\"TimeValue\" NumberOfTuples=\"1\" "
      "format=\"ascii\">{}</DataArray>"
      "</FieldData>\n<Piece Extent=\"{}\">\n<PointData Scalars=\"{}\">\n",
      std::endian::native == std::endian::little ? "LittleEndian" : "BigEndian", extent, l.origin[0],
      l.origin[1], l.origin[2], l.spacing[0], l.spacing[1], l.spacing[2], l.time, extent,
      l.names.empty() ? "" : escaped(l.names[0]));
  constexpr int64_t kSize = 8;  // before each array, its bytes
  for (size_t i = 0; i < l.names.size(); ++i)
    text += fmt::format("<DataArray type=\"{}\" Name=\"{}\" format=\"appended\" offset=\"{}\"/>\n",
                        l.float64 ? "Float64" : "Float32", escaped(l.names[i]),
                        static_cast<int64_t>(i) * (kSize + l.bytes_of_array()));
  return text + "</PointData>\n</Piece>\n</ImageData>\n<AppendedData encoding=\"raw\">\n_";
}

}  // namespace

ImageWriter::ImageWriter(const std::string& path, const ImageLayout& layout)
    : path_(path),
      file_(path, std::ios::binary),
      bytes_of_array_(layout.bytes_of_array()),
      left_(static_cast<int64_t>(layout.names.size())) {
  if (!(file_ << header(layout))) fail();
}

void ImageWriter::append(const void* values) {
  --left_;
  const auto size = static_cast<uint64_t>(bytes_of_array_);
  file_.write(reinterpret_cast<const char*>(&size), sizeof size);
  if (!file_.write(static_cast<const char*>(values), static_cast<std::streamsize>(bytes_of_array_))) fail();
}

void ImageWriter::close() {
  if (left_ != 0) throw DataError(fmt::format("{}: {} arrays are missing", path_, left_));
  file_ << "\n</AppendedData>\n</VTKFile>\n";
  file_.close();
  if (!file_) fail();
}

void ImageWriter::fail() const {
  throw DataError(path_ + ": cannot be written: " + std::strerror(errno));
}

}  // namespace msde::vtk
