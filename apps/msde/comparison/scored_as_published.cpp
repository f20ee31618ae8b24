#include "apps/msde/comparison/scored_as_published.hpp"

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/pde/cases.hpp"

namespace msde {
namespace {

const PublishedScore* score_of(const PublishedCase& published, const std::string& row) {
  const std::pair<const char*, const PublishedScore*> scores[] = {{"coarse_dns", &published.coarse_dns},
                                                                  {"dmd", &published.dmd},
                                                                  {"pod_sindy", &published.pod_sindy},
                                                                  {"macro_only", &published.macro_only},
                                                                  {"multiscale", &published.multiscale}};
  for (const auto& [name, score] : scores)
    if (row == name) return score;
  return nullptr;
}

// As the same set: the published cylinder is stored [y, x], ours [x, y].
bool same_points(std::vector<int64_t> a, std::vector<int64_t> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

bool same_sizes(const Case& paper, const std::string& row, const ComparedSizes& ours) {
  const PublishedCase& published = *paper.published;
  return same_points(ours.grid, paper.grid.shape) && ours.channels == paper.grid.channels &&
         ours.n_zeta == published.n_zeta && ours.n_frames == published.n_frames &&
         (row == "macro_only" || ours.n_eta == published.n_eta);
}

}  // namespace

std::optional<MeanStd> published_rel_l2(const std::string& case_name, const std::string& row,
                                        const ComparedSizes& ours) {
  const Case* paper = find_published_case(case_name);
  if (paper == nullptr || !same_sizes(*paper, row, ours)) return std::nullopt;
  const PublishedScore* score = score_of(*paper->published, row);
  if (score == nullptr) return std::nullopt;
  return MeanStd{score->mean, score->std};
}

PublishedScoring published_scoring(const std::string& case_name) {
  const Case* paper = find_published_case(case_name);
  if (paper == nullptr)
    throw ConfigError("--protocol reference: there are no published scripts for the case '" + case_name +
                      "'; leave the flag away");
  const PublishedCase& s = *paper->published;
  PublishedScoring scoring;
  scoring.scheme = s.scheme;
  scoring.classical = {
      .meaning = "as the published scripts: all frames, the given one included, against noisy data",
      .first_frame = 0};
  scoring.pod_sindy = scoring.classical;
  scoring.pod_sindy.drop_last = s.pod_sindy_drops_last;
  if (s.pod_sindy_drops_last > 0) scoring.pod_sindy.meaning += "; without the last frame";
  scoring.learned = {.meaning = scoring.classical.meaning + "; mean of " + std::to_string(s.n_enc) + " x " +
                                std::to_string(s.n_dec) + " noisy draws",
                     .first_frame = 0,
                     .drop_last = s.learned_drops_last,
                     .mean_of_members = s.n_enc,
                     .decoder_draws = s.n_dec};
  return scoring;
}

}  // namespace msde
