#include "apps/msde/program/local_ranks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <thread>

#include "apps/msde/program/child_process.hpp"
#include "msde/core/error.hpp"
#include "msde/core/network/socket.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/core/report/log.hpp"

namespace msde {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kPoll = 50ms;
constexpr auto kByThemselves = 3s;  // for ranks to notice that one failed, before they are told

struct LocalRank {
  pid_t process = 0;
  int errors = STDERR_FILENO;  // where its stderr goes
  std::optional<int> code;     // once it has ended
};

std::vector<std::string> own_command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

// Rank 0 is connected to each of the others before any of them starts: nobody listens, nobody has to be found.
struct RankSockets {
  std::vector<Descriptor> of_rank_0, of_others;
};

RankSockets connect_ranks(int64_t ranks) {
  RankSockets all;
  for (int64_t rank = 1; rank < ranks; ++rank) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw ConfigError(fmt::format(
          "--ranks {}: this many cannot be connected: {}; ask for fewer, or raise the limit (ulimit -n)",
          ranks, std::strerror(errno)));
    all.of_rank_0.emplace_back(ends[0]);
    all.of_others.emplace_back(ends[1]);
  }
  return all;
}

LocalRank start(int64_t rank, int64_t ranks, const RankSockets& sockets) {
  std::vector<int> own;
  if (rank > 0)
    own = {sockets.of_others[rank - 1].number()};
  else
    for (const auto& socket : sockets.of_rank_0) own.push_back(socket.number());

  LocalRank r;
  int nowhere = STDOUT_FILENO;
  if (rank > 0) {
    r.errors = ::memfd_create("errors", MFD_CLOEXEC);
    nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (r.errors < 0 || nowhere < 0)
      throw ConfigError(fmt::format(
          "--ranks {}: rank {} cannot be started: {}; ask for fewer, or raise the limit (ulimit -n)", ranks,
          rank, std::strerror(errno)));
  }
  r.process = start_child(
      {.words = own_command_line(),
       .environment = {fmt::format("RANK={}", rank), fmt::format("LOCAL_RANK={}", rank),
                       fmt::format("WORLD_SIZE={}", ranks), fmt::format("LOCAL_WORLD_SIZE={}", ranks),
                       fmt::format("MSDE_RANK_SOCKETS={}", fmt::join(own, ","))},
       .output = nowhere,
       .errors = r.errors,
       .kept = own});
  if (rank > 0) ::close(nowhere);
  return r;
}

// "rank 1: out of memory" of "msde: error: out of memory".
std::string how_it_ended(int64_t rank, const LocalRank& r) {
  std::string text(4096, '\0');
  const off_t size = ::lseek(r.errors, 0, SEEK_END);
  const ssize_t read = ::pread(r.errors, text.data(), text.size(), std::max<off_t>(0, size - 4096));
  std::string line = last_line(text.substr(0, std::max<ssize_t>(0, read)));
  const std::string begin = "msde: error: ";
  if (line.rfind(begin, 0) == 0) return fmt::format("rank {}: {}", rank, line.substr(begin.size()));
  if (*r.code > 128) return fmt::format("rank {} was ended by signal {}", rank, *r.code - 128);
  return fmt::format("rank {} ended with code {}", rank, *r.code);
}

bool is_own_failure(int code) {  // and not what another's failure led to
  return code != 0 && code != static_cast<int>(ExitCode::peer_lost);
}

}  // namespace

int run_local_ranks(int64_t n, double timeout_seconds) {
  install_signal_handlers();
  ::signal(SIGCHLD, SIG_DFL);  // where the caller ignores it, children end without a status
  std::vector<LocalRank> ranks;
  {
    const RankSockets sockets = connect_ranks(n);
    for (int64_t rank = 0; rank < n; ++rank) ranks.push_back(start(rank, n, sockets));
  }  // only the ranks have them, so that the end of one is seen by the others

  const auto tell = [&](int signal) {
    for (const auto& r : ranks)
      if (!r.code) ::kill(r.process, signal);
  };
  std::optional<size_t> failed;  // the rank whose code counts
  std::optional<Clock::time_point> failed_at;
  int told = 0;  // the last signal handed on
  for (int64_t running = n; running > 0;) {
    for (size_t i = 0; i < ranks.size(); ++i) {
      int status = 0;
      if (ranks[i].code || ::waitpid(ranks[i].process, &status, WNOHANG) != ranks[i].process) continue;
      const int code = *(ranks[i].code = exit_code(status));
      --running;
      if (code == 0 || told == SIGKILL) continue;
      const bool first = !failed;
      if (first || (told == 0 && !is_own_failure(*ranks[*failed].code) && is_own_failure(code))) failed = i;
      if (first) failed_at = Clock::now();
    }
    const auto since = failed_at ? Clock::now() - *failed_at : Clock::duration(0);
    if (pending_signal() && told == 0) tell(told = pending_signal());
    if (since > kByThemselves && told == 0) tell(told = SIGTERM);
    if (since > kByThemselves + std::chrono::duration<double>(timeout_seconds) && told != SIGKILL)
      tell(told = SIGKILL);
    std::this_thread::sleep_for(kPoll);
  }
  if (!failed) return 0;
  const int code = *ranks[*failed].code;
  // Rank 0 has told its own failure, and where all ended alike that of all.
  if (*failed != 0 && *ranks[0].code != code)
    spdlog::error("{}", how_it_ended(static_cast<int64_t>(*failed), ranks[*failed]));
  return code;
}

}  // namespace msde
