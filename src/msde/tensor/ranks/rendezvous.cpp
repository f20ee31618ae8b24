#include "msde/tensor/ranks/rendezvous.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "msde/core/error.hpp"

namespace msde {

std::string Rendezvous::address() const {
  return fmt::format("tcp://{}:{}", fmt::join(hosts, " or "), port);
}

std::string Rendezvous::where() const {
  return file.empty() ? "--rendezvous " + address() : fmt::format("socket {} of this machine", file);
}

void set_address(Rendezvous& rendezvous, const std::string& address) {
  const std::string scheme = "tcp://";
  const size_t colon = address.rfind(':');
  const auto fail = [&] {
    return ConfigError("--rendezvous " + address +
                       ": expected tcp://HOST:PORT, where rank 0 listens, e.g. tcp://192.168.1.10:29500");
  };
  if (address.rfind(scheme, 0) != 0 || colon <= scheme.size()) throw fail();
  std::string host = address.substr(scheme.size(), colon - scheme.size());
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);  // of IPv6
  if (host.empty() || host.find_first_of(" \t/[]") != std::string::npos) throw fail();
  const std::string port = address.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), rendezvous.port);
  if (error != std::errc{} || end != port.data() + port.size() || rendezvous.port < 1 ||
      rendezvous.port > 65535)
    throw fail();
  rendezvous.hosts = {host};
}

}  // namespace msde
