#include "apps/msde/flags/rank_line.hpp"

namespace msde {

void add_rank_flags(CLI::App& command, RankFlags& f) {
  constexpr int64_t kMostRanks = 4096;
  command
      .add_option("--ranks", f.ranks,
                  "Processes that share the training; without --rank all are started on this machine")
      ->check(CLI::Range(int64_t{1}, kMostRanks));
  command.add_option("--rank", f.rank, "Which of them this is, 0 .. ranks - 1; 0 writes the run")
      ->check(CLI::Range(int64_t{0}, kMostRanks - 1));
  command.add_option("--rendezvous", f.rendezvous, "Where rank 0 listens, the same for every rank")
      ->type_name("tcp://HOST:PORT");
  command
      .add_option("--rank-secret", f.secret_file,
                  "File of the secret that ranks on several machines share; or MSDE_RANK_SECRET")
      ->type_name("FILE");
  command.add_option("--rank-timeout", f.timeout, "Longest that a rank waits for another")
      ->capture_default_str()
      ->type_name("TIME");
}

}  // namespace msde
