#include "apps/msde/flags/output_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "msde/core/error.hpp"

namespace msde {

void require_output_file(const std::string& flag, const std::string& path,
                         const std::vector<std::string>& inputs) {
  namespace fs = std::filesystem;
  if (path.empty()) return;
  std::error_code ignored;
  const auto fail = [&](const std::string& why) { throw ConfigError(flag + " " + path + ": " + why); };
  if (fs::is_directory(path, ignored)) fail("is a folder; expected a file name");
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
    fail("is no regular file; it would be replaced");
  for (const auto& input : inputs)
    if (!input.empty() && fs::equivalent(path, input, ignored))
      fail("is read by this command; choose another name");
  const fs::path folder = fs::absolute(path).parent_path();
  if (!fs::is_directory(folder, ignored)) fail("its folder does not exist");
  if (::access(folder.c_str(), W_OK) != 0)
    fail(std::string("its folder cannot be written: ") + std::strerror(errno));
}

void make_folder_of(const std::string& file) {
  namespace fs = std::filesystem;
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
