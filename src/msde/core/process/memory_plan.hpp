// What the parts of the program may keep in memory, so that the whole stays below what the user allows.
#pragma once

#include <cstdint>
#include <string>

namespace msde {

struct MemoryPlan {
  int64_t cache_bytes = int64_t{512} << 20;  // of the fields of one split, kept once they were read
  int64_t coefficient_bytes = int64_t{2}
                              << 30;  // of one split in the model's coordinates; beyond that a paged file
  int64_t block_bytes = int64_t{32} << 20;  // of the float64 snapshots that are worked on at a time
  int64_t basis_bytes = int64_t{1} << 60;   // of all that finding the reduced basis holds at once
};

// The plan that keeps the peak of a training or an evaluation below `bytes`: the program itself takes 400 MiB
// of them. 0 = the defaults above. ConfigError below 640 MiB.
MemoryPlan memory_plan(int64_t bytes);

// "1GiB", "512MiB", "2GB", "1.5e9": units B, kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (powers of
// 1024); no unit: bytes. "" = 0. ConfigError, one line, for anything else.
int64_t parse_bytes(const std::string& text);

}  // namespace msde
