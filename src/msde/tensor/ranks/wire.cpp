#include "msde/tensor/ranks/wire.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace msde {
namespace {

using Clock = std::chrono::steady_clock;

bool is_for_later(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

// Until one of `events` is there; WireBroken after the limit.
void await(const Wire& wire, short events, Clock::time_point deadline) {
  using std::chrono::milliseconds;
  while (!wait_for(wire.descriptor(), events,
                   std::chrono::duration_cast<milliseconds>(deadline - Clock::now()) + milliseconds(1)))
    if (Clock::now() >= deadline) throw WireBroken{true};
}

}  // namespace

Clock::time_point Wire::deadline() const {
  const auto next = Clock::now() + limit_;
  return end_ ? std::min(next, *end_) : next;
}

size_t Wire::send_some(const void* data, size_t size) const {
  const ssize_t sent = ::send(descriptor(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && !is_for_later(errno)) throw WireBroken{};
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

size_t Wire::receive_some(void* data, size_t size) const {
  const ssize_t got = ::recv(descriptor(), data, size, MSG_DONTWAIT);
  if (got == 0 || (got < 0 && !is_for_later(errno))) throw WireBroken{};
  return got < 0 ? 0 : static_cast<size_t>(got);
}

void Wire::send(const void* data, size_t size, const std::function<void()>& on_incoming) const {
  const char* at = static_cast<const char*>(data);
  for (auto until = deadline(); size > 0;) {
    const size_t sent = send_some(at, size);
    at += sent, size -= sent;
    if (sent > 0) until = deadline();
    if (size == 0) return;
    await(*this, on_incoming ? POLLOUT | POLLIN : POLLOUT, until);
    if (on_incoming && wait_for(descriptor(), POLLIN, Milliseconds(0))) {
      on_incoming();
      until = deadline();
    }
  }
}

void Wire::receive(void* data, size_t size) const {
  char* at = static_cast<char*>(data);
  for (auto until = deadline(); size > 0;) {
    const size_t got = receive_some(at, size);
    at += got, size -= got;
    if (got > 0) until = deadline();
    if (size > 0 && got == 0) await(*this, POLLIN, until);
  }
}

void Wire::send(Message message, const std::string& text) const {
  const Head head{Head{}.mark, message, text.size()};
  send((std::string(reinterpret_cast<const char*>(&head), sizeof head) + text).data(),
       sizeof head + text.size());
}

Head Wire::receive_head() const {
  Head head;
  receive(&head, sizeof head);
  if (head.mark != Head{}.mark) throw WireBroken{};
  return head;
}

std::string Wire::receive_text(const Head& head) const {
  constexpr uint64_t kLongest = 4096;
  if (head.size > kLongest) throw WireBroken{};
  std::string text(head.size, '\0');
  receive(text.data(), text.size());
  return text;
}

}  // namespace msde
