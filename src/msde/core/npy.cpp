#include "msde/core/npy.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "msde/core/atomic_file.hpp"
#include "msde/core/error.hpp"

namespace msde {
namespace {

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
double value_at(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<double>(value);
}

using Convert = double (*)(const char*);

Convert converter(const std::string& path, const std::string& descr) {
  if (descr == "<f4") return value_at<float>;
  if (descr == "<f8") return value_at<double>;
  if (descr == "<i4") return value_at<int32_t>;
  if (descr == "<i8") return value_at<int64_t>;
  throw DataError(path + ": got values of type '" + descr + "', expected '<f4', '<f8', '<i4' or '<i8'");
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

NpyArray read_npy(const std::string& path) {
  const std::string file = read_text(path);
  constexpr std::string_view magic = "\x93NUMPY";
  if (file.size() < 10 || file.compare(0, magic.size(), magic) != 0)
    throw DataError(path + ": is not an .npy file");
  const auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(file[i])); };
  const uint64_t version = byte(6);
  const size_t prefix = version == 1 ? 10 : 12;
  if (version < 1 || version > 3 || file.size() < prefix)
    throw DataError(path + ": .npy version is not 1, 2 or 3");
  const uint64_t length = byte(8) | byte(9) << 8 | (version > 1 ? byte(10) << 16 | byte(11) << 24 : 0);
  if (length > file.size() - prefix) throw DataError(path + ": .npy header is cut short");

  const Header header = HeaderReader(path, std::string_view(file).substr(prefix, length)).read();
  const Convert convert = converter(path, header.descr);
  const int64_t width = header.descr[2] - '0';
  const auto held = static_cast<int64_t>(file.size() - prefix - length);
  int64_t count = 1, bytes = 0;
  bool fits = true;
  for (const int64_t n : header.shape) fits = fits && !__builtin_mul_overflow(count, n, &count);
  if (!fits || __builtin_mul_overflow(count, width, &bytes) || bytes != held) {
    throw DataError(path + ": got " + std::to_string(held) + " bytes of values, expected " +
                    (fits ? std::to_string(count) : "too many") + " x " + std::to_string(width) +
                    "; the file is damaged or cut short");
  }
  NpyArray array{header.shape, std::vector<double>(count)};
  const char* values = file.data() + prefix + length;
  for (int64_t i = 0; i < count; ++i) {
    array.values[i] = convert(values + width * (header.fortran_order ? fortran_index(i, header.shape) : i));
  }
  return array;
}

}  // namespace msde
