// A folder for the sockets of this user's processes, closed to all others.
#pragma once

#include <string>

#include "msde/core/network/socket.hpp"

namespace msde {

// TMPDIR/msde-UID, of mode 700. A socket in it is reached by this user (and root) alone.
class PrivateFolder {
 public:
  // Makes it where it is not there. ConfigError where it is not this user's own, is open to others or is no
  // folder: somebody else made it.
  PrivateFolder();
  std::string path(const std::string& name) const;  // for messages
  // The same file, by way of the open folder: another in its place cannot be meant, however long its path.
  SocketAddress address(const std::string& name) const;
  void remove(const std::string& name) const;

 private:
  std::string path_;
  Descriptor folder_;
};

}  // namespace msde
