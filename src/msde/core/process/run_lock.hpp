// One writer at a time in a run directory: flock on DIR/.lock, released by the system even after kill -9.
#pragma once

#include <string>

namespace msde {

class RunLock {
 public:
  explicit RunLock(const std::string& folder);  // ConfigError if another process holds it
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace msde
