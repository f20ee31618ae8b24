#include "msde/core/files/vtk/array_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "msde/core/error.hpp"
#include "msde/core/files/vtk/xml.hpp"
#include "msde/core/report/printable.hpp"

namespace msde::vtk {
namespace {

template <class Stored, class T>
void convert(const char* bytes, int64_t count, bool swapped, T* out) {
  for (int64_t i = 0; i < count; ++i) {
    char of_value[sizeof(Stored)];
    std::memcpy(of_value, bytes + i * static_cast<int64_t>(sizeof(Stored)), sizeof(Stored));
    if (swapped) std::reverse(std::begin(of_value), std::end(of_value));
    Stored value;
    std::memcpy(&value, of_value, sizeof(Stored));
    out[i] = static_cast<T>(value);
  }
}

template <class T>
void convert(const NumberType& type, const char* bytes, int64_t count, bool swapped, T* out) {
  const auto as = [&](auto like) { convert<decltype(like)>(bytes, count, swapped, out); };
  if (type.kind == 'f') return type.width == 4 ? as(float{}) : as(double{});
  const bool sign = type.kind == 'i';
  if (type.width == 1) return sign ? as(int8_t{}) : as(uint8_t{});
  if (type.width == 2) return sign ? as(int16_t{}) : as(uint16_t{});
  if (type.width == 4) return sign ? as(int32_t{}) : as(uint32_t{});
  sign ? as(int64_t{}) : as(uint64_t{});
}

constexpr int64_t kMostText = 256 << 20;

}  // namespace

ArrayValues::ArrayValues(const ByteFile& file, const Encoding& encoding, DataArray array, int64_t tuples)
    : file_(file), array_(std::move(array)), big_endian_(encoding.big_endian) {
  int64_t bytes = 0;
  if (__builtin_mul_overflow(tuples, array_.components, &count_) ||
      __builtin_mul_overflow(count_, array_.type->width, &bytes))
    fail("got more values than a file can hold");
  if (array_.storage != Storage::ascii) {
    bytes_ = array_bytes(file, encoding, array_, bytes);
  } else if (array_.place.size() > kMostText) {
    fail(fmt::format("got {} MiB of text, expected at most {}; write its values appended, raw",
                     array_.place.size() >> 20, kMostText >> 20));
  } else if (count_ > array_.place.size() / 2 + 1) {  // a digit and a blank for each
    fail(fmt::format("got {} bytes of text, expected {} numbers", array_.place.size(), count_));
  }
}

void ArrayValues::fail(const std::string& why) const {
  throw DataError(fmt::format("{}: '{}': {}", file_.path(), printable(array_.name), why));
}

void ArrayValues::read_text() const {
  if (!text_.empty() || count_ == 0) return;
  constexpr size_t kSurplus = 16;  // numbers too many that are counted, for the message
  auto values = numbers_in(file_.bytes(array_.place.begin, array_.place.size()),
                           kSurplus + static_cast<size_t>(count_));
  if (!values) fail("got text that is no number");
  if (static_cast<int64_t>(values->size()) != count_)
    fail(fmt::format(
        "got {} numbers, expected {}",
        values->size() > kSurplus + static_cast<size_t>(count_) ? "more" : std::to_string(values->size()),
        count_));
  text_ = std::move(*values);
}

template <class T>
void ArrayValues::read(int64_t first, int64_t count, T* out) const {
  if (first < 0 || count < 0 || first > count_ - count)
    fail(fmt::format("asked for values {} to {} of {}", first, first + count, count_));
  if (!bytes_) {
    read_text();
    std::transform(text_.begin() + first, text_.begin() + first + count, out,
                   [](double value) { return static_cast<T>(value); });
    return;
  }
  constexpr int64_t kPart = 1 << 16;
  const int64_t width = array_.type->width;
  std::vector<char> bytes(static_cast<size_t>(std::min(count, kPart) * width));
  for (int64_t done = 0; done < count; done += kPart) {
    const int64_t part = std::min(kPart, count - done);
    bytes_->read((first + done) * width, part * width, bytes.data());
    convert(*array_.type, bytes.data(), part, big_endian_, out + done);
  }
}

template void ArrayValues::read<float>(int64_t, int64_t, float*) const;
template void ArrayValues::read<double>(int64_t, int64_t, double*) const;

}  // namespace msde::vtk
