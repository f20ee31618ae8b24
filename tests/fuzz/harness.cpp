#include "tests/fuzz/harness.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "msde/core/report/log.hpp"

namespace msde::fuzz {
namespace {

struct Folder {
  std::string path;
  Folder() {
    const bool in_memory = access("/dev/shm", W_OK) == 0;
    path = std::string(in_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) +
           "/msde_fuzz_XXXXXX";
    if (!mkdtemp(path.data())) finding("no folder " + path);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

}  // namespace

void answered(ExitCode code, const std::function<void()>& work) try { work(); } catch (const Error& error) {
  static const bool say = std::getenv("MSDE_FUZZ_SAY") != nullptr;
  const std::string what = error.what();
  if (say) std::fprintf(stderr, "%s\n", what.c_str());
  if (error.code() != code)
    finding("exit code " + std::to_string(static_cast<int>(error.code())) + ": " + what);
  if (what.empty()) finding("an error without a word");
}

void finding(const std::string& what) {
  std::fprintf(stderr, "finding: %s\n", what.c_str());
  std::abort();
}

const std::string& scratch_folder() {
  static const Folder folder;
  return folder.path;
}

std::string scratch_file(const std::string& name, std::string_view bytes) {
  const std::string path = scratch_folder() + "/" + name;
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    finding("no file " + path);
  close(file);
  return path;
}

}  // namespace msde::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool quiet = (spdlog::set_level(spdlog::level::off), true);
  (void)quiet;
  try {
    msde::fuzz::one_input({reinterpret_cast<const char*>(data), size});
  } catch (const std::exception& error) {
    msde::fuzz::finding(std::string("unexpected: ") + error.what());
  }
  return 0;
}
