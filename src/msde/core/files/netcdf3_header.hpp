// The header of a classic NetCDF file, checked. Internal to netcdf3.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "msde/core/files/netcdf3.hpp"

namespace msde::netcdf3 {

struct Header {
  std::vector<Dimension> dimensions;
  std::vector<Attribute> attributes;
  std::vector<Variable> variables;
};

// Where a header is read from.
struct HeaderBytes {
  std::string path;
  int64_t file_size = 0;
  std::function<void(int64_t from, int64_t count, unsigned char* out)> read;
};

// Every count, name and place is checked against the file's size before anything is allocated by it. DataError naming
// what is damaged, or the variable of which values lie beyond the file's end: cut short, or still being written.
Header read_header(const HeaderBytes& bytes);

}  // namespace msde::netcdf3
