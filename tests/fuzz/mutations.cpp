#include "tests/fuzz/mutations.hpp"

#include <algorithm>
#include <cctype>
#include <random>
#include <string_view>

namespace msde::fuzz {
namespace {

constexpr std::string_view kWords[] = {"-1",
                                       "0",
                                       "1e300",
                                       "-1e300",
                                       "1e999",
                                       "5e-324",
                                       "nan",
                                       "inf",
                                       "-inf",
                                       "null",
                                       "true",
                                       "[]",
                                       "{}",
                                       "\"\"",
                                       "9223372036854775807",
                                       "-9223372036854775808",
                                       "18446744073709551616",
                                       "1.5",
                                       "\"x\"",
                                       "[[[[[[[[",
                                       "4294967296",
                                       "0x7f",
                                       "\\u0000"};
constexpr uint64_t kNumbers[] = {0,
                                 1,
                                 0x7f,
                                 0x80,
                                 0xff,
                                 0x7fff,
                                 0xffff,
                                 0x7fffffff,
                                 0x80000000,
                                 0xffffffff,
                                 uint64_t{1} << 40,
                                 INT64_MAX,
                                 uint64_t{1} << 63,
                                 UINT64_MAX};

class Mutation {
 public:
  Mutation(const std::vector<std::string>& corpus, uint64_t number)
      : corpus_(corpus), random_(number), bytes_(corpus[below(corpus.size())]) {}

  std::string make(size_t longest) {
    for (size_t left = 1 + below(4); left > 0; --left) change();
    if (bytes_.size() > longest) bytes_.resize(longest);
    return bytes_;
  }

 private:
  // Of the bits themselves: distributions of the library differ from one to another.
  size_t below(size_t n) { return n == 0 ? 0 : static_cast<size_t>(random_() % n); }

  void change() {
    const size_t n = bytes_.size(), at = below(n + 1), other = below(n + 1);
    const size_t from = std::min(at, other), length = std::min(std::max(at, other) - from, below(64) + 1);
    switch (below(10)) {
      case 0:
        if (n > 0) bytes_[at % n] ^= static_cast<char>(1 << below(8));
        break;
      case 1:
        if (n > 0) bytes_[at % n] = static_cast<char>(below(256));
        break;
      case 2:
        bytes_.insert(at, 1 + below(8), static_cast<char>(below(256)));
        break;
      case 3:
        bytes_.erase(from, length);
        break;
      case 4:
        bytes_.insert(at, std::string(bytes_, from, length));
        break;
      case 5: {
        const std::string& donor = corpus_[below(corpus_.size())];
        bytes_.insert(at, donor, below(donor.size() + 1), below(64));
        break;
      }
      case 6:
        bytes_.resize(at);
        break;
      case 7:
        replace_word(at);
        break;
      case 8:
        binary(at);
        break;
      default:
        bytes_.insert(at, kWords[below(std::size(kWords))]);
    }
  }

  // The number or word from `at` on becomes another one.
  void replace_word(size_t at) {
    const auto part = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '+';
    };
    while (at < bytes_.size() && !part(bytes_[at])) ++at;
    size_t end = at;
    while (end < bytes_.size() && part(bytes_[end])) ++end;
    bytes_.replace(at, end - at, kWords[below(std::size(kWords))]);
  }

  // A little-endian number of 1, 2, 4 or 8 bytes.
  void binary(size_t at) {
    uint64_t number = kNumbers[below(std::size(kNumbers))];
    for (size_t i = 0, width = size_t{1} << below(4); i < width && at + i < bytes_.size(); ++i, number >>= 8)
      bytes_[at + i] = static_cast<char>(number);
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_;
  std::string bytes_;
};

}  // namespace

std::string mutated(const std::vector<std::string>& corpus, uint64_t number, size_t longest) {
  return Mutation(corpus, number).make(longest);
}

}  // namespace msde::fuzz
