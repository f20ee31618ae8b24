#include "apps/msde/comparison/training_jobs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

#include "apps/msde/program/child_process.hpp"
#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/core/report/progress.hpp"

namespace msde {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(200);

std::string last_line_of(const std::string& path) {
  constexpr std::streamoff kTail = 4096;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  file.seekg(std::max<std::streamoff>(0, static_cast<std::streamoff>(file.tellg()) - kTail));
  return last_line({std::istreambuf_iterator<char>(file), {}});
}

pid_t start(const TrainingJob& job) {
  ChildStart child;
  child.words = {"msde", "train"};
  child.words.insert(child.words.end(), job.arguments.begin(), job.arguments.end());
  std::filesystem::create_directories(std::filesystem::path(job.log).parent_path());
  const int log = ::open(job.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (log < 0) throw DataError(job.log + ": cannot be written: " + std::strerror(errno));
  child.output = child.errors = log;
  const pid_t process = start_child(child);
  ::close(log);
  return process;
}

}  // namespace

std::vector<JobResult> run_jobs(const std::vector<TrainingJob>& jobs, int64_t at_once, double log_seconds) {
  std::vector<JobResult> results(jobs.size());
  std::map<pid_t, size_t> running;
  size_t next = 0;
  int64_t done = 0;
  int told = 0;                // signal that was handed on
  ::signal(SIGCHLD, SIG_DFL);  // where the caller ignores it, children end without a status
  Progress progress("trainings", static_cast<int64_t>(jobs.size()), 0, log_seconds);
  while (!running.empty() || (next < jobs.size() && told == 0)) {
    while (told == 0 && next < jobs.size() && static_cast<int64_t>(running.size()) < at_once) {
      running.emplace(start(jobs[next]), next);
      ++next;
    }
    if (const int signal = pending_signal(); signal != 0 && told == 0) {
      told = signal;
      for (const auto& [child, job] : running) ::kill(child, signal);
    }
    std::string detail;
    for (auto child = running.begin(); child != running.end();) {
      int status = 0;
      const auto& job = jobs[child->second];
      const pid_t ended = ::waitpid(child->first, &status, WNOHANG);
      if (ended == child->first || (ended < 0 && errno != EINTR)) {
        results[child->second] = {ended < 0 ? kCannotStart : exit_code(status), last_line_of(job.log)};
        ++done;
        child = running.erase(child);
        continue;
      }
      if (detail.empty()) detail = job.label + ": " + last_line_of(job.log);
      ++child;
    }
    progress.update(done, detail);
    std::this_thread::sleep_for(kPoll);
  }
  progress.finish();
  throw_if_interrupted();
  return results;
}

}  // namespace msde
