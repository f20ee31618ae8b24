// Messages between two ranks: a head and as many bytes as it says, with a limit on silence.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "msde/core/network/socket.hpp"

namespace msde {

enum class Message : uint32_t {
  // while they meet, of rank 0
  stranger = 1,  // the secret is another
  refused,       // why
  accepted,      // and rank 0's own proof
  begin,         // all are there
  // while they work
  part,     // to rank 0: what this rank adds
  result,   // of rank 0: what came of it
  waiting,  // of rank 0: it is there, and waits for another
  lost,     // of rank 0: which rank is gone
};

struct Head {
  uint32_t mark = 0x6d736465;  // "msde"
  Message message = Message::waiting;
  uint64_t size = 0;  // bytes that follow
};

// The other end is gone, or says what no rank says (silent = false); or nothing moved within the limit.
struct WireBroken {
  bool silent = false;
};

class Wire {
 public:
  using Milliseconds = std::chrono::milliseconds;
  Wire(Descriptor socket, Milliseconds limit) : socket_(std::move(socket)), limit_(limit) {}
  void set_limit(Milliseconds limit) { limit_ = limit; }
  // Nothing is awaited beyond this moment, however little arrives at a time; none: the limit alone counts.
  void set_end(std::optional<std::chrono::steady_clock::time_point> end) { end_ = end; }
  int descriptor() const { return socket_.number(); }

  // As much as can be moved at once, maybe nothing; WireBroken.
  size_t send_some(const void* data, size_t size) const;
  size_t receive_some(void* data, size_t size) const;

  // All of it; WireBroken. What comes in while sending is handed to `on_incoming`, where it is given.
  void send(const void* data, size_t size, const std::function<void()>& on_incoming = {}) const;
  void receive(void* data, size_t size) const;

  void send(Message message, const std::string& text) const;
  Head receive_head() const;
  std::string receive_text(const Head& head) const;  // WireBroken for more than a line may have

 private:
  std::chrono::steady_clock::time_point deadline() const;

  Descriptor socket_;
  Milliseconds limit_;
  std::optional<std::chrono::steady_clock::time_point> end_;
};

}  // namespace msde
