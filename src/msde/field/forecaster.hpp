// Every predictor, learned or classical, turns a first snapshot into a forecast.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// Takes frames start .. start + count - 1 of all members, [M, B, count, C, *grid].
using MembersVisitor = std::function<void(int64_t start, const torch::Tensor& members)>;

struct ForecastRequest {
  torch::Tensor first;    // [B, C, *grid], the (noisy) snapshots at t0
  torch::Tensor mu;       // [B, n_mu]
  torch::Tensor forcing;  // [B, n_steps + 1, n_f], at the output times
  double t0 = 0;
  double dt = 1;        // spacing of the frames
  int64_t n_steps = 1;  // frames after the first
  // [n_steps + 1] where frames are not equally spaced, t0 first; empty: t0 + k dt.
  std::vector<double> times = {};
  int64_t members = 0;        // ensemble members; 0 = point prediction only
  bool decoder_noise = true;  // add observation noise to the members: for scoring against noisy data
  int64_t decoder_draws = 1;  // that noise is the mean of so many draws
  uint64_t seed = 0;
  // Where set, members go there a few frames at a time, in order, and Forecast::members stays undefined: the
  // same numbers in bounded memory.
  MembersVisitor visit_members = {};
};

torch::Tensor frame_times(const ForecastRequest& request);  // float64 [n_steps + 1]

struct Forecast {
  torch::Tensor point;    // [B, n_steps + 1, C, *grid], frame 0 is the reconstruction of `first`
  torch::Tensor members;  // [M, B, n_steps + 1, C, *grid], undefined where not asked for or visited
  torch::Tensor zeta;  // [B, n_steps + 1, n_zeta] macroscale state of the point prediction, undefined if none
  torch::Tensor eta;   // [B, n_steps + 1, n_eta] microscale state, undefined if none
  int64_t drift_evaluations = 0;  // of one trajectory's point prediction
  torch::Tensor members_left;  // int64 [B], of a model: they left the region of training and are held there
};

// How every forecaster makes its members: block(start, count) -> [M, B, count, C, *grid] a few frames at a
// time, for the request's visitor or, without one, all together as Forecast::members.
void make_members(const ForecastRequest& request, Forecast& forecast,
                  const std::function<torch::Tensor(int64_t start, int64_t count)>& block);

// Standard normal numbers [B, count, n_y] of frames start .. start + count - 1 of member m: the same whatever
// the block, the other members and their number are.
torch::Tensor observation_noise(const ForecastRequest& request, int64_t member, int64_t start, int64_t count);

class Forecaster {
 public:
  virtual ~Forecaster() = default;
  virtual std::string name() const = 0;
  virtual Forecast forecast(const ForecastRequest& request) const = 0;  // NumericsError on blow-up
  // What encoding and decoding alone make of snapshots [T, C, *grid] of a trajectory that begins with `first` [1, C, *grid];
  // undefined where nothing is encoded.
  virtual torch::Tensor reconstruction(const torch::Tensor& snapshots, const torch::Tensor& first) const;
};

}  // namespace msde
