#include "msde/core/files/vtk/array_bytes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "msde/core/error.hpp"
#include "msde/core/files/base64.hpp"
#include "msde/core/files/inflate.hpp"
#include "msde/core/report/printable.hpp"

namespace msde::vtk {
namespace {

constexpr int64_t kMostOfABlock = 32 << 20, kMostBlocks = 1 << 22;

// What is stored from some place of the file on: raw, or as one stream of base64.
class Stored {
 public:
  Stored(const ByteFile& file, const DataArray& array)
      : file_(file), place_(array.place), base64_(array.storage == Storage::base64), name_(array.name) {}

  [[noreturn]] void fail(const std::string& why) const {
    throw DataError(fmt::format("{}: '{}': {}", file_.path(), printable(name_), why));
  }

  // Bytes that may be there at most.
  int64_t room() const { return base64_ ? place_.size() / 4 * 3 : place_.size(); }
  // What is stored behind a stream of `bytes`: base64 is padded at its end.
  Stored behind(int64_t bytes) const {
    Stored next = *this;
    next.place_.begin += base64_ ? base64_length(bytes) : bytes;
    return next;
  }

  void read(int64_t first, int64_t count, char* out) const {
    if (first < 0 || count < 0 || first > room() - count)
      fail(fmt::format(
          "{} bytes from byte {} on, of at most {}, are not there; the file is cut short or damaged", count,
          first, room()));
    if (!base64_) return file_.read(place_.begin + first, count, out);
    constexpr int64_t kPart = 3 << 16;
    while (count > 0) {
      const int64_t skipped = first % 3, part = std::min(count, kPart - skipped);
      const auto text = file_.bytes(place_.begin + (first - skipped) / 3 * 4, base64_length(skipped + part));
      const auto bytes = from_base64(text);
      if (!bytes || static_cast<int64_t>(bytes->size()) < skipped + part)
        fail(fmt::format("byte {} and after it: got no base64 without blanks; the file is damaged", first));
      std::memcpy(out, bytes->data() + skipped, static_cast<size_t>(part));
      first += part, count -= part, out += part;
    }
  }

 private:
  ByteFile file_;
  Span place_;
  bool base64_;
  std::string name_;
};

// A number of bytes or blocks, by its first 63 bits.
int64_t word(const char* bytes, const Encoding& encoding) {
  uint64_t value = 0;
  for (int64_t i = 0; i < encoding.header_width; ++i) {
    const int64_t at = encoding.big_endian ? i : encoding.header_width - 1 - i;
    value = value << 8 | static_cast<unsigned char>(bytes[at]);
  }
  return value > static_cast<uint64_t>(INT64_MAX) ? -1 : static_cast<int64_t>(value);
}

std::vector<int64_t> words(const Stored& stored, const Encoding& encoding, int64_t count) {
  std::string bytes(static_cast<size_t>(count * encoding.header_width), '\0');
  stored.read(0, count * encoding.header_width, bytes.data());
  std::vector<int64_t> words;
  for (int64_t i = 0; i < count; ++i)
    words.push_back(word(bytes.data() + i * encoding.header_width, encoding));
  return words;
}

// [bytes][data], one stream.
class PlainBytes : public ArrayBytes {
 public:
  PlainBytes(const Stored& stored, const Encoding& encoding, int64_t size)
      : stored_(stored), head_(encoding.header_width) {
    const int64_t got = words(stored, encoding, 1)[0];
    if (got != size) stored.fail(fmt::format("got {} bytes of values, expected {}", got, size));
    if (size > stored.room() - head_)
      stored.fail(
          fmt::format("expected {} bytes of values, the file has room for {}; it is cut short or damaged",
                      size, stored.room() - head_));
  }
  void read(int64_t first, int64_t count, char* out) const override {
    stored_.read(head_ + first, count, out);
  }

