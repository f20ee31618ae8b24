// One split of a dataset as training sees it: in the model's coordinates, gathered by (trajectory, snapshot).
#pragma once

#include <string>

#include "msde/field/dataset.hpp"
#include "msde/scales/coordinates.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

class TrainingData {
 public:
  // Projects the split once, streaming. Up to memory().coefficient_bytes of the data are kept in memory.
  // Beyond that, reduced coordinates lie in a temporary file that the system pages
  // (tensor/mapped_tensor.hpp), and the fine grid is read again as it is needed.
  // The clock is the model's.
  TrainingData(const Dataset& data, const std::string& split, Coordinates coordinates,
               const Clock& clock = {});

  // Replaces the coefficients by a smooth of them in time, whose degree and width Stein's unbiased risk
  // estimate chooses for noise of standard deviation s (time_smoother.hpp). From then on `inputs` of gather
  // carry fresh noise, and off_norm2 counts the noise that was taken away, so that the likelihood stays that
  // of noisy data: E |y - m|^2 = |y_smooth - m|^2 + n (s^2 - what is left of it) + |y_perp|^2. Returns a line
  // for people.
  std::string denoise(double noise_std);

  // Values that are filled have no noise: |y_perp|^2 of a snapshot gets what they would have, so that the likelihood,
  // which counts a snapshot by its share of values, is that of the noise of those.
  void count_noise_of_missing(double noise_std);

  // The same data where their times are measured in another unit. What is kept of the fields stays.
  void set_times(const Dataset& data);

  struct Gathered {
    torch::Tensor a;          // [B, K, n] targets
    torch::Tensor off_norm2;  // [B, K]
    torch::Tensor t;          // [B, K]
    torch::Tensor mu;         // [B, n_mu]
    torch::Tensor f;          // [B, K, n_f]
    torch::Tensor seen;       // [B, K] shares of values that are there; undefined: all are
    torch::Tensor times;  // [B, K] float64 from the first of each; undefined where times are equally spaced
  };
  // trajectory [B] int64, snapshot [B, K] int64.
  Gathered gather(const torch::Tensor& trajectory, const torch::Tensor& snapshot) const;
  torch::Tensor forcing(const torch::Tensor& trajectory, const torch::Tensor& snapshot) const;  // alone
  torch::Tensor times(const torch::Tensor& trajectory, const torch::Tensor& snapshot) const;    // alone

  int64_t n_trajectories() const { return n_trajectories_; }
  int64_t n_snapshots() const { return n_snapshots_; }
  double dt() const { return data_.dt(); }  // the mean where times are not
  bool equal_times() const { return !since_.defined(); }
  double input_noise() const { return input_noise_; }  // std of the noise to add to encoder inputs
  bool in_memory() const { return a_.defined(); }
  void to(torch::Device device);

 private:
  double noise_of_filled(const torch::Tensor& coefficients, double noise_std) const;
  torch::Tensor pick(const torch::Tensor& values, const torch::Tensor& trajectory,
                     const torch::Tensor& snapshot) const;

  Dataset data_;
  std::string split_;
  Coordinates coordinates_;
  int64_t n_trajectories_, n_snapshots_;
  double input_noise_ = 0;
  bool mapped_ = false;
  torch::Tensor a_, off_norm2_, seen_, t_, mu_, f_;  // seen_: undefined where all values are there
  torch::Tensor
      since_;  // [N, T] float64 on the CPU, times from each trajectory's first; undefined: equally spaced
  torch::Device device_ = torch::kCPU;
};

}  // namespace msde
