// The user's own first snapshots, from which a trained model predicts without any truth, and what their file
// says of them.
#pragma once

#include <string>
#include <vector>

#include "msde/model/multiscale.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// N trajectories; what the file does not hold is undefined, empty or 0.
struct FirstSnapshots {
  torch::Tensor first;        // [N, C, *grid] float32
  torch::Tensor mu;           // [N, n_mu]
  torch::Tensor forcing;      // [N, K, n_f] from the first snapshot on
  std::vector<double> start;  // [N] times of the first snapshots
  double dt = 0;              // spacing of the snapshots of whole trajectories with times; its mean
  int64_t n_snapshots = 0;    // of those
  torch::Tensor times;        // [N, n_snapshots] float64 where these are not equally spaced, else undefined
  std::string understood;     // how the shape was read, for people
  bool subtracted = false;    // data.subtract of the run was applied
};

// Reads a file that formats/recognise.hpp knows as arrays: .npy; HDF5 with a dataset named x, test_x or its
// only field; a forecast, of which point counts. Shapes: [*grid] (one
// channel), [C, *grid], [N, C, *grid], or whole trajectories [N, T, C, *grid] of which the first snapshot is
// taken; with one channel also [N, *grid]. Beside x (test_x) are read where they are there
//   mu (test_mu)      [n_mu], [N, n_mu]; [N] with one parameter
//   t (test_t)        of whole trajectories [T] or [N, T]; else one number, [1] or [N]
//   f (test_f), or forcing (test_forcing)  [K], [K, n_f] or [N, K, n_f]
// DataError: unreadable, other shape, values not finite.
FirstSnapshots read_first_snapshots(const std::string& path, const ModelSpec& spec);

enum class Layout {
  snapshots,          // what read_first_snapshots reads
  dataset,            // that of a dataset, with times beside whole trajectories and all of their inputs
  fields_with_times,  // the fields are those of a dataset, what is beside them as read_first_snapshots has it
};
// Snapshots x [T, C, *grid] that follow each other in time are one trajectory; of two, whose times are equally spaced in
// any case, where the spacing is that of training.
Layout layout_of(const std::string& path, const ModelSpec& spec);

// Sets mu, forcing and times of `s`, whose fields are known, from what is beside x. DataError.
void read_inputs_beside(FirstSnapshots& s, const std::string& path, const ModelSpec& spec);

// The series of a file for --forcing: .npy, or HDF5 with f, forcing or its only dataset; [1 or N, K, n_f].
torch::Tensor read_forcing(const std::string& path);

}  // namespace msde
