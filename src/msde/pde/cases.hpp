// How the benchmark cases are computed and what is published of them: one row of case_rows-inl.hpp each.
// What may be asked of them, without LibTorch: generate_options.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "msde/core/random/random.hpp"
#include "msde/grid/grid.hpp"
#include "msde/pde/case_stream.hpp"
#include "msde/pde/coarse_equation.hpp"
#include "msde/pde/generate_options.hpp"
#include "msde/pde/published_case.hpp"
#include "msde/pde/steppers/trajectory.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct Case {
  std::string name;
  std::string meaning;  // one line for --help
  GenerateOptions defaults;
  Grid grid;
  double t_end = 1;
  double mu = 0;  // the one parameter handed to the model, 0 where there is none
  // The clean snapshots of one trajectory, float64 [n_snapshots, C, *grid]; random parameters are values of
  // `key`.
  torch::Tensor (*simulate)(const RandomKey& key, const SnapshotTimes& times) = nullptr;
  std::optional<CaseStream> stream = std::nullopt;  // in place of `simulate`, t_end and mu
  CoarseEquation coarse = {};                       // for the baseline coarse_dns; may be left out
  // What PDEBench's files of the case hold more than the field here, in every value: they store the depth of
  // shallow water, the field is depth - 1.
  double pdebench_offset = 0;
  std::optional<PublishedCase> published = std::nullopt;  // may be left out

  std::vector<int64_t> snapshot_shape() const;  // [C, *grid]
};

const std::vector<Case>& cases();  // that msde can generate
// ConfigError naming the nearest case and all valid ones.
const Case& find_case(const std::string& name);

// A case of the paper, with `published`; nullptr for any other name.
const Case* find_published_case(const std::string& name);

}  // namespace msde
