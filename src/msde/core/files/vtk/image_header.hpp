// What a file of VTK ImageData (.vti) says of its grid and arrays, without a value of them.
// Source: the VTK File Formats, www.vtk.org/VTK/img/file-formats.pdf.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "msde/core/files/byte_file.hpp"
#include "msde/core/files/vtk/outline.hpp"

namespace msde::vtk {

// How numbers are stored.
struct NumberType {
  const char* name;  // "Float32"
  char kind;         // 'f' float, 'i' with a sign, 'u' without
  int64_t width;     // bytes
  bool finer_than_float() const { return kind == 'f' ? width > 4 : width > 2; }
};

// nullptr for what is no number: String, Bit and what VTK does not know.
const NumberType* number_type(const std::string& name);

// How the bytes of all arrays of a file are stored.
struct Encoding {
  bool big_endian = false;
  bool zlib = false;
  int64_t header_width = 4;  // bytes of the numbers of bytes before the data
};

enum class Storage { ascii, base64, raw };

struct DataArray {
  std::string name;
  const NumberType* type = nullptr;
  int64_t components = 1;
  Storage storage = Storage::raw;
  Span
      place;  // of text and base64 within the XML; of what is appended, from its first byte to the end of all
  bool appended = false;
};

struct ImageHeader {
  // Of the axes x, y, z: values (points, or cells where the arrays are theirs), the place of the first and the distance
  // of neighbours.
  std::array<int64_t, 3> counts{};
  std::array<double, 3> first{}, spacing{};
  bool of_cells = false;
  std::vector<DataArray> arrays;                      // of numbers, in the order of the file
  std::vector<std::string> left_out, left_out_cells;  // names of the others, and of VTK's own
  std::optional<DataArray> time;                      // TimeValue among the field data, one value
  Encoding encoding;

  int64_t values() const { return counts[0] * counts[1] * counts[2]; }  // fits
};

// The arrays of the points, or where these have none those of the cells. DataError naming what, got and expected: no
// ImageData, several pieces, axes that are turned, another compressor than zlib, grids without values, arrays that are
// called alike or lie nowhere.
ImageHeader read_image_header(const ByteFile& file);

// The line of Python that writes any such file as one that msde reads.
std::string rewritten_by(const std::string& path);

}  // namespace msde::vtk
