#include "msde/core/files/byte_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "msde/core/error.hpp"

namespace msde {

ByteFile::ByteFile(std::string path) : path_(std::move(path)) {
  const auto unreadable = [this] { return DataError(path_ + ": cannot be read: " + std::strerror(errno)); };
  const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw unreadable();
  descriptor_ = {new int(descriptor), [](const int* open) {
                   ::close(*open);
                   delete open;
                 }};
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) throw unreadable();
  if (!S_ISREG(status.st_mode))
    throw DataError(path_ + (S_ISDIR(status.st_mode) ? ": is a folder, not a file" : ": is not a file"));
  size_ = status.st_size;
}

void ByteFile::read(int64_t offset, int64_t count, void* out) const {
  if (offset < 0 || count < 0 || offset > size_ - count)
    throw DataError(
        fmt::format("{}: {} bytes from byte {} on, of {} in all, are not there; the file is cut short "
                    "or damaged",
                    path_, count, offset, size_));
  auto* to = static_cast<char*>(out);
  while (count > 0) {
    const ssize_t got = ::pread(*descriptor_, to, static_cast<size_t>(count), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw DataError(path_ + ": cannot be read: " + std::strerror(errno));
    if (got == 0) throw DataError(path_ + ": has become shorter while it was read");
    to += got, offset += got, count -= got;
  }
}

std::string ByteFile::bytes(int64_t offset, int64_t count) const {
  if (offset < 0 || count < 0 || offset > size_ - count) read(offset, count, nullptr);  // says so
  std::string bytes(static_cast<size_t>(count), '\0');
  read(offset, count, bytes.data());
  return bytes;
}

}  // namespace msde
