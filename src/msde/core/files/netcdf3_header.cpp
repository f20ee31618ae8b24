#include "msde/core/files/netcdf3_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <set>

#include "msde/core/error.hpp"
#include "msde/core/files/utf8.hpp"
#include "msde/core/report/printable.hpp"

namespace msde::netcdf3 {
namespace {

enum Tag : uint32_t { absent = 0, dimension = 10, variable = 11, attribute = 12 };

// Types by their number in the file.
struct TypeRow {
  int64_t bytes = 0;
  bool is_text = false, is_floating = false, is_signed = true;
};
constexpr std::array<TypeRow, 12> kTypes = {{{},
                                             {1},
                                             {1, true},
                                             {2},
                                             {4},
                                             {4, false, true},
                                             {8, false, true},
                                             {1, false, false, false},
                                             {2, false, false, false},
                                             {4, false, false, false},
                                             {8},
                                             {8, false, false, false}}};

// What old programs wrote in the character set of their country.
std::string as_utf8(std::string text) {
  while (!text.empty() && text.back() == '\0') text.pop_back();
  if (is_utf8(text)) return text;
  std::string utf8;
  for (const char letter : text) {
    const auto c = static_cast<unsigned char>(letter);
    if (c < 0x80) {
      utf8 += letter;
    } else {
      utf8 += static_cast<char>(0xC0 | c >> 6);
      utf8 += static_cast<char>(0x80 | (c & 0x3F));
    }
  }
  return utf8;
}

class Reader {
 public:
  explicit Reader(const HeaderBytes& bytes) : bytes_(bytes) {}

