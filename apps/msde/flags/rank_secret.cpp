#include "apps/msde/flags/rank_secret.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"

namespace msde {
namespace {

constexpr size_t kShortest = 16;

std::string trimmed(const std::string& text) {
  const char* spaces = " \t\r\n";
  const size_t first = text.find_first_not_of(spaces), last = text.find_last_not_of(spaces);
  return first == std::string::npos ? "" : text.substr(first, last + 1 - first);
}

std::string of_file(const std::string& flag, const std::string& file) {
  const auto fail = [&](const std::string& why) {
    return ConfigError(fmt::format("{} {}: {}", flag, file, why));
  };
  std::string text;
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode))
      throw fail("is no regular file; expected one that holds the secret of the ranks");
    if ((status.st_mode & 077) != 0)
      throw fail(fmt::format("other users may open it (mode {:o}); chmod 600 it", status.st_mode & 0777u));
  }
  try {
    text = read_text(file);
  } catch (const DataError& error) {
    throw ConfigError(flag + " " + error.what());
  }
  return text;
}

std::string checked(const std::string& from, const std::string& text) {
  const std::string secret = trimmed(text);
  if (secret.size() < kShortest)
    throw ConfigError(
        fmt::format("{}: the secret of the ranks has {} bytes, expected {} at least, such as "
                    "`head -c 32 /dev/urandom | base64` makes",
                    from, secret.size(), kShortest));
  return secret;
}

}  // namespace

std::string read_rank_secret(const std::string& file) {
  const char* const name = "MSDE_RANK_SECRET";
  const char* const value = std::getenv(name);
  const char* const named = std::getenv("MSDE_RANK_SECRET_FILE");
  const std::string text = value ? value : "", path = named ? named : "";
  ::unsetenv(name);
  if (!file.empty()) return checked("--rank-secret " + file, of_file("--rank-secret", file));
  if (!path.empty() && !text.empty())
    throw ConfigError("MSDE_RANK_SECRET and MSDE_RANK_SECRET_FILE are both set; unset one of them");
  if (!path.empty()) return checked("MSDE_RANK_SECRET_FILE " + path, of_file("MSDE_RANK_SECRET_FILE", path));
  return text.empty() ? "" : checked(name, text);
}

}  // namespace msde
