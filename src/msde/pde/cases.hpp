// How the benchmark cases are computed: one row of a table each (cases.cpp). What may be asked of them,
// without LibTorch: generate_options.hpp.
#pragma once

#include <string>
#include <vector>

#include "msde/core/random/random.hpp"
#include "msde/pde/coarse_equation.hpp"
#include "msde/pde/generate_options.hpp"
#include "msde/pde/steppers/trajectory.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct Case {
  std::string name;
  GenerateOptions defaults;
  std::vector<int64_t> shape;           // of one snapshot, [C, *grid]
  std::vector<double> length;           // one per axis
  std::vector<double> origin, spacing;  // one per axis; empty as in grid/grid.hpp
  std::string boundary, axes;           // one word per axis, separated by commas: "periodic", "y,x"
  double t_end;
  double mu;  // the one parameter handed to the model, 0 where there is none
  // The clean snapshots of one trajectory, float64 [n_snapshots, *shape]; random parameters are values of
  // `key`.
  torch::Tensor (*simulate)(const RandomKey& key, const SnapshotTimes& times);
  CoarseEquation coarse = {};  // for the baseline coarse_dns; may be left out
  // What PDEBench's files of the case hold more than the field here, in every value: they store the depth of
  // shallow water, the field is depth - 1.
  double pdebench_offset = 0;
};

const std::vector<Case>& cases();
// ConfigError naming the nearest case and all valid ones.
const Case& find_case(const std::string& name);

}  // namespace msde