  Header read() {
    const auto magic = take(4);
    version_ = static_cast<uint8_t>(magic[3]);
    const uint64_t records = number();
    const bool streaming = records == (version_ == 5 ? ~uint64_t{0} : 0xFFFFFFFFu);
    read_dimensions();
    header_.attributes = read_attributes();
    read_variables();
    lay_out(streaming ? -1 : length_of(records, "records"));
    return std::move(header_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw DataError(fmt::format("{}: damaged file of NetCDF: {}", bytes_.path, why));
  }

  // The header is read a block at a time; strings of it are copied.
  std::string take(int64_t n) {
    constexpr int64_t kBlock = 1 << 16, kMost = int64_t{16} << 20;
    if (n > bytes_.file_size - at_) fail("its header is cut short");
    if (at_ + n > kMost) fail("its header is longer than 16 MiB");
    while (at_ + n > static_cast<int64_t>(buffer_.size())) {
      const auto have = static_cast<int64_t>(buffer_.size());
      const int64_t more = std::min(std::max(kBlock, at_ + n - have), bytes_.file_size - have);
      buffer_.resize(static_cast<size_t>(have + more));
      bytes_.read(have, more, reinterpret_cast<unsigned char*>(buffer_.data()) + have);
    }
    at_ += n;
    return buffer_.substr(static_cast<size_t>(at_ - n), static_cast<size_t>(n));
  }
  std::string padded(int64_t n) {
    auto text = take(n);
    take((4 - n % 4) % 4);
    return text;
  }
  uint64_t big_endian(int64_t n) {
    uint64_t value = 0;
    for (const char byte : take(n)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  uint32_t word() { return static_cast<uint32_t>(big_endian(4)); }
  uint64_t number() { return big_endian(version_ == 5 ? 8 : 4); }  // NON_NEG of the specification
  int64_t length_of(uint64_t value, const char* what) const {
    if (value > uint64_t{1} << 62) fail(fmt::format("got {} {}", value, what));
    return static_cast<int64_t>(value);
  }

  // How many elements a list has, each of `least` bytes at least.
  int64_t list(Tag expected, int64_t least) {
    const uint32_t tag = word();
    const int64_t n = length_of(number(), "elements");
    if (tag == absent && n == 0) return 0;
    if (tag != expected) fail(fmt::format("got a list of kind {} at byte {}", tag, at_));
    if (n > (bytes_.file_size - at_) / least)
      fail(fmt::format("got a list of {} elements at byte {}", n, at_));
    return n;
  }

  std::string name() {
    constexpr int64_t kLongest = 256;
    const int64_t n = length_of(number(), "letters");
    if (n > kLongest) fail(fmt::format("got a name of {} letters at byte {}", n, at_));
    const auto text = as_utf8(padded(n));
    if (text.empty() || text.find('\0') != std::string::npos)
      fail(fmt::format("got an empty name at byte {}", at_));
    return text;
  }

  const TypeRow& type() {
    const uint32_t number = word();
    if (number == 0 || number >= kTypes.size() || (number > 6 && version_ != 5))
      fail(fmt::format("got type {} at byte {}", number, at_));
    return kTypes[number];
  }

  void read_dimensions() {
    std::set<std::string> names;
    for (int64_t left = list(dimension, 12); left > 0; --left) {
      Dimension d;
      d.name = name();
      if (!names.insert(d.name).second)
        fail(fmt::format("has two dimensions called '{}'", printable(d.name)));
      d.length = length_of(number(), "points along an axis");
      d.is_record = d.length == 0;
      if (d.is_record && record_ >= 0) fail("has two record dimensions");
      if (d.is_record) record_ = static_cast<int64_t>(header_.dimensions.size());
      header_.dimensions.push_back(std::move(d));
    }
  }

  std::vector<Attribute> read_attributes() {
    std::vector<Attribute> attributes;
    for (int64_t left = list(attribute, 16); left > 0; --left) {
      Attribute a;
      a.name = name();
      const TypeRow& row = type();
      const int64_t n = length_of(number(), "values");
      if (n > bytes_.file_size / row.bytes)
        fail(fmt::format("attribute '{}' has {} values", printable(a.name), n));
      const auto raw = padded(n * row.bytes);
      a.is_text = row.is_text, a.is_integer = !row.is_text && !row.is_floating;
      if (a.is_text)
        a.text = as_utf8(raw);
      else
        a.numbers = numbers(raw, row);
      attributes.push_back(std::move(a));
    }
    return attributes;
  }

  static std::vector<double> numbers(const std::string& raw, const TypeRow& row) {
    std::vector<double> values;
    for (size_t at = 0; at < raw.size(); at += static_cast<size_t>(row.bytes)) {
      uint64_t bits = 0;
      for (int64_t i = 0; i < row.bytes; ++i)
        bits = bits << 8 | static_cast<unsigned char>(raw[at + static_cast<size_t>(i)]);
      if (row.is_floating) {
        values.push_back(row.bytes == 4
                             ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)))
                             : std::bit_cast<double>(bits));
      } else if (row.is_signed) {
        const int unused = static_cast<int>(64 - 8 * row.bytes);
        values.push_back(static_cast<double>(static_cast<int64_t>(bits << unused) >> unused));
      } else {
        values.push_back(static_cast<double>(bits));
      }
    }
    return values;
  }

  void read_variables() {
    for (int64_t left = list(variable, 28); left > 0; --left) {
      Variable v;
      v.name = name();
      const int64_t axes = length_of(number(), "axes");
      constexpr int64_t kMostAxes = 32;
      if (axes > kMostAxes) fail(fmt::format("'{}' has {} axes", printable(v.name), axes));
      for (int64_t i = 0; i < axes; ++i) {
        const uint64_t id = number();
        if (id >= header_.dimensions.size())
          fail(fmt::format("'{}' has dimension {} of {}", printable(v.name), id, header_.dimensions.size()));
        if (i > 0 && static_cast<int64_t>(id) == record_)
          fail(fmt::format("'{}' has records along axis {}", printable(v.name), i));
        v.dimensions.push_back(static_cast<size_t>(id));
      }
      v.attributes = read_attributes();
      const TypeRow& row = type();
      v.is_text = row.is_text, v.is_floating = row.is_floating;
      v.type = {!row.is_floating && !row.is_text, row.is_signed, row.bytes};
      number();  // vsize: follows from the rest, and is wrong in files beyond 4 GiB
      v.begin = length_of(version_ == 1 ? word() : big_endian(8), "as a place");
      if (!v.is_text) v.packing = packing(v);
      header_.variables.push_back(std::move(v));
    }
  }

