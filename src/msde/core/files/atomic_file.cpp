#include "msde/core/files/atomic_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "msde/core/error.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

constexpr char marker[] = ".tmp-";

DataError system_error(const std::string& path, const std::string& what) {
  return DataError(path + ": " + what + ": " + std::strerror(errno));
}

// Forces a file, or the entries of a folder, to the disk.
void sync(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw system_error(path, "cannot be written");
  const bool done = ::fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP;  // not every mount can
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  if (!done) throw system_error(path, "cannot be written");
}

// The process that made a temporary, or 0 for any other name.
pid_t maker(const std::string& name) {
  const size_t at = name.rfind(marker);
  if (at == std::string::npos) return 0;
  const std::string digits = name.substr(at + std::strlen(marker));
  if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string::npos)
    return 0;
  return std::stoi(digits);
}

// Where a symbolic link leads, also to nothing yet: it stays, and what it names is replaced.
std::string end_of_links(const std::string& path) {
  constexpr int kLinksAtMost = 40;
  fs::path at = path;
  std::error_code problem;
  for (int i = 0; i < kLinksAtMost && fs::is_symlink(at, problem); ++i) {
    const fs::path next = fs::read_symlink(at, problem);
    if (problem) break;
    at = next.is_absolute() ? next : at.parent_path() / next;
  }
  return at;
}

// A name beside the target; of a long one only the beginning, for names have 255 bytes.
std::string temporary_beside(const fs::path& target) {
  constexpr size_t kLongestName = 255;
  const std::string ending = marker + std::to_string(::getpid());
  const std::string name = target.filename();
  return target.parent_path() / (name.substr(0, kLongestName - ending.size()) + ending);
}

}  // namespace

void write_atomically(const std::string& asked, const std::function<void(const std::string&)>& write) {
  const std::string path = end_of_links(asked);
  const std::string temporary = temporary_beside(path);
  try {
    write(temporary);
    sync(temporary);
    if (std::rename(temporary.c_str(), path.c_str()) != 0) throw system_error(path, "cannot be replaced");
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
  const fs::path folder = fs::path(path).parent_path();
  sync(folder.empty() ? "." : folder.string());
}

void write_text_atomically(const std::string& path, const std::string& text) {
  write_atomically(path, [&](const std::string& temporary) {
    std::FILE* file = std::fopen(temporary.c_str(), "wb");
    if (!file) throw system_error(path, "cannot be written");
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    if (std::fclose(file) != 0 || !written) throw system_error(path, "cannot be written");
  });
}

void remove_stale_temporaries(const std::string& folder) {
  std::error_code ignored;
  std::vector<fs::path> stale;
  for (auto entry = fs::recursive_directory_iterator(folder, ignored);
       entry != fs::recursive_directory_iterator(); entry.increment(ignored)) {
    const pid_t process = maker(entry->path().filename().string());
    // A living process other than this one may still be writing its file.
    const bool alive = process != ::getpid() && (::kill(process, 0) == 0 || errno == EPERM);
    if (process > 0 && !alive && entry->is_regular_file(ignored)) stale.push_back(entry->path());
  }
  for (const auto& path : stale) fs::remove(path, ignored);
}

std::string read_text(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) throw system_error(path, "cannot be read");
  std::string text;
  char buffer[65536];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, file.get())) text.append(buffer, n);
  if (std::ferror(file.get())) throw system_error(path, "cannot be read");
  return text;
}

}  // namespace msde
