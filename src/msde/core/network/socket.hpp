// Stream sockets that never block: TCP at one address, and files of this machine.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace msde {

// A file descriptor, closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }
  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release();
  void close();

 private:
  int number_ = -1;
};

struct SocketAddress {
  sockaddr_storage bytes = {};
  socklen_t size = 0;
  std::string text() const;     // "192.168.1.10", "::1", "/tmp/.."
  bool is_loopback() const;     // nothing but this machine reaches it
  bool is_unspecified() const;  // 0.0.0.0 or ::, every address of this machine
};

// What a name stands for, in the resolver's order; empty where it is unknown.
std::vector<SocketAddress> addresses_of(const std::string& host, int64_t port);
SocketAddress file_address(const std::string& path);  // std::runtime_error: the path is too long

// Listens at that address alone. std::system_error.
Descriptor listen_at(const SocketAddress& address);
// Who knocked at it, or none. `from` gets its address.
Descriptor accept_from(const Descriptor& listener, SocketAddress& from);
// Connected within that time, or none.
Descriptor connect_to(const SocketAddress& address, std::chrono::milliseconds limit);

// Whether one of `events` (poll) is there within that time; an interrupted wait is a shorter one.
bool wait_for(int descriptor, short events, std::chrono::milliseconds limit);
bool is_socket(int descriptor);

// A TCP port of the loopback device that nobody listens on now.
int64_t free_local_port();

}  // namespace msde
