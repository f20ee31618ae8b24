// The multiscale model: six parts and nothing else. Mathematics in docs/method.md.
#pragma once

#include <optional>
#include <string>

#include "msde/field/dataset.hpp"
#include "msde/model/decoder.hpp"
#include "msde/model/dispersion.hpp"
#include "msde/model/drift/drift.hpp"
#include "msde/model/encoder.hpp"
#include "msde/model/first_state.hpp"
#include "msde/model/model_options.hpp"
#include "msde/model/posterior.hpp"
#include "msde/model/seen_inputs.hpp"
#include "msde/model/snapshot_prior.hpp"
#include "msde/scales/coordinates.hpp"
#include "msde/scales/scales.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Everything that fixes the sizes of a model and the world it was trained in; model.json on disk.
struct ModelSpec {
  std::string case_name;
  ModelOptions options;  // as given; the constructor spells out the preset
  Grid grid;
  int64_t n_reduced = 0;  // reduced coordinates, 0 = the fine grid
  int64_t n_prior =
      0;  // modes of the prior of a snapshot; 0: there is none, of models that are older than it
  int64_t n_mu = 0, n_f = 0;
  double dt = 1;                  // spacing of the training snapshots
  double t_begin = 0, t_end = 1;  // time range of the training data
  double noise_std = 0;           // observation noise, given by the file or estimated; rms over channels
  SeenInputs seen = {};           // parameters and forcings over training
  Units units = {};               // of the data: the model itself works without units
  // [C], standard deviation of the observation noise without units; empty: noise_std in all channels, of models that
  // are older than their units.
  std::vector<double> channel_noise = {};
  FieldLabels labels = {};  // of the data, for what is written
  // What of the calendar is forcing, after the forcings of the data: two of n_f for each word (field/clock.hpp).
  std::vector<std::string> clock = {};

  // Of the frame in which it sees fields (field/start_frame.hpp); empty: where they are.
  std::vector<int64_t> frame_period = {};

  // Points of each axis that do not repeat others, where a periodic one's last is its first again and a prior must know;
  // empty: all.
  std::vector<int64_t> prior_period = {};
  int64_t n_first = 0;  // Gaussians of what is known of a first snapshot; 0: nothing

  Clock own_clock() const { return {clock, labels.units.time}; }
  int64_t n_given_f() const { return n_f - own_clock().size(); }  // forcings that data have
  double noise() const;                                           // without units, rms over channels
  torch::Tensor noise_of_values() const;  // the same for every value of a field, [n_y]
};

class MultiscaleModelImpl : public torch::nn::Module {
 public:
  explicit MultiscaleModelImpl(ModelSpec spec);

  // The filter's maps at the current parameters: compute once per step, pass to every call below.
  Scales scales() const { return filter->scales(); }

  torch::Tensor encode(const torch::Tensor& a, const Scales& s) { return encoder->mean(a, s); }
  // The state in which a forecast from a snapshot a [B, n] begins.
  torch::Tensor encode_first(const torch::Tensor& a, const Scales& s) {
    return encode(first_state.is_empty() ? a : first_state->expected(a), s);
  }
  torch::Tensor decode(const torch::Tensor& z, const Scales& s) {
    return decoder->mean(z, s, encoder->units());
  }
  Reconstruction reconstruct(const torch::Tensor& z, const Scales& s) {
    return decoder->reconstruct(z, s, encoder->units());
  }

  const ModelSpec& spec() const { return spec_; }
  int64_t n_zeta() const { return n_zeta_; }  // all channels
  int64_t n_eta() const { return spec_.options.n_eta; }
  int64_t n_z() const { return n_zeta() + n_eta(); }
  int64_t parameter_count() const;
  std::vector<torch::Tensor> trained_parameters() const;  // those that training changes
  int64_t trained_count() const;                          // values of those
  // The unit of time, once it is measured: before the first step of training.
  void set_time_unit(double origin, double scale);

  // Fields [B, C, *grid] in the units of the data whose missing values, NaN, are filled by what the model knows of
  // snapshots; fields without any as they are. DataError where it knows nothing.
  torch::Tensor fill(const torch::Tensor& fields) const;
  // The same of fields as it sees them: without units, in its frame.
  torch::Tensor fill_seen(const torch::Tensor& fields) const;

  // In which it sees fields; none: where they are.
  std::optional<StartFrame> frame() const;
  void set_frame_reference(const torch::Tensor& reference);  // [C, *grid]
  // The data as it sees them: without units, in its frame.
  Dataset seen(const Dataset& stored) const;

  Coordinates coordinates{nullptr};
  SnapshotPrior prior{nullptr};     // empty without n_prior
  FirstState first_state{nullptr};  // empty without n_first
  Filter filter;
  Encoder encoder{nullptr};
  Decoder decoder{nullptr};
  Drift drift{nullptr};
  Dispersion dispersion{nullptr};
  PosteriorKernel posterior{nullptr};
  // p(z_0) = N(initial_mean, diag softplus(initial_raw)), parameters [n_z]
  torch::Tensor initial_mean, initial_raw;

  torch::Tensor integration_step;  // [1] smallest RK4 step of training: no prediction makes larger ones
  // Integrator steps for frames `dt` apart, without units as the step.
  int64_t substeps(double dt) const;

  // Fitted by calibration to free-running ensembles, never by gradients:
  torch::Tensor observation_variance;  // [n_y] variance of the data about a decoded member, per pixel
  torch::Tensor initial_scale;  // [1] factor on the encoder's standard deviation when members are drawn

 private:
  ModelSpec spec_;
  int64_t n_zeta_;
  torch::Tensor frame_reference_;  // [C, *grid]; undefined without a frame
};
TORCH_MODULE(MultiscaleModel);

// DataError unless fields of these data are what the model knows: same points, channels and boundary, where the file
// says its boundary.
void check_grid_fits(const ModelSpec& spec, const Dataset& data);
// DataError unless times of these data, where they have units, are the dates that a model with a clock takes them for.
void require_clock_of(const ModelSpec& spec, const Dataset& data);
// DataError unless the model can be used on these data: all that, and as many parameters and forcings.
void check_fits(const ModelSpec& spec, const Dataset& data);

// Fresh networks, keyed by the seed.
void initialise_networks(MultiscaleModel& model, uint64_t seed);

}  // namespace msde
