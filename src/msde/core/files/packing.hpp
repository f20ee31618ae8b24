// How the stored numbers of an array become values, where the file says so: the attributes of the CF conventions
// (1.10, sections 2.5.1 and 8.1) and of the NetCDF User's Guide (appendix A).
//
//   value = stored scale_factor + add_offset
//
// A stored number that is _FillValue or one of missing_value, or outside valid_range, valid_min and valid_max, marks a
// missing value, which is NaN.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace msde {

struct StoredType {
  bool is_integer = false, is_signed = true;
  int64_t bytes = 4;
};

// What a file says of an array; of a range whether it is given in values of another kind than what is stored.
struct PackingWords {
  std::optional<std::vector<double>> scale_factor, add_offset, fill_value, missing_value;
  std::optional<std::vector<double>> valid_range, valid_min, valid_max;
  std::optional<double> default_fill;  // of a type, where the format has one: what nobody wrote
  bool range_is_of_values = false;
  bool is_unsigned = false;  // _Unsigned = "true": how NetCDF-3 stores what has no sign
};

struct Packing {
  double scale = 1, offset = 0;
  std::vector<double> missing;  // stored numbers
  double lowest = -std::numeric_limits<double>::infinity(), highest = std::numeric_limits<double>::infinity();
  double wrap = 0;         // added to negative stored numbers
  std::string words = "";  // of the marks, for people: "_FillValue = -9999"

  bool is_scaled() const { return scale != 1 || offset != 0; }
  bool is_plain() const;    // stored numbers are the values
  bool only_marks() const;  // .. or a mark of missing ones
};

// DataError naming `where` for a scale that is 0 or not finite, or an attribute with another number of numbers.
Packing packing_of(const PackingWords& words, const StoredType& type, const std::string& where);

// Stored numbers to values, in place.
void unpack(const Packing& packing, std::vector<double>& numbers);

// The same where there are only marks, and where T holds what is stored: nothing but the marks changes.
template <class T>
void remove_marks(const Packing& packing, T* numbers, int64_t n);

// What netcdf.h calls NC_FILL_..: the number that a file of NetCDF has where nobody wrote; of one byte none.
std::optional<double> netcdf_default_fill(const StoredType& type);

}  // namespace msde
