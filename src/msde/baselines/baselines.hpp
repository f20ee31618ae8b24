// The classical predictors that a learned model is compared with: one row of a table each.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/field/forecaster.hpp"

namespace msde {

struct BaselineContext {
  const Dataset&
      data;  // train is fitted, val chooses and dresses (train where there is none), test is never read
  std::string case_name;           // "" or unknown: no equation known
  int64_t n_zeta = 20, n_eta = 5;  // latent sizes of the model compared with
  int64_t n_steps = 0;  // snapshots scored, from the first, 0 = all: what validation scores (t > 0)
  uint64_t seed = 0;    // of the randomised SVD
};

struct FittedBaseline {
  std::unique_ptr<Forecaster> forecaster;
  nlohmann::ordered_json
      facts;  // what was chosen and found: rank, retained energy, modes clipped, validation error ..
  int64_t parameters = 0;  // fitted numbers
};

struct Baseline {
  std::string name, variant;  // variant "reference" (the published scripts), "strong" (an expert's), or ""
  std::string meaning;        // one line, with its source
  // Throws an msde Error, one line, where it cannot be fitted. The forecaster throws NumericsError on
  // blow-up.
  std::function<FittedBaseline(const BaselineContext&)> fit;
  std::function<bool(const Dataset&)> applies = {};  // whether data have what it needs; empty: all have
};

const std::vector<Baseline>& baselines();

// Coarse DNS (strong) on n_zeta unknowns and on 2, 4, 8 .. times as many points per axis, below the fine
// grid: for a curve of accuracy against run time. None where no equation is known.
struct Resolution {
  int64_t unknowns = 0;                 // C * coarse points
  std::function<FittedBaseline()> fit;  // errors as the row's; valid while the data of the context are
};
std::vector<Resolution> coarse_dns_resolutions(const BaselineContext& context);

}  // namespace msde
