#include "msde/tensor/ranks/listeners.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "msde/core/error.hpp"

namespace msde {
namespace {

using std::chrono::milliseconds;

bool names_this_machine(const std::string& host) {
  return host == "localhost" || host.rfind("127.", 0) == 0 || host == "::1";
}

}  // namespace

std::vector<SocketAddress> addresses_of_rank_0(const Rendezvous& r, const PrivateFolder* folder) {
  if (folder) return {folder->address(r.file)};
  std::vector<SocketAddress> all;
  for (const auto& host : r.hosts)  // of which several may name one address
    for (const auto& address : addresses_of(host, r.port))
      if (std::none_of(all.begin(), all.end(), [&](const auto& one) { return one.text() == address.text(); }))
        all.push_back(address);
  return all;
}

Listeners::Listeners(const Rendezvous& r) {
  if (r.file.empty())
    listen_at_hosts(r);
  else
    listen_in_folder(r);
}

Listeners::~Listeners() {
  if (folder_) folder_->remove(file_);
}

void Listeners::listen_in_folder(const Rendezvous& r) {
  auto folder = std::make_unique<PrivateFolder>();
  const auto address = folder->address(r.file);
  if (connect_to(address, milliseconds(1000)))
    throw ConfigError(
        fmt::format("{}: another rank 0 of the same name listens there; end it first", folder->path(r.file)));
  folder->remove(r.file);  // of a process that was killed
  try {
    sockets_.push_back(listen_at(address));
  } catch (const std::system_error& error) {
    throw ConfigError(fmt::format("{}: rank 0 cannot listen there: {}; set TMPDIR to another folder",
                                  folder->path(r.file), error.code().message()));
  }
  folder_ = std::move(folder);
  file_ = r.file;
}

void Listeners::listen_at_hosts(const Rendezvous& r) {
  std::string reason = "the name is unknown";
  bool loopback_alone = true;
  for (const auto& address : addresses_of_rank_0(r, nullptr)) {
    if (address.is_unspecified())
      throw ConfigError(
          fmt::format("{}: {} stands for every address of a machine; give the one "
                      "at which the other ranks reach rank 0",
                      r.where(), address.text()));
    try {
      sockets_.push_back(listen_at(address));
      loopback_alone = loopback_alone && address.is_loopback();
    } catch (const std::system_error& error) {
      if (error.code().value() == EADDRINUSE)
        throw ConfigError(
            fmt::format("{}: port {} of this machine is in use; choose another, or "
                        "end the rank 0 that still runs there",
                        r.where(), r.port));
      reason = fmt::format("{}: {}", address.text(), error.code().message());
    }
  }
  if (sockets_.empty())
    throw ConfigError(fmt::format("{}: rank 0 cannot listen there: {}; expected an address of this machine",
                                  r.where(), reason));
  if (loopback_alone && !names_this_machine(r.hosts.front()))
    spdlog::warn(
        "{}: here this name is an address of the loopback device, which other machines "
        "do not reach; if ranks run there, give the address itself",
        r.where());
}

}  // namespace msde
