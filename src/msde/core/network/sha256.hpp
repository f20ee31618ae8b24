// Proof that somebody knows a secret, without telling it: SHA-256 (FIPS 180-4) and HMAC (RFC 2104), by libsodium.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace msde {

using Digest = std::array<uint8_t, 32>;

Digest sha256(std::string_view text);
// HMAC-SHA-256: H((K ^ opad) | H((K ^ ipad) | text)), K the key in 64 bytes.
Digest hmac_sha256(std::string_view key, std::string_view text);
bool same(const Digest& a, const Digest& b);  // in a time that does not depend on where they differ
std::string hexadecimal(const Digest& digest);

std::string random_bytes(size_t count);  // of the system's generator; std::runtime_error where there is none

}  // namespace msde
