// Changes to bytes of which readers go wrong, the same ones on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msde::fuzz {

// A few changes to one of the corpus, a function of (corpus, number): bits, bytes, lengths, pieces of others and of
// itself, numbers in words and in binary that are absurd. At most `longest` bytes.
std::string mutated(const std::vector<std::string>& corpus, uint64_t number, size_t longest);

}  // namespace msde::fuzz
