// The members of a zip archive, as its central directory lists them.
// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3 (Zip64).
#pragma once

#include <string>
#include <vector>

#include "msde/core/files/byte_file.hpp"

namespace msde {

struct ZipMember {
  std::string name;
  bool stored = false;          // as it is: neither compressed nor encrypted
  int64_t begin = 0, size = 0;  // of a stored one, within the file
};

// In the order of the directory. Every stored member lies within the file, before the directory. Checksums are not
// looked at. DataError naming what does not fit: no archive, cut short, of several files.
std::vector<ZipMember> read_zip(const ByteFile& file);

}  // namespace msde
