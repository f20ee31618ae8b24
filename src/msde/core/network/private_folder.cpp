#include "msde/core/network/private_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "msde/core/error.hpp"

namespace msde {

PrivateFolder::PrivateFolder() {
  std::error_code problem;
  const auto parent = std::filesystem::temp_directory_path(problem);
  if (problem) throw ConfigError("TMPDIR: is no folder; the processes of a training meet there");
  path_ = (parent / fmt::format("msde-{}", ::geteuid())).string();
  if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST)
    throw ConfigError(fmt::format("{}: cannot be made: {}; set TMPDIR to a folder that can be written", path_,
                                  std::strerror(errno)));
  folder_ = Descriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!folder_ || ::fstat(folder_.number(), &status) != 0)
    throw ConfigError(fmt::format("{}: cannot be opened as a folder: {}; remove it, or set TMPDIR", path_,
                                  std::strerror(errno)));
  if (status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
    throw ConfigError(
        fmt::format("{}: belongs to user {} with mode {:o}, expected user {} and mode 700; remove it, "
                    "or set TMPDIR to a folder of your own",
                    path_, status.st_uid, status.st_mode & 0777u, ::geteuid()));
}

std::string PrivateFolder::path(const std::string& name) const {
  return path_ + "/" + name;
}

SocketAddress PrivateFolder::address(const std::string& name) const {
  return file_address(fmt::format("/proc/self/fd/{}/{}", folder_.number(), name));
}

void PrivateFolder::remove(const std::string& name) const {
  ::unlinkat(folder_.number(), name.c_str(), 0);
}

}  // namespace msde
