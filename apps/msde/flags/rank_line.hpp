// --ranks and what goes with it: training by several processes (docs/several_machines.md).
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace msde {

struct RankFlags {
  std::optional<int64_t> ranks, rank;
  std::string rendezvous, secret_file, timeout = "5m";
};

void add_rank_flags(CLI::App& command, RankFlags& flags);

}  // namespace msde
