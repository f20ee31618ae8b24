// A file that is read in place, by offset: what it says of itself decides nothing before it is held against its size.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace msde {

class ByteFile {
 public:
  // DataError: not there, unreadable, or no regular file (a pipe is not waited for).
  explicit ByteFile(std::string path);
  const std::string& path() const { return path_; }
  int64_t size() const { return size_; }

  // `count` bytes from `offset` on. DataError: not all of them are there.
  void read(int64_t offset, int64_t count, void* out) const;
  std::string bytes(int64_t offset, int64_t count) const;

 private:
  std::string path_;
  std::shared_ptr<const int> descriptor_;  // shared by copies, closed with the last
  int64_t size_ = 0;
};

}  // namespace msde
