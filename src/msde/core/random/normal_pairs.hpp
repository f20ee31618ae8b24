// Normal random numbers, several pairs at a time in vector code.
#pragma once

#include <cstdint>

namespace msde {

// Philox4x32's key and the 96 bits of its counter that are the same for all blocks of a random key.
struct PhiloxStream {
  uint64_t seed = 0;
  uint32_t step_low = 0, step_high = 0, stream = 0;  // step_high has 16 bits
};

// Pairs of blocks first .. first + count - 1, [count, 2]: of the 128 bits of block b, Philox4x32-10 (Salmon
// et al., SC 2011) with counter  b low 32 | step high 16, b high 16 | step low 32 | stream 32,  two uniform
// u, v and  r (cos 2 pi v, sin 2 pi v), r = sqrt(-2 log u)  (Box and Muller, 1958) to 4e-15 r. A pair depends
// on its block alone. Blocks have 48 bits.
void normal_pairs(const PhiloxStream& stream, uint64_t first, int64_t count, double* out);

}  // namespace msde
