// Reads the classic formats of NetCDF in place: CDF-1, CDF-2 (64-bit offsets) and CDF-5 (64-bit sizes).
//
// Layout ("The NetCDF Classic Format Specification", Unidata; big-endian, lists and names padded to 4 bytes):
//   'C' 'D' 'F' version | numrecs | dimensions | global attributes | variables | values
// A variable along the record dimension lies in pieces, one a record: record r of all such variables, then record
// r + 1. A piece is padded to 4 bytes, unless its variable is the only one.
//
// Why not libnetcdf: of headers with a few wrong bytes one in some hundred ends its programs with SIGSEGV (4.9.0, also
// ncdump -h), and a file is untrusted input. The tests hold this reader against it on whole files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msde/core/files/packing.hpp"
#include "msde/core/files/slab.hpp"

namespace msde::netcdf3 {

struct Attribute {
  std::string name;
  bool is_text = false, is_integer = false;
  std::string text;             // UTF-8; bytes that are not are taken as Latin-1
  std::vector<double> numbers;  // of another attribute
};

struct Variable {
  std::string name;
  std::vector<size_t> dimensions;  // numbers of File::dimensions()
  std::vector<int64_t> shape;
  std::vector<Attribute> attributes;
  bool is_text = false;       // NC_CHAR
  StoredType type = {};       // of numbers
  bool is_floating = false;   // float or double
  Packing packing = {};       // what stored numbers mean, the default _FillValue of its type among them
  int64_t begin = 0;          // of its first value in the file
  int64_t record_stride = 0;  // bytes from one record to the next; 0: has no records
};

struct Dimension {
  std::string name;
  int64_t length = 0;
  bool is_record = false;
};

class File {
 public:
  static bool recognises(std::string_view first_bytes);  // "CDF" and a version
  // Reads the header and checks it against the size of the file. DataError: unreadable, damaged, cut short.
  static File open(const std::string& path);

  File(File&&) noexcept;
  File& operator=(File&&) noexcept;
  ~File();

  const std::string& path() const;
  const std::vector<Dimension>& dimensions() const;
  const std::vector<Variable>& variables() const;
  const std::vector<Attribute>& attributes() const;  // of the file

  // Values, missing ones as NaN; `out` holds the product of counts. DataError: outside of the variable, text,
  // unreadable.
  void read(const Variable& variable, const Slab& slab, float* out) const;
  void read(const Variable& variable, const Slab& slab, double* out) const;

 private:
  struct Contents;
  explicit File(std::unique_ptr<Contents>);
  std::unique_ptr<Contents> contents_;
};

}  // namespace msde::netcdf3
