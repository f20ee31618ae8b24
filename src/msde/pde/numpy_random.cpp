#include "msde/pde/numpy_random.hpp"

#include <array>

namespace msde {
namespace {

constexpr size_t pool_words = 4;

// One multiplicative hash with a constant that changes from word to word.
class WordHash {
 public:
  WordHash(uint32_t start, uint32_t factor) : constant_(start), factor_(factor) {}
  uint32_t operator()(uint32_t value) {
    value ^= constant_;
    constant_ *= factor_;
    value *= constant_;
    return value ^ value >> 16;
  }

 private:
  uint32_t constant_, factor_;
};

uint32_t mixed(uint32_t x, uint32_t y) {
  const uint32_t result = 0xca01f9ddU * x - 0x4973f715U * y;
  return result ^ result >> 16;
}

// SeedSequence(entropy).generate_state(8)
std::array<uint32_t, 8> seed_sequence(const std::vector<uint32_t>& entropy) {
  WordHash hash(0x43b0d7e5U, 0x931e8875U);
  std::array<uint32_t, pool_words> pool{};
  for (size_t i = 0; i < pool_words; ++i) pool[i] = hash(i < entropy.size() ? entropy[i] : 0);
  for (size_t from = 0; from < pool_words; ++from)
    for (size_t to = 0; to < pool_words; ++to)
      if (from != to) pool[to] = mixed(pool[to], hash(pool[from]));
  for (size_t from = pool_words; from < entropy.size(); ++from)
    for (uint32_t& word : pool) word = mixed(word, hash(entropy[from]));

  WordHash output(0x8b51f9ddU, 0x58f38dedU);
  std::array<uint32_t, 8> state{};
  for (size_t i = 0; i < state.size(); ++i) state[i] = output(pool[i % pool_words]);
  return state;
}

}  // namespace

NumpyGenerator::NumpyGenerator(const std::vector<uint32_t>& entropy) {
  const auto words = seed_sequence(entropy);
  const auto pair = [&](size_t i) { return Word{words[2 * i]} | Word{words[2 * i + 1]} << 32; };
  increment_ = (pair(2) << 64 | pair(3)) << 1 | 1;
  next();
  state_ += pair(0) << 64 | pair(1);
  next();
}

uint64_t NumpyGenerator::next() {
  constexpr Word multiplier = Word{2549297995355413924U} << 64 | Word{4865540595714422341U};
  state_ = state_ * multiplier + increment_;
  const auto folded = static_cast<uint64_t>(state_ >> 64) ^ static_cast<uint64_t>(state_);
  const auto turn = static_cast<unsigned>(state_ >> 122);
  return folded >> turn | folded << (-turn & 63U);
}

double NumpyGenerator::uniform(double low, double high) {
  return low + (high - low) * (static_cast<double>(next() >> 11) * 0x1p-53);
}

}  // namespace msde
