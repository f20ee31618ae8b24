// How a rank shows rank 0 that it knows the secret, and rank 0 the rank, without telling it.
//
//   rank -> 0   Hello: a mark, a random number, which rank of how many
//   0 -> rank   Challenge: a random number
//   rank -> 0   HMAC-SHA-256(secret, "rank" Hello Challenge)
//   0 -> rank   stranger; or accepted or refused, HMAC-SHA-256(secret, "rank 0" Hello Challenge), and why
//
// Both random numbers are in both proofs, so that none can be used again; rank 0 shows nothing made of the secret
// to one who has not shown to know it.
#pragma once

#include <cstdint>
#include <string>

#include "msde/core/network/sha256.hpp"
#include "msde/tensor/ranks/share.hpp"

namespace msde {

struct Hello {
  char mark[16] = "msde ranks 1";
  char nonce[32] = {};
  int64_t rank = 0, size = 1;
};
struct Challenge {
  char nonce[32] = {};
};
static_assert(sizeof(Hello) == 64 && sizeof(Challenge) == 32);

Hello new_hello(const Ranks& ranks);
Challenge new_challenge();
bool is_hello(const Hello& hello);  // its mark and numbers are those of a rank

Digest proof_of_rank(const std::string& secret, const Hello& hello, const Challenge& challenge);
Digest proof_of_rank_0(const std::string& secret, const Hello& hello, const Challenge& challenge);

}  // namespace msde
