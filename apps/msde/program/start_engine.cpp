#include "apps/msde/program/start_engine.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "apps/msde/program/process_environment.hpp"

namespace msde {

void start_engine(char** argv) {
  std::error_code problem;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", problem);
  if (problem)
    throw Error(kNoEngine,
                "/proc/self/exe: cannot be read: " + problem.message() + "; msde finds its engine there");
  const std::string engine = (own.parent_path() / "msde-engine").string();
  const std::string installed =
      (own.parent_path() / MSDE_ENGINE_FOLDER / "msde-engine").lexically_normal().string();
  set_process_environment();
  ::execv(engine.c_str(), argv);
  if (errno == ENOENT) {
    ::execv(installed.c_str(), argv);
    if (errno != ENOENT) throw Error(kNoEngine, installed + ": cannot be started: " + std::strerror(errno));
  }
  throw Error(kNoEngine, engine + ": cannot be started: " + std::strerror(errno) +
                             "; it belongs in the folder of msde, build or copy both");
}

}  // namespace msde
