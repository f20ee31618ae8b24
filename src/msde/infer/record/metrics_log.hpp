// metrics.csv: one row per logged step, every term of the objective in a column of its own.
#pragma once

#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace msde {

class MetricsLog {
 public:
  // Rows of `stage` (as written) from `step` on, and of later stages, are dropped: a resumed run writes them
  // again.
  MetricsLog(const std::string& path, const std::string& stage, int64_t step);
  using Row = std::vector<std::pair<std::string, double>>;
  // Unknown columns are an error of the program; absent ones stay empty.
  void write(const std::string& stage, int64_t step, const Row& values);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace msde
