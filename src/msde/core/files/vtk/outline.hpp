// The outline of a file of VTK's XML formats: its elements and attributes, and where its text is, which may be far larger
// than memory. What follows <AppendedData>_ is no XML and is not looked at.
#pragma once

#include <string>
#include <vector>

#include "msde/core/files/byte_file.hpp"

namespace msde::vtk {

// Bytes begin .. end - 1 of a file.
struct Span {
  int64_t begin = 0, end = 0;
  int64_t size() const { return end - begin; }
};

struct Outline {
  std::string markup;       // the XML, each piece of text in it replaced by its number
  std::vector<Span> texts;  // where these are in the file, without the blanks around them
  Span appended{-1, -1};    // the data that are appended; from -1 on where there are none
};

// DataError: no XML, more than 16 MiB of markup, elements within more than 64 others, a tag of more than 64 KiB, a
// document type or CDATA, more than 1 GiB before what is appended, or no end of that.
Outline read_outline(const ByteFile& file);

}  // namespace msde::vtk
