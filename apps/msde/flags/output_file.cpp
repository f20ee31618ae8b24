#include "apps/msde/flags/output_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <optional>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/network/socket.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

// Of /dev/stdout, /dev/fd/3 and alike: the descriptor itself, whatever file or pipe it leads to.
std::optional<int> descriptor_of(const std::string& path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string folder : {"/dev/fd/", "/proc/self/fd/"}) {
    const std::string number = path.substr(0, folder.size()) == folder ? path.substr(folder.size()) : "";
    if (!number.empty() && number.size() < 7 && number.find_first_not_of("0123456789") == std::string::npos)
      return std::stoi(number);
  }
  return std::nullopt;
}

bool is_special(const std::string& path) {
  std::error_code ignored;
  return descriptor_of(path) || (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored) &&
                                 !fs::is_directory(path, ignored));
}

}  // namespace

void require_absent(const std::string& flag, const std::string& path, bool force) {
  std::error_code ignored;
  if (path.empty() || force || is_special(path) || !fs::is_regular_file(path, ignored)) return;
  throw ConfigError(path + ": exists already; replace it with --force, or choose another name for " + flag);
}

void require_output_file(const std::string& flag, const std::string& path,
                         const std::vector<std::string>& inputs) {
  if (path.empty() || is_special(path)) return;
  std::error_code ignored;
  const auto fail = [&](const std::string& why) { throw ConfigError(flag + " " + path + ": " + why); };
  if (fs::is_directory(path, ignored)) fail("is a folder; expected a file name");
  for (const auto& input : inputs)
    if (!input.empty() && fs::equivalent(path, input, ignored))
      fail("is read by this command; choose another name");
  const fs::path folder = fs::absolute(path).parent_path();
  if (!fs::is_directory(folder, ignored)) fail("its folder does not exist");
  if (::access(folder.c_str(), W_OK) != 0)
    fail(std::string("its folder cannot be written: ") + std::strerror(errno));
}

void write_result(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  if (!is_special(path)) return write_text_atomically(path, text);
  std::cout.flush();  // stdout may be the same place
  const auto given = descriptor_of(path);
  const Descriptor file(given ? ::dup(*given) : ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  for (size_t done = 0; done < text.size();) {
    const ssize_t more = file ? ::write(file.number(), text.data() + done, text.size() - done) : -1;
    if (more < 0 && (!file || errno != EINTR))
      throw DataError(path + ": cannot be written: " + std::strerror(errno));
    done += more > 0 ? static_cast<size_t>(more) : 0;
  }
}

void make_folder_of(const std::string& file) {
  std::error_code problem;
  if (fs::is_directory(file, problem)) throw ConfigError(file + ": is a folder; expected a file name for -o");
  if (fs::exists(file, problem) && !fs::is_regular_file(file, problem))
    throw ConfigError(file + ": is no regular file and would be replaced; expected a file name for -o");
  const fs::path folder = fs::path(file).parent_path();
  problem.clear();
  if (!folder.empty()) fs::create_directories(folder, problem);
  if (problem) throw ConfigError(folder.string() + ": cannot be made: " + problem.message());
}

}  // namespace msde
