#include "msde/core/network/sha256.hpp"

#include <sodium.h>

#include <stdexcept>

namespace msde {
namespace {

void require_sodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium finds no source of random numbers");
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

static_assert(std::tuple_size_v<Digest> == crypto_hash_sha256_BYTES);
static_assert(std::tuple_size_v<Digest> == crypto_auth_hmacsha256_BYTES);

Digest sha256(std::string_view text) {
  Digest digest;
  crypto_hash_sha256(digest.data(), bytes_of(text), text.size());
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view text) {
  crypto_auth_hmacsha256_state state;  // takes keys of any length
  Digest digest;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(text), text.size());
  crypto_auth_hmacsha256_final(&state, digest.data());
  return digest;
}

bool same(const Digest& a, const Digest& b) {
  return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hexadecimal(const Digest& digest) {
  char text[2 * std::tuple_size_v<Digest> + 1];
  return sodium_bin2hex(text, sizeof text, digest.data(), digest.size());
}

std::string random_bytes(size_t count) {
  require_sodium();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace msde
