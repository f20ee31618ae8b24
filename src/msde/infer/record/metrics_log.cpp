#include "msde/infer/record/metrics_log.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <stdexcept>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"

namespace msde {
namespace {

const std::vector<std::string> kColumns = {"loss",           "elbo",
                                           "macro_residual", "micro_correlation",
                                           "micro_norm",     "log_determinant",
                                           "constant",       "drift_residual",
                                           "kl_initial",     "beta",
                                           "learning_rate",  "gradient_norm",
                                           "rollout_error",  "horizon",
                                           "val_rel_l2"};
const std::vector<std::string> kStages = {"elbo", "rollout", "calibrate"};

size_t rank(const std::string& stage) {
  return std::find(kStages.begin(), kStages.end(), stage) - kStages.begin();
}

}  // namespace

MetricsLog::MetricsLog(const std::string& path, const std::string& stage, int64_t step) {
  std::string text = fmt::format("stage,step,{}\n", fmt::join(kColumns, ","));
  if (std::filesystem::exists(path)) {
    std::istringstream old(read_text(path));
    std::string line;
    std::getline(old, line);  // header
    while (std::getline(old, line)) {
      const auto comma = line.find(',');
      if (comma == std::string::npos || line.find(',', comma + 1) == std::string::npos)
        continue;  // a torn last row
      const std::string its_stage = line.substr(0, comma);
      const int64_t its_step = std::atoll(line.c_str() + comma + 1);
      if (rank(its_stage) < rank(stage) || (its_stage == stage && its_step <= step)) text += line + "\n";
    }
  }
  write_text_atomically(path, text);
  file_.open(path, std::ios::app);
  path_ = path;
}

void MetricsLog::write(const std::string& stage, int64_t step, const Row& values) {
  std::map<std::string, double> by_name(values.begin(), values.end());
  std::string line = fmt::format("{},{}", stage, step);
  for (const auto& column : kColumns) {
    const auto found = by_name.find(column);
    line += found == by_name.end() ? "," : fmt::format(",{:.7g}", found->second);
    if (found != by_name.end()) by_name.erase(found);
  }
  if (!by_name.empty()) throw std::logic_error("metrics.csv has no column " + by_name.begin()->first);
  file_ << line << "\n" << std::flush;
  if (!file_) throw DataError(path_ + ": cannot be written; is the disk full?");
}

}  // namespace msde
