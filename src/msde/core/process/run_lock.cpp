#include "msde/core/process/run_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "msde/core/error.hpp"

namespace msde {

RunLock::RunLock(const std::string& folder) {
  const std::string path = folder + "/.lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw ConfigError(folder + ": cannot be written: " + std::strerror(errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    char holder[32] = {};
    const ssize_t read = ::pread(descriptor_, holder, sizeof holder - 1, 0);
    const long process = read > 0 ? std::atol(holder) : 0;
    ::close(descriptor_);
    throw ConfigError(folder + ": another msde process" +
                      (process > 0 ? " (" + std::to_string(process) + ")" : "") +
                      " works in this run; wait for it or choose another folder");
  }
  // A mount without locks (ENOLCK, ENOTSUP) does without this guard. The number is for the message above.
  const std::string process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor_, 0) == 0) (void)!::pwrite(descriptor_, process.data(), process.size(), 0);
}

RunLock::~RunLock() {
  ::close(descriptor_);
}

}  // namespace msde