  Packing packing(const Variable& v) const {
    PackingWords words;
    bool of_integers = true;
    for (const Attribute& a : v.attributes) {
      if (a.name == "_Unsigned") words.is_unsigned = a.text == "true";
      if (a.is_text) continue;
      for (const auto& [known, into] : {std::pair{"scale_factor", &words.scale_factor},
                                        {"add_offset", &words.add_offset},
                                        {"_FillValue", &words.fill_value},
                                        {"missing_value", &words.missing_value},
                                        {"valid_range", &words.valid_range},
                                        {"valid_min", &words.valid_min},
                                        {"valid_max", &words.valid_max}})
        if (a.name == known) {
          *into = a.numbers;
          if (a.name.rfind("valid_", 0) == 0) of_integers = of_integers && a.is_integer;
        }
    }
    words.default_fill = netcdf_default_fill(v.type);
    words.range_is_of_values = v.type.is_integer && !of_integers && (words.scale_factor || words.add_offset);
    return packing_of(words, v.type, bytes_.path + ": '" + printable(v.name) + "'");
  }

  bool has_records(const Variable& v) const {
    return !v.dimensions.empty() && static_cast<int64_t>(v.dimensions.front()) == record_;
  }

  // Bytes of a variable, of one with records of one record; without padding.
  int64_t piece(const Variable& v) const {
    int64_t bytes = v.type.bytes;
    for (const size_t d : v.dimensions)
      if (static_cast<int64_t>(d) != record_ &&
          __builtin_mul_overflow(bytes, header_.dimensions[d].length, &bytes))
        fail(fmt::format("'{}' has more values than can be counted", printable(v.name)));
    return bytes;
  }

  // Shapes and places, once all is known. `records` -1: as many as the file holds.
  void lay_out(int64_t records) {
    int64_t stride = 0, of_records = 0, last_begin = 0, first_begin = bytes_.file_size;
    for (const Variable& v : header_.variables) {
      if (!has_records(v)) continue;
      const int64_t bytes = piece(v);
      if (__builtin_add_overflow(stride, (bytes + 3) / 4 * 4, &stride))
        fail("its records are too long to be counted");
      ++of_records, last_begin = bytes;
      first_begin = std::min(first_begin, v.begin);
    }
    if (of_records == 1) stride = last_begin;
    if (records < 0) records = stride > 0 ? (bytes_.file_size - first_begin) / stride : 0;
    if (record_ >= 0) header_.dimensions[static_cast<size_t>(record_)].length = records;
    for (Variable& v : header_.variables) {
      for (const size_t d : v.dimensions) v.shape.push_back(header_.dimensions[d].length);
      const bool repeats = has_records(v);
      v.record_stride = repeats ? stride : 0;
      require_there(v, repeats ? records : 1);
    }
  }

  void require_there(const Variable& v, int64_t pieces) const {
    if (pieces == 0 || piece(v) == 0) return;
    int64_t end = 0;
    if (v.begin < at_ || __builtin_mul_overflow(pieces - 1, v.record_stride, &end) ||
        __builtin_add_overflow(end, piece(v), &end) || __builtin_add_overflow(end, v.begin, &end) ||
        end > bytes_.file_size)
      throw DataError(
          fmt::format("{}: '{}': its values end beyond the {} bytes of the file, which was cut short or is "
                      "still being written",
                      bytes_.path, printable(v.name), bytes_.file_size));
  }

  const HeaderBytes& bytes_;
  std::string buffer_;
  int64_t at_ = 0, record_ = -1;
  uint8_t version_ = 1;
  Header header_;
};

}  // namespace

Header read_header(const HeaderBytes& bytes) {
  return Reader(bytes).read();
}

}  // namespace msde::netcdf3
