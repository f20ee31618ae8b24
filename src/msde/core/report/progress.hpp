// Progress of long work on stderr: one rewritten line with ETA on a terminal, a plain line now and then
// elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace msde {

// Who gets the plain lines in place of stderr, for the whole process; an empty function: stderr again. Not while
// a Progress is alive.
void send_progress_to(std::function<void(const std::string& line)> receiver);

class Progress {
 public:
  // `label` e.g. "elbo"; `total` steps of which `done` were made before this process (ETA counts only ours).
  Progress(std::string label, int64_t total, int64_t done = 0, double plain_interval_seconds = 10);
  ~Progress();  // ends the line
  // `detail` e.g. "loss -1.83  val rel_l2 0.061"
  void update(int64_t done, const std::string& detail = "");
  void finish(const std::string& detail = "");

 private:
  std::string label_;
  int64_t total_, first_, last_;
  double interval_;
  bool terminal_, line_open_ = false;
  std::chrono::steady_clock::time_point start_, shown_;
  void show(const std::string& detail, bool newline);
};

}  // namespace msde
