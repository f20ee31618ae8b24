#include "msde/eval/comparison/published.hpp"

#include "msde/core/error.hpp"

namespace msde {
namespace {

struct Figure {
  const char *case_name, *name;
  MeanStd rel_l2;
};
const Figure figures[] = {
    {"wave_1d", "coarse_dns", {1.381, .382}},
    {"wave_1d", "dmd", {.492, .066}},
    {"wave_1d", "pod_sindy", {.469, .054}},
    {"wave_1d", "macro_only", {.565, .116}},
    {"wave_1d", "multiscale", {.079, .031}},
    {"kdv_1d", "coarse_dns", {.523, .196}},
    {"kdv_1d", "dmd", {.163, .046}},
    {"kdv_1d", "pod_sindy", {.057, .028}},
    {"kdv_1d", "macro_only", {.324, .078}},
    {"kdv_1d", "multiscale", {.042, .017}},
    {"cylinder_2d", "coarse_dns", {.130, .040}},
    {"cylinder_2d", "dmd", {.016, .006}},
    {"cylinder_2d", "pod_sindy", {.051, .024}},
    {"cylinder_2d", "macro_only", {.063, .005}},
    {"cylinder_2d", "multiscale", {.009, .001}},
    {"shallow_water_2d", "coarse_dns", {.861, .190}},
    {"shallow_water_2d", "dmd", {.531, .227}},
    {"shallow_water_2d", "pod_sindy", {.535, .210}},
    {"shallow_water_2d", "macro_only", {.426, .099}},
    {"shallow_water_2d", "multiscale", {.152, .047}},
    {"burgers_2d", "coarse_dns", {.560, .273}},
    {"burgers_2d", "dmd", {.097, .039}},
    {"burgers_2d", "pod_sindy", {.057, .045}},
    {"burgers_2d", "macro_only", {.141, .040}},
    {"burgers_2d", "multiscale", {.028, .019}},
};

const std::pair<const char*, PublishedSizes> sizes[] = {
    {"wave_1d", {{1000}, 1, 20, 5, 201}},         {"kdv_1d", {{1000}, 1, 20, 5, 1001}},
    {"cylinder_2d", {{80, 320}, 2, 512, 5, 100}}, {"shallow_water_2d", {{128, 128}, 1, 64, 5, 101}},
    {"burgers_2d", {{128, 128}, 1, 64, 5, 1001}},
};

struct Scoring {
  const char* case_name;
  const char* scheme;
  int64_t n_enc, n_dec, drop_last;  // of learned models
  int64_t pod_sindy_drops_last;
};
const Scoring scorings[] = {
    {"wave_1d", "euler_maruyama", 1, 64, 0, 0}, {"kdv_1d", "srk", 64, 64, 1, 0},
    {"cylinder_2d", "srk", 64, 64, 1, 1},       {"shallow_water_2d", "euler_maruyama", 16, 64, 0, 1},
    {"burgers_2d", "srk", 16, 64, 0, 0},
};

bool same_sizes(const std::string& case_name, const std::string& row, const PublishedSizes& ours) {
  for (const auto& [name, paper] : sizes)
    if (case_name == name)
      return ours.grid == paper.grid && ours.channels == paper.channels && ours.n_zeta == paper.n_zeta &&
             ours.n_frames == paper.n_frames && (row == "macro_only" || ours.n_eta == paper.n_eta);
  return false;
}

}  // namespace

std::optional<MeanStd> published_rel_l2(const std::string& case_name, const std::string& name,
                                        const PublishedSizes& ours) {
  if (!same_sizes(case_name, name, ours)) return std::nullopt;
  for (const auto& figure : figures)
    if (case_name == figure.case_name && name == figure.name) return figure.rel_l2;
  return std::nullopt;
}

PublishedScoring published_scoring(const std::string& case_name) {
  for (const auto& s : scorings) {
    if (case_name != s.case_name) continue;
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
                       .drop_last = s.drop_last,
                       .mean_of_members = s.n_enc,
                       .decoder_draws = s.n_dec};
    return scoring;
  }
  throw ConfigError("--protocol reference: there are no published scripts for the case '" + case_name +
                    "'; leave the flag away");
}

}  // namespace msde
