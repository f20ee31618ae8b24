#include "msde/core/files/zip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"

namespace msde {
namespace {

constexpr uint32_t kMember = 0x04034b50, kEntry = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                   kLocator64 = 0x07064b50;
constexpr uint64_t kIn64 = 0xffffffff;  // a number that Zip64 has elsewhere
constexpr int64_t kMostDirectory = 4 << 20;

// Numbers of a record, little-endian.
class Record {
 public:
  explicit Record(std::string bytes) : bytes_(std::move(bytes)) {}
  uint64_t number(size_t at, size_t width) const {
    uint64_t value = 0;
    for (size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes_.at(at + i));
    return value;
  }
  uint64_t two(size_t at) const { return number(at, 2); }
  uint64_t four(size_t at) const { return number(at, 4); }
  uint64_t eight(size_t at) const { return number(at, 8); }
  size_t size() const { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class ZipReader {
 public:
  explicit ZipReader(const ByteFile& file) : file_(file) {}

  std::vector<ZipMember> read() {
    find_directory();
    const Record directory(file_.bytes(directory_, directory_size_));
    std::vector<ZipMember> members;
    size_t at = 0;
    for (uint64_t i = 0; i < entries_; ++i) {
      constexpr size_t kHead = 46;
      if (directory.size() - at < kHead || directory.four(at) != kEntry)
        damaged(fmt::format("entry {} of its directory", i));
      const size_t name = directory.two(at + 28), extra = directory.two(at + 30),
                   comment = directory.two(at + 32);
      if (directory.size() - at - kHead < name + extra + comment)
        damaged(fmt::format("entry {} of its directory", i));
      members.push_back(member(directory, at));
      at += kHead + name + extra + comment;
    }
    return members;
  }

 private:
  [[noreturn]] void damaged(const std::string& what) const {
    throw DataError(fmt::format("{}: is a damaged zip archive: {} does not fit; it may be cut short",
                                file_.path(), what));
  }

  int64_t inside(uint64_t value, int64_t most, const std::string& what) const {
    if (value > static_cast<uint64_t>(std::max<int64_t>(0, most))) damaged(what);
    return static_cast<int64_t>(value);
  }

  // The end of the directory stands before a comment of at most 65535 bytes, and before it where Zip64 has its own.
  void find_directory() {
    constexpr int64_t kRecord = 22, kComment = 65535, kLocator = 20, kRecord64 = 56;
    const int64_t tail = std::min(file_.size(), kRecord + kComment);
    const Record record(file_.bytes(file_.size() - tail, tail));
    int64_t at = tail - kRecord;
    const auto is_end = [&](int64_t place) {
      const auto i = static_cast<size_t>(place);
      return record.four(i) == kEnd && place + kRecord + static_cast<int64_t>(record.two(i + 20)) == tail;
    };
    while (at >= 0 && !is_end(at)) --at;
    if (at < 0) damaged("the end of its directory");
    const auto i = static_cast<size_t>(at);
    int64_t end = file_.size() - tail + at;
    uint64_t disks = record.two(i + 4), size = record.four(i + 12), offset = record.four(i + 16);
    entries_ = record.two(i + 10);
    if (end >= kLocator) {
      const Record locator(file_.bytes(end - kLocator, kLocator));
      if (locator.four(0) == kLocator64) {
        const int64_t place = inside(locator.eight(8), end - kLocator - kRecord64, "its Zip64 directory");
        const Record whole(file_.bytes(place, kRecord64));
        if (whole.four(0) != kEnd64) damaged("its Zip64 directory");
        disks = whole.four(16), entries_ = whole.eight(32), size = whole.eight(40), offset = whole.eight(48);
        end = place;
      }
    }
    if (disks != 0) throw DataError(file_.path() + ": is a zip archive of several files, expected one");
    directory_size_ = inside(size, std::min(end, kMostDirectory), "the size of its directory");
    directory_ = inside(offset, end - directory_size_, "the place of its directory");
  }

  ZipMember member(const Record& directory, size_t at) const {
    constexpr size_t kHead = 46;
    const size_t name = directory.two(at + 28), extra = directory.two(at + 30);
    ZipMember member;
    member.name = directory.bytes().substr(at + kHead, name);
    const auto where = fmt::format("'{}'", printable(member.name));
    const bool encrypted = directory.two(at + 8) & 1;
    member.stored = directory.two(at + 10) == 0 && !encrypted;
    uint64_t packed = directory.four(at + 20), size = directory.four(at + 24),
             offset = directory.four(at + 42);
    // Of these three the extra field has those that do not fit into four bytes, in this order.
    for (size_t field = at + kHead + name, end = field + extra; end - field >= 4;) {
      const size_t kind = directory.two(field), length = directory.two(field + 2);
      if (length > end - field - 4) damaged("the extra field of " + where);
      size_t value = field + 4;
      if (kind == 1)
        for (uint64_t* number : {&size, &packed, &offset}) {
          if (*number != kIn64) continue;
          if (value + 8 > field + 4 + length) damaged("the Zip64 field of " + where);
          *number = directory.eight(value), value += 8;
        }
      field += 4 + length;
    }
    if (!member.stored) return member;
    if (packed != size) damaged("the size of " + where);
    constexpr int64_t kLocalHead = 30;
    const int64_t place = inside(offset, directory_ - kLocalHead, "the place of " + where);
    const Record local(file_.bytes(place, kLocalHead));
    if (local.four(0) != kMember) damaged("the place of " + where);
    member.begin = place + kLocalHead + static_cast<int64_t>(local.two(26) + local.two(28));
    member.size = inside(size, directory_ - member.begin, "the size of " + where);
    if (member.begin > directory_) damaged("the place of " + where);
    return member;
  }

  const ByteFile& file_;
  uint64_t entries_ = 0;
  int64_t directory_ = 0, directory_size_ = 0;
};

}  // namespace

std::vector<ZipMember> read_zip(const ByteFile& file) {
  return ZipReader(file).read();
}

}  // namespace msde
