// Several trainings at once, each a `msde train` of its own: on few cores that is faster than one with more
// threads, and one that fails takes nothing with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msde {

struct TrainingJob {
  std::string label;                   // for progress, "multiscale seed 0"
  std::string folder;                  // of the run
  std::vector<std::string> arguments;  // after `msde train`
  std::string log;                     // file that gets its stdout and stderr
};

struct JobResult {
  int exit_code = 0;
  std::string last_line;  // of the log, for a status
};

// Runs the jobs, `at_once` at a time, and returns their results in order. Finished runs end at once by
// themselves. Signals are handed on; what the jobs saved stays, and Stopped is thrown. Jobs die
// with this process.
std::vector<JobResult> run_jobs(const std::vector<TrainingJob>& jobs, int64_t at_once, double log_seconds);

}  // namespace msde
