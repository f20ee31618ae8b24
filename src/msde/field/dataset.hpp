// Trajectories of fields on one grid, read from HDF5 a slab at a time: memory stays bounded however large the
// file.
//
// Layout (docs/formats.md): {train,val,test}_{x,t,mu,f}, float32, with x [N, T, C, *grid], t [N, T], mu [N,
// n_mu], f [N, T, n_f] and optionally {split}_x_clean; optional root attributes case, length, boundary,
// noise_std, seed, axes.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <string>

#include "msde/field/grid.hpp"

namespace msde {

struct SplitShape {
  int64_t n_trajectories = 0;
  int64_t n_snapshots = 0;
  bool has_clean = false;
};

class Dataset {
 public:
  // Opens and checks everything that needs no full read: datasets, ranks, lengths, sorted and equally spaced
  // times (equal within a few ulps of max|t|: times are float32). Throws DataError.
  static Dataset open(const std::string& path);
  // Streams through the file once; DataError naming split, trajectory and snapshot of the first non-finite
  // value.
  void check_finite() const;

  const std::string& path() const;
  const Grid& grid() const;
  const std::string& case_name() const;  // "" where the file does not say
  std::optional<double> noise_std()
      const;  // standard deviation of the observation noise, where the file says
  std::optional<int64_t> seed() const;
  double dt() const;  // spacing of snapshots, the same in every split
  int64_t n_mu() const;
  int64_t n_f() const;

  bool has_split(const std::string& split) const;    // "train", "val", "test"
  SplitShape split(const std::string& split) const;  // DataError if absent

  // All tensors float32 on the CPU. x: [count, C, *grid] of one trajectory.
  torch::Tensor fields(const std::string& split, int64_t trajectory, int64_t start, int64_t count) const;
  torch::Tensor clean_fields(const std::string& split, int64_t trajectory, int64_t start,
                             int64_t count) const;
  torch::Tensor times(const std::string& split) const;    // [N, T], float64 values of the float32 times
  torch::Tensor mu(const std::string& split) const;       // [N, n_mu]
  torch::Tensor forcing(const std::string& split) const;  // [N, T, n_f]

 private:
  struct Contents;
  std::shared_ptr<const Contents> contents_;
};

}  // namespace msde
