#include "msde/core/network/socket.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace msde {
namespace {

constexpr int kKind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

sockaddr* pointer(SocketAddress& address) {
  return reinterpret_cast<sockaddr*>(&address.bytes);
}
const sockaddr* pointer(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr*>(&address.bytes);
}

const in6_addr& ip6(const SocketAddress& a) {
  return reinterpret_cast<const sockaddr_in6*>(&a.bytes)->sin6_addr;
}
uint32_t ip4(const SocketAddress& a) {
  return ntohl(reinterpret_cast<const sockaddr_in*>(&a.bytes)->sin_addr.s_addr);
}

// Messages are small and answered: none waits to be sent with the next. A machine that is switched off is
// noticed even by a rank that only listens.
void prepare(const Descriptor& socket, int family) {
  if (family == AF_UNIX) return;
  const int on = 1;
  ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket.number(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

std::system_error failure() {
  return {errno, std::generic_category()};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

int Descriptor::release() {
  return std::exchange(number_, -1);
}

void Descriptor::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

std::string SocketAddress::text() const {
  if (bytes.ss_family == AF_UNIX) return reinterpret_cast<const sockaddr_un*>(&bytes)->sun_path;
  char name[NI_MAXHOST] = "";
  ::getnameinfo(pointer(*this), size, name, sizeof name, nullptr, 0, NI_NUMERICHOST);
  return name;
}

bool SocketAddress::is_loopback() const {
  return bytes.ss_family == AF_INET ? ip4(*this) >> 24 == 127
                                    : bytes.ss_family != AF_INET6 || IN6_IS_ADDR_LOOPBACK(&ip6(*this));
}

bool SocketAddress::is_unspecified() const {
  return bytes.ss_family == AF_INET ? ip4(*this) == 0
                                    : bytes.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&ip6(*this));
}

std::vector<SocketAddress> addresses_of(const std::string& host, int64_t port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  std::vector<SocketAddress> all;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return all;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  for (const addrinfo* a = found; a; a = a->ai_next) {
    if (a->ai_family != AF_INET && a->ai_family != AF_INET6) continue;
    SocketAddress address;
    std::memcpy(&address.bytes, a->ai_addr, a->ai_addrlen);
    address.size = a->ai_addrlen;
    all.push_back(address);
  }
  return all;
}

SocketAddress file_address(const std::string& path) {
  SocketAddress address;
  auto& name = *reinterpret_cast<sockaddr_un*>(&address.bytes);
  if (path.size() >= sizeof name.sun_path) throw std::runtime_error(path + ": is too long for a socket");
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof name;
  return address;
}

Descriptor listen_at(const SocketAddress& address) {
  const int family = address.bytes.ss_family, on = 1;
  Descriptor socket(::socket(family, kKind, 0));
  if (!socket) throw failure();
  if (family != AF_UNIX) ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(socket.number(), pointer(address), address.size) != 0 ||
      ::listen(socket.number(), SOMAXCONN) != 0)
    throw failure();
  return socket;
}

Descriptor accept_from(const Descriptor& listener, SocketAddress& from) {
  from.size = sizeof from.bytes;
  Descriptor socket(::accept4(listener.number(), pointer(from), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket) prepare(socket, from.bytes.ss_family);
  return socket;
}

Descriptor connect_to(const SocketAddress& address, std::chrono::milliseconds limit) {
  Descriptor socket(::socket(address.bytes.ss_family, kKind, 0));
  if (!socket) return {};
  if (::connect(socket.number(), pointer(address), address.size) != 0) {
    int error = errno;
    socklen_t size = sizeof error;
    if (error != EINPROGRESS || !wait_for(socket.number(), POLLOUT, limit) ||
        ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
      return {};
  }
  prepare(socket, address.bytes.ss_family);
  return socket;
}

bool wait_for(int descriptor, short events, std::chrono::milliseconds limit) {
  pollfd one = {descriptor, events, 0};
  return ::poll(&one, 1, static_cast<int>(std::max<int64_t>(0, limit.count()))) > 0;
}

bool is_socket(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

int64_t free_local_port() {
  SocketAddress address = addresses_of("127.0.0.1", 0).at(0);  // port 0: the system chooses
  const Descriptor socket = listen_at(address);
  ::getsockname(socket.number(), pointer(address), &address.size);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address.bytes)->sin_port);
}

}  // namespace msde
