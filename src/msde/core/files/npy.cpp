#include "msde/core/files/npy.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string_view>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"

namespace msde {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

// What the header says: a Python dictionary such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4),
// }
struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

class HeaderReader {
 public:
  HeaderReader(const std::string& path, std::string_view text) : path_(path), text_(text) {}

  Header read() {
    Header header;
    int seen = 0;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        header.descr = quoted();
      } else if (key == "fortran_order") {
        header.fortran_order = boolean();
      } else if (key == "shape") {
        header.shape = tuple();
      } else {
        fail();
      }
      ++seen;
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (seen != 3 || header.descr.empty()) fail();
    return header;
  }

 private:
  [[noreturn]] void fail() const {
    throw DataError(path_ + ": .npy header is damaged or of an unknown kind");
  }
  bool accept(char c) {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }
  std::string quoted() {
    expect('\'');
    const size_t end = text_.find('\'', at_);
    if (end == std::string_view::npos) fail();
    const std::string word(text_.substr(at_, end - at_));
    at_ = end + 1;
    return word;
  }
  bool boolean() {
    accept(' ');
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(std::min(at_, text_.size()), word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    fail();
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> lengths;
    expect('(');
    while (!accept(')')) {
      accept(' ');
      int64_t value = 0;
      const size_t first = at_;
      for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
        if (at_ - first > 15) fail();
        value = 10 * value + (text_[at_] - '0');
      }
      if (at_ == first || lengths.size() >= 32) fail();
      lengths.push_back(value);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return lengths;
  }

  const std::string& path_;
  std::string_view text_;
  size_t at_ = 0;
};

template <class T>
double value_at(const char* bytes, bool swapped) {
  char of_value[sizeof(T)];
  std::memcpy(of_value, bytes, sizeof(T));
  if (swapped) std::reverse(std::begin(of_value), std::end(of_value));
  T value;
  std::memcpy(&value, of_value, sizeof value);
  return static_cast<double>(value);
}

using Convert = double (*)(const char*, bool swapped);

struct NumberType {
  std::string_view name;  // after the order of bytes
  int64_t width;
  bool finer_than_float;
  Convert convert;
};

constexpr NumberType kNumberTypes[] = {
    {"f4", 4, false, value_at<float>},   {"f8", 8, true, value_at<double>},
    {"i1", 1, false, value_at<int8_t>},  {"u1", 1, false, value_at<uint8_t>},
    {"i2", 2, false, value_at<int16_t>}, {"u2", 2, false, value_at<uint16_t>},
    {"i4", 4, true, value_at<int32_t>},  {"u4", 4, true, value_at<uint32_t>},
    {"i8", 8, true, value_at<int64_t>},  {"u8", 8, true, value_at<uint64_t>},
};

// nullptr for values that are no such numbers.
const NumberType* type_of(const std::string& descr) {
  if (descr.size() != 3 || std::string_view("<>|=").find(descr[0]) == std::string_view::npos) return nullptr;
  for (const auto& type : kNumberTypes)
    if (descr.substr(1) == type.name && (type.width == 1 || descr[0] != '|')) return &type;
  return nullptr;
}

DataError no_numbers(const std::string& called, const std::string& descr) {
  return DataError(called + ": got values of type '" + printable(descr) +
                   "', expected floats of 4 or 8 bytes or integers; in Python: x.astype('f4')");
}

// Position in Fortran order of value `i` of C order.
int64_t fortran_index(int64_t i, const std::vector<int64_t>& shape) {
  int64_t index = 0, remainder = i;
  std::vector<int64_t> place(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    place[axis] = remainder % shape[axis];
    remainder /= shape[axis];
  }
  for (size_t axis = shape.size(); axis-- > 0;) index = index * shape[axis] + place[axis];
  return index;
}

}  // namespace

bool NpyFile::recognises(const std::string& path) {
  std::string start(magic.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  return file.read(start.data(), static_cast<std::streamsize>(start.size())) && start == magic;
}

NpyFile NpyFile::open(const std::string& path) {
  const ByteFile file(path);
  auto result = open_within(file, 0, file.size(), path);
  if (!result.is_numeric()) throw no_numbers(path, result.descr_);
  return result;
}

NpyFile NpyFile::open_within(const ByteFile& file, int64_t begin, int64_t held, const std::string& called) {
  const auto size = static_cast<uint64_t>(held);
  const std::string start = file.bytes(begin, std::min<int64_t>(held, 12));
  if (start.size() < 10 || start.compare(0, magic.size(), magic) != 0)
    throw DataError(called + ": is not an .npy file");
  const auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(start[i])); };
  const uint64_t version = byte(6);
  const size_t prefix = version == 1 ? 10 : 12;
  if (version < 1 || version > 3 || start.size() < prefix)
    throw DataError(called + ": .npy version is not 1, 2 or 3");
  const uint64_t length = byte(8) | byte(9) << 8 | (version > 1 ? byte(10) << 16 | byte(11) << 24 : 0);
  if (length > size - prefix) throw DataError(called + ": .npy header is cut short");
  constexpr uint64_t kLongestHeader = 1 << 20;
  if (length > kLongestHeader) throw DataError(called + ": .npy header is damaged: it has more than a MiB");

  const auto values_begin = static_cast<int64_t>(prefix + length);
  const std::string text = file.bytes(begin + static_cast<int64_t>(prefix), static_cast<int64_t>(length));
  const Header header = HeaderReader(called, text).read();
  NpyFile result(file);
  result.called_ = called, result.descr_ = header.descr, result.shape_ = header.shape;
  result.offset_ = begin + values_begin, result.fortran_order_ = header.fortran_order;
  const auto* type = type_of(header.descr);
  if (!type) return result;
  int64_t count = 1, bytes = 0;
  bool fits = true;
  for (const int64_t n : header.shape) fits = fits && !__builtin_mul_overflow(count, n, &count);
  if (!fits || __builtin_mul_overflow(count, type->width, &bytes) || bytes != held - values_begin) {
    throw DataError(called + ": got " + std::to_string(held - values_begin) + " bytes of values, expected " +
                    (fits ? std::to_string(count) : "too many") + " x " + std::to_string(type->width) +
                    "; the file is damaged or cut short");
  }
  result.size_ = count;
  return result;
}

bool NpyFile::is_numeric() const {
  return type_of(descr_) != nullptr;
}

bool NpyFile::is_finer_than_float() const {
  const auto* type = type_of(descr_);
  return type && type->finer_than_float;
}

std::vector<double> NpyFile::read(int64_t first, int64_t count) const {
  const auto* type = type_of(descr_);
  if (!type) throw no_numbers(called_, descr_);
  if (first < 0 || count < 0 || first > size_ - count)
    throw DataError(called_ + ": asked for values " + std::to_string(first) + " to " +
                    std::to_string(first + count) + " of " + std::to_string(size_));
  const bool swapped = descr_[0] == '>';
  std::vector<double> values(static_cast<size_t>(count));
  if (fortran_order_) {  // neighbours are apart
    if (!whole_) whole_ = std::make_shared<const std::string>(file_.bytes(offset_, type->width * size_));
    for (int64_t i = 0; i < count; ++i)
      values[static_cast<size_t>(i)] =
          type->convert(whole_->data() + type->width * fortran_index(first + i, shape_), swapped);
    return values;
  }
  const std::string bytes = file_.bytes(offset_ + type->width * first, type->width * count);
  for (int64_t i = 0; i < count; ++i)
    values[static_cast<size_t>(i)] = type->convert(bytes.data() + type->width * i, swapped);
  return values;
}

}  // namespace msde
