// What the paper reports for a row of a comparison, and how its scripts scored: what stands with the case
// (pde/published_case.hpp) in the terms of eval.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "msde/eval/scoring/evaluate.hpp"

namespace msde {

// Relative L2 error of the paper's table. `row` as in `msde compare`: coarse_dns, dmd, pod_sindy, macro_only,
// multiscale. Nothing where there is none, or where data or model have other sizes than the paper's.
struct ComparedSizes {
  std::vector<int64_t> grid;
  int64_t channels = 1, n_zeta = 0, n_eta = 5, n_frames = 0;
};
std::optional<MeanStd> published_rel_l2(const std::string& case_name, const std::string& row,
                                        const ComparedSizes& ours);

// The scoring of the published scripts: frame 0 counts, the truth is noisy, and a learned model is scored by
// the mean of n_enc solutions of its SDE with n_dec noisy draws each; the last snapshot is left out where its
// script does so. ConfigError for a case without published scripts.
struct PublishedScoring {
  Protocol learned, classical;  // of multiscale and macro_only; of everything else ..
  Protocol pod_sindy;           // .. but this one, whose scripts lose the last snapshot of two cases
  std::string scheme;           // that solved the SDE
  const Protocol& of_baseline(const std::string& row) const {
    return row == "pod_sindy" ? pod_sindy : classical;
  }
};
PublishedScoring published_scoring(const std::string& case_name);

}  // namespace msde
