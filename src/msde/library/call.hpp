// What every call of the library begins with.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <mutex>
#include <string>

namespace msde {

// From its construction to its end this thread alone works in the library, with messages going to the receiver
// of receive_messages().
class Call {
 public:
  Call();
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  std::lock_guard<std::recursive_mutex> alone_;  // a receiver may call
  std::shared_ptr<spdlog::logger> of_process_;   // where this is the outermost call
};

// A call that computes: with threads, and only as many as the BLAS is safe with.
class Computation : public Call {
 public:
  Computation();
};

// ConfigError naming `what` for a path that is empty or has a zero byte, which would end it there.
void require_path(const std::string& path, const std::string& what);

}  // namespace msde