 private:
  Stored stored_;
  int64_t head_;
};

// [blocks][bytes of a block][of the last, 0 = as the others][compressed bytes of each], then, as a stream of its own, the
// blocks.
class ZlibBlocks : public ArrayBytes {
 public:
  ZlibBlocks(const Stored& stored, const Encoding& encoding, int64_t size) : blocks_(stored), size_(size) {
    const auto head = words(stored, encoding, 3);
    const int64_t n = head[0], of_last = head[2];
    of_each_ = head[1];
    if (n < 0 || n > stored.room() / encoding.header_width - 3)
      stored.fail(fmt::format("got a table of {} blocks, more than the file has room for", n));
    if (n > kMostBlocks)
      stored.fail(fmt::format("got {} blocks, expected at most {}; write larger ones", n, kMostBlocks));
    if (n > 0 && (of_each_ < 1 || of_last < 0 || of_last > of_each_))
      stored.fail(fmt::format("got blocks of {} bytes, the last of {}", of_each_, of_last));
    int64_t got = 0;
    if (n > 0 && (__builtin_mul_overflow(n - 1, of_each_, &got) ||
                  __builtin_add_overflow(got, of_last > 0 ? of_last : of_each_, &got)))
      got = -1;
    if (got != size)
      stored.fail(fmt::format("got {} blocks of {} bytes, the last of {}, expected {} bytes in all", n,
                              of_each_, of_last > 0 ? of_last : of_each_, size));
    if (std::min(of_each_, size) > kMostOfABlock)
      stored.fail(
          fmt::format("got blocks of {} bytes, expected at most {} MiB", of_each_, kMostOfABlock >> 20));
    const auto table = words(stored, encoding, 3 + n);
    blocks_ = stored.behind((3 + n) * encoding.header_width);
    begins_ = {0};
    for (int64_t i = 0; i < n; ++i) {
      const int64_t bytes = table[static_cast<size_t>(3 + i)];
      if (bytes < 1 || bytes > blocks_.room() - begins_.back() || size_of(i) > most_inflated(bytes))
        stored.fail(fmt::format("block {}: got {} compressed bytes, expected {} bytes' worth within the file",
                                i, bytes, size_of(i)));
      begins_.push_back(begins_.back() + bytes);
    }
  }

  void read(int64_t first, int64_t count, char* out) const override {
    if (first < 0 || count < 0 || first > size_ - count) blocks_.fail("asked for values beyond its end");
    while (count > 0) {
      const int64_t block = first / of_each_, skipped = first % of_each_;
      const int64_t part = std::min(count, size_of(block) - skipped);
      inflate(block);
      std::memcpy(out, last_.data() + skipped, static_cast<size_t>(part));
      first += part, count -= part, out += part;
    }
  }

 private:
  int64_t size_of(int64_t block) const { return std::min(of_each_, size_ - block * of_each_); }

  // Neighbouring reads often begin in the block in which the one before ended.
  void inflate(int64_t block) const {
    if (block == last_block_) return;
    last_block_ = -1;
    const auto at = static_cast<size_t>(block);
    std::string stream(static_cast<size_t>(begins_[at + 1] - begins_[at]), '\0');
    blocks_.read(begins_[at], static_cast<int64_t>(stream.size()), stream.data());
    last_.resize(static_cast<size_t>(size_of(block)));
    if (!inflate_exactly(stream, size_of(block), last_.data()))
      blocks_.fail(fmt::format("block {}: is damaged: zlib does not make {} bytes of its {}", block,
                               size_of(block), stream.size()));
    last_block_ = block;
  }

  Stored blocks_;
  int64_t size_ = 0, of_each_ = 1;
  std::vector<int64_t> begins_;  // of the blocks in their stream, and its end
  mutable std::string last_;
  mutable int64_t last_block_ = -1;
};

}  // namespace

std::unique_ptr<ArrayBytes> array_bytes(const ByteFile& file, const Encoding& encoding,
                                        const DataArray& array, int64_t size) {
  const Stored stored(file, array);
  if (encoding.zlib) return std::make_unique<ZlibBlocks>(stored, encoding, size);
  return std::make_unique<PlainBytes>(stored, encoding, size);
}

}  // namespace msde::vtk
