// What a launcher says in the environment of a rank: PyTorch's and torchrun's words, or Slurm's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace msde {

struct RankVariables {
  enum class Launcher { none, msde, pytorch, slurm } launcher = Launcher::none;
  std::optional<int64_t> rank, size;              // of all
  std::optional<int64_t> local_rank, local_size;  // of those on this machine
  std::string name_of_rank, name_of_size;         // of the variables, for messages
  std::vector<int> sockets;                       // MSDE_RANK_SOCKETS: connected already
  std::vector<std::string> hosts;                 // where rank 0 may be found, in this order
  std::optional<int64_t> port;
  std::optional<int64_t> processors;  // that Slurm gives each rank
  std::string job;                    // tells groups of ranks on one machine from each other

  bool on_one_machine() const { return size && local_size == size; }
};

// RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR, MASTER_PORT where one of the first two is set, else
// SLURM_PROCID, .. in a step of srun; MASTER_ADDR and MASTER_PORT count there, too. A table is in
// docs/several_machines.md. ConfigError: a variable is malformed, or two contradict each other.
RankVariables read_rank_variables();

// "node03" of Slurm's "node[03-07,9],other1".
std::string first_node(const std::string& list);
// Tasks of node `index` by Slurm's "4(x2),3": 4, 4, 3; nothing where the text says none.
std::optional<int64_t> tasks_of_node(const std::string& text, int64_t index);

}  // namespace msde
