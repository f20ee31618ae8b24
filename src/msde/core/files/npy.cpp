#include "msde/core/files/npy.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include "msde/core/error.hpp"

namespace msde {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

std::string bytes_of(const std::string& path, int64_t from, uint64_t count) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(count, '\0');
  file.seekg(from);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(count)))
    throw DataError(path + ": cannot be read: " + std::strerror(errno));
  return bytes;
}

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

bool NpyFile::recognises(const std::string& path) {
  std::string start(magic.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  return file.read(start.data(), static_cast<std::streamsize>(start.size())) && start == magic;
}

NpyFile NpyFile::open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(path + ": cannot be read: " + std::strerror(errno));
  file.seekg(0, std::ios::end);
  const auto size = static_cast<uint64_t>(std::max<std::streamoff>(0, file.tellg()));
  const std::string start = bytes_of(path, 0, std::min<uint64_t>(size, 12));
  if (start.size() < 10 || start.compare(0, magic.size(), magic) != 0)
    throw DataError(path + ": is not an .npy file");
  const auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(start[i])); };
  const uint64_t version = byte(6);
  const size_t prefix = version == 1 ? 10 : 12;
  if (version < 1 || version > 3 || start.size() < prefix)
    throw DataError(path + ": .npy version is not 1, 2 or 3");
  const uint64_t length = byte(8) | byte(9) << 8 | (version > 1 ? byte(10) << 16 | byte(11) << 24 : 0);
  if (length > size - prefix) throw DataError(path + ": .npy header is cut short");

  const std::string text = bytes_of(path, static_cast<int64_t>(prefix), length);
  const Header header = HeaderReader(path, text).read();
  converter(path, header.descr);  // refuses other types
  const int64_t width = header.descr[2] - '0';
  const auto held = static_cast<int64_t>(size - prefix - length);
  int64_t count = 1, bytes = 0;
  bool fits = true;
  for (const int64_t n : header.shape) fits = fits && !__builtin_mul_overflow(count, n, &count);
  if (!fits || __builtin_mul_overflow(count, width, &bytes) || bytes != held) {
    throw DataError(path + ": got " + std::to_string(held) + " bytes of values, expected " +
                    (fits ? std::to_string(count) : "too many") + " x " + std::to_string(width) +
                    "; the file is damaged or cut short");
  }
  NpyFile result;
  result.path_ = path, result.descr_ = header.descr, result.shape_ = header.shape;
  result.size_ = count, result.offset_ = static_cast<int64_t>(prefix + length);
  result.fortran_order_ = header.fortran_order;
  return result;
}

std::vector<double> NpyFile::read(int64_t first, int64_t count) const {
  const Convert convert = converter(path_, descr_);
  const int64_t width = descr_[2] - '0';
  if (first < 0 || count < 0 || first > size_ - count)
    throw DataError(path_ + ": asked for values " + std::to_string(first) + " to " +
                    std::to_string(first + count) + " of " + std::to_string(size_));
  // In Fortran order neighbours are apart, so all values are read.
  const int64_t skipped = fortran_order_ ? 0 : first;
  const std::string bytes = bytes_of(path_, offset_ + width * skipped,
                                     static_cast<uint64_t>(width * (fortran_order_ ? size_ : count)));
  std::vector<double> values(count);
  for (int64_t i = 0; i < count; ++i)
    values[i] = convert(bytes.data() + width * (fortran_order_ ? fortran_index(first + i, shape_) : i));
  return values;
}

}  // namespace msde
