#include "msde/tensor/ranks/handshake.hpp"

#include <algorithm>
#include <cstring>

namespace msde {
namespace {

Digest proof(const std::string& secret, std::string text, const Hello& hello, const Challenge& challenge) {
  text.append(reinterpret_cast<const char*>(&hello), sizeof hello);
  text.append(reinterpret_cast<const char*>(&challenge), sizeof challenge);
  return hmac_sha256(secret, text);
}

}  // namespace

Hello new_hello(const Ranks& ranks) {
  Hello hello;
  const std::string nonce = random_bytes(sizeof hello.nonce);
  std::copy(nonce.begin(), nonce.end(), hello.nonce);
  hello.rank = ranks.rank, hello.size = ranks.size;
  return hello;
}

Challenge new_challenge() {
  Challenge challenge;
  const std::string nonce = random_bytes(sizeof challenge.nonce);
  std::copy(nonce.begin(), nonce.end(), challenge.nonce);
  return challenge;
}

bool is_hello(const Hello& hello) {
  return std::memcmp(hello.mark, Hello{}.mark, sizeof hello.mark) == 0 && hello.rank > 0 &&
         hello.size > hello.rank;
}

Digest proof_of_rank(const std::string& secret, const Hello& hello, const Challenge& challenge) {
  return proof(secret, "rank", hello, challenge);
}

Digest proof_of_rank_0(const std::string& secret, const Hello& hello, const Challenge& challenge) {
  return proof(secret, "rank 0", hello, challenge);
}

}  // namespace msde
