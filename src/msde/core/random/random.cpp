#include "msde/core/random/random.hpp"

#include <Random123/philox.h>

#include <algorithm>
#include <stdexcept>

#include "msde/core/random/normal_pairs.hpp"

namespace msde {
namespace {

// Two 64-bit words, values 2*block and 2*block + 1 of the key.
struct Words {
  uint64_t even, odd;
};

void check_limits(const RandomKey& key, uint64_t block) {
  constexpr uint64_t limit = uint64_t{1} << 48;
  if (key.step >= limit || block >= limit)
    throw std::out_of_range("random numbers: step or index beyond 48 bits");
}

uint32_t low(uint64_t value) {
  return static_cast<uint32_t>(value);
}

// How a key becomes Philox's key (64 bits) and counter (128 bits), without collisions:
//   key      seed
//   counter  block low 32 | step high 16, block high 16 | step low 32 | stream 32
Words words(const RandomKey& key, uint64_t block) {
  check_limits(key, block);
  const r123::Philox4x32::ctr_type counter = {{low(block), low(key.step >> 32 << 16 | block >> 32),
                                               low(key.step), static_cast<uint32_t>(key.stream)}};
  const r123::Philox4x32::key_type seed = {{low(key.seed), low(key.seed >> 32)}};
  const auto bits = r123::Philox4x32()(counter, seed);
  return {bits[0] | uint64_t{bits[1]} << 32, bits[2] | uint64_t{bits[3]} << 32};
}

// The 52 leading bits as the middle of their interval: strictly inside (0, 1), and exact in double.
double unit(uint64_t word) {
  return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
}

// Values come in pairs; a range may begin or end inside one.
template <class T>
void fill_normals(const RandomKey& key, uint64_t first, int64_t count, T* out) {
  if (count <= 0) return;
  constexpr uint64_t pairs_at_a_time = 256;
  const uint64_t end = first + static_cast<uint64_t>(count);
  check_limits(key, first / 2);
  check_limits(key, (end - 1) / 2);
  const PhiloxStream stream = {key.seed, low(key.step), low(key.step >> 32),
                               static_cast<uint32_t>(key.stream)};
  double values[2 * pairs_at_a_time];
  for (uint64_t index = first; index < end;) {
    const uint64_t block = index / 2, n = std::min(pairs_at_a_time, (end + 1) / 2 - block);
    normal_pairs(stream, block, static_cast<int64_t>(n), values);
    for (uint64_t i = index % 2; i < 2 * n && index < end; ++i, ++index) *out++ = static_cast<T>(values[i]);
  }
}

}  // namespace

void fill_normal(const RandomKey& key, uint64_t first_index, int64_t count, double* out) {
  fill_normals(key, first_index, count, out);
}

void fill_normal(const RandomKey& key, uint64_t first_index, int64_t count, float* out) {
  fill_normals(key, first_index, count, out);
}

void fill_uniform(const RandomKey& key, uint64_t first_index, int64_t count, double* out) {
  for (int64_t i = 0; i < count;) {
    const uint64_t index = first_index + static_cast<uint64_t>(i);
    const Words pair = words(key, index / 2);
    if (index % 2 == 0) out[i++] = unit(pair.even);
    if (i < count) out[i++] = unit(pair.odd);
  }
}

int64_t uniform_integer(const RandomKey& key, uint64_t index, int64_t low, int64_t high) {
  if (low > high) throw std::invalid_argument("uniform_integer: low > high");
  const Words pair = words(key, index / 2);
  const uint64_t word = index % 2 == 0 ? pair.even : pair.odd;
  // The high word of word * choices: bias below choices / 2^64. The sums wrap, so any low..high works.
  const uint64_t choices = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  if (choices == 0) return static_cast<int64_t>(word);  // all 2^64
  __extension__ using Wide = unsigned __int128;
  return static_cast<int64_t>(static_cast<uint64_t>(low) + static_cast<uint64_t>(Wide{word} * choices >> 64));
}

}  // namespace msde
