// Writes the PDEBench layout of seed_groups.hpp: groups "0000", "0001", .. with data, grid and config.
#pragma once

#include <string>

#include "msde/core/files/hdf5.hpp"
#include "msde/field/writers/write_native.hpp"
#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct SeedGroupFacts {
  Grid grid;
  std::string case_name;  // "" = unknown
  // Added to the fields, so that the file holds what PDEBench stores: 1 for the depth of shallow water, whose
  // field here is depth - 1.
  double offset = 0;
  torch::ScalarType type = torch::kFloat;  // of the fields in the file
};

class SeedGroupWriter {
 public:
  // Creates or truncates `path`; for atomic results a temporary one. DataError: a grid of more than 3 axes.
  SeedGroupWriter(const std::string& path, SeedGroupFacts facts);
  // Starts the next group. times [T]; `split` is noted in the attribute config.
  void begin(const torch::Tensor& times, const std::string& split);
  void append(const torch::Tensor& fields);  // the next snapshots of the group, [count, C, *grid]
  void close();                              // throws where the disk is full

 private:
  std::string group() const;
  hdf5::File file_;
  SeedGroupFacts facts_;
  int64_t groups_ = 0, snapshots_ = 0;  // begun; written of the last group
};

// Writes `data` so, train, val and test one after the other, to `path`, whole or not at all: the clean fields
// where there are any, else the fields, plus `offset`. mu, f, noise and its seed have no place there.
// DataError, Stopped.
void write_seed_groups(const Dataset& data, double offset, const std::string& path,
                       const WriteReport& report);

}  // namespace msde
