// msde as a library: data, configuration, training, prediction, scores and the model file (docs/library.md).
//
//   const msde::Configuration configuration("kdv_1d.toml", {"train.seed=1"});
//   const msde::Model model = msde::train_model(configuration, "runs/kdv_1d");
//   const msde::Prediction forecast = model.predict({.first = snapshot}, {.members = 39});
//
// This header and <msde/core/error.hpp>, which it includes, are the whole interface. It needs C++20 and its
// standard library alone: no type of LibTorch passes through it.
//
// Every function may throw what core/error.hpp names; each says which. Values are copies, cheap where they
// stand for something large. Calls may come from any thread; they wait for each other, because each uses all
// of msde's threads itself.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "msde/core/error.hpp"

namespace msde {

// ---- The process

std::string library_version();  // "0.1.0", of the library that is loaded

// Sets the threads of msde and LibTorch and returns their number; 0 = all available processors, or one where
// the BLAS is not safe with several. Without this call the first that computes takes OMP_NUM_THREADS, else 0.
// ConfigError for a negative number and for more than 4096.
int64_t use_threads(int64_t threads);

struct Message {
  enum class Kind { information, progress, warning };
  Kind kind = Kind::information;
  std::string text;  // one line
};
// Where messages of all later calls go; the receiver must not throw. Without one, or with an empty function,
// warnings go to stderr and all else nowhere. While a call works, it holds spdlog's default logger.
void receive_messages(std::function<void(const Message&)> receiver);

// ---- Values

// Numbers in C order: the last index runs fastest. values.size() is the product of shape.
struct Array {
  std::vector<int64_t> shape = {};
  std::vector<float> values = {};

  bool empty() const { return values.empty(); }
};

struct Axis {
  std::string name;  // "x"
  int64_t points = 0;
  double length = 0;               // unit of the data
  double origin = 0, spacing = 0;  // of the first point, and of neighbours
  std::string boundary;            // "periodic", "wall" or "open"; "wall:open" where the ends differ
};

// ---- Configuration

// Every key of docs/configuration.md with its value: defaults, those of the case, a TOML file, assignments, each
// over the one before.
class Configuration {
 public:
  // `file` may be "": defaults alone. An assignment is "key=value", as of `msde train --set`. ConfigError with
  // file, line and the nearest valid key.
  explicit Configuration(const std::string& file, const std::vector<std::string>& assignments = {});
  // Of "kdv_1d", "wave_1d", "burgers_2d", "shallow_water_2d": data are generated. ConfigError for other names.
  static Configuration of_case(const std::string& name, const std::vector<std::string>& assignments = {});

  std::string value(const std::string& key) const;  // as TOML; ConfigError for an unknown key
  std::string to_toml() const;                      // all keys with their meaning; the constructor reads it

  Configuration(const Configuration&) = default;  // moves copy: no value is ever without its contents
  Configuration& operator=(const Configuration&) = default;

  struct Contents;
  const Contents& contents() const { return *contents_; }

 private:
  std::shared_ptr<const Contents> contents_;
};

// ---- Data

struct SplitFacts {
  int64_t trajectories = 0, snapshots = 0;
  bool has_clean = false;  // fields without noise, too
};

struct DataFacts {
  std::string path, format;  // the format for people
  std::string case_name;     // "" = the file does not say
  int64_t channels = 1;
  std::vector<Axis> axes;
  std::map<std::string, SplitFacts> splits;  // of "train", "val", "test" those that are there
  double dt = 0;                             // between snapshots
  std::optional<double> noise_std;           // of the observation noise, where the file says
  int64_t n_mu = 0, n_forcing = 0;           // parameters of a trajectory, forcings of a snapshot
  std::vector<std::string> notes;            // what was left out or taken for granted
};

// A file of trajectories in any layout that `msde info` knows, read a part at a time.
class Data {
 public:
  // As the file is; all of a file without splits of its own is "test". DataError: unreadable or not a file of fields.
  static Data open(const std::string& path);
  // As the keys data.split, split_time, noise, subtract, crop, boundary and memory and eval.start_every have it;
  // data.path is not asked.
  // DataError, ConfigError.
  static Data open(const std::string& path, const Configuration& configuration);

  const DataFacts& facts() const;
  // Snapshots first .. first + count - 1 of one trajectory, [count, C, *grid]. DataError: not there, or none.
  Array fields(const std::string& split, int64_t trajectory, int64_t first, int64_t count) const;
  Array clean_fields(const std::string& split, int64_t trajectory, int64_t first, int64_t count) const;
  std::vector<double> times(const std::string& split, int64_t trajectory) const;  // [snapshots]
  Array mu(const std::string& split) const;                                       // [N, n_mu]
  Array forcing(const std::string& split) const;                                  // [N, snapshots, n_forcing]

  Data(const Data&) = default;
  Data& operator=(const Data&) = default;

  struct Contents;
  const Contents& contents() const { return *contents_; }

 private:
  explicit Data(std::shared_ptr<const Contents> contents);
  std::shared_ptr<const Contents> contents_;
};

// ---- The model

struct ModelFacts {
  std::string case_name;
  int64_t channels = 1;
  std::vector<Axis> axes;
  int64_t n_zeta = 0, n_eta = 0;  // macroscale states of all channels, microscale states
  int64_t n_mu = 0, n_forcing = 0;
  double dt = 1, t_begin = 0, t_end = 1;  // of the training data
  double noise_std = 0;                   // of their observation noise
  int64_t parameters = 0;                 // trained numbers
};

// Where N forecasts start.
struct Start {
  Array first = {};    // [N, C, *grid], or [C, *grid] for one
  Array mu = {};       // [N, n_mu], or [n_mu] for all; empty: the mean of training
  Array forcing = {};  // [N, K, n_forcing], or [K, n_forcing] for all, from t0 on, one a frame, the last
                       // one held; may be empty where it was constant in training
  std::optional<double> t0 = {};  // time of the snapshots; none: where training starts
};

struct PredictionOptions {
  int64_t steps = 0;               // frames after the first; 0 = to the end of training's times, or as long
  double dt = 0;                   // between frames; 0 = that of training
  int64_t members = 0;             // of the ensemble; 0 = the point prediction alone
  bool keep_members = true;        // else mean and deviation alone, in bounded memory
  bool observation_noise = false;  // in the members
  uint64_t seed = 0;               // of the members
  std::string scheme = "srk";      // of the members: srk, heun or euler_maruyama
};

// Frame 0 is the model's reconstruction of the first snapshot.
struct Prediction {
  Array point;                // [N, steps + 1, C, *grid] the mean dynamics
  Array mean, deviation;      // the same of the members, deviation with divisor M - 1; empty without members
  Array members;              // [M, N, steps + 1, C, *grid]
  std::vector<double> times;  // [steps + 1]
};

class Model {
 public:
  // `folder` holds model.safetensors and model.json, or is the folder of a run. ModelFormatError: damaged or of
  // another kind; DataError: no folder, or a run without a trained model.
  static Model load(const std::string& folder);
  // Writes both files; equal models give equal bytes. Any msde that knows the schema reads them.
  void save(const std::string& folder) const;

  const ModelFacts& facts() const;
  // As `msde predict`: a parameter or forcing that was constant in training keeps that value, others outside
  // their range are warned of. DataError for other shapes than the model's, ConfigError for options out of range
  // and a forcing that is missing, NumericsError on divergence.
  Prediction predict(const Start& start, const PredictionOptions& options = {}) const;

  Model(const Model&) = default;
  Model& operator=(const Model&) = default;

  struct Contents;
  const Contents& contents() const { return *contents_; }

 private:
  explicit Model(std::shared_ptr<const Contents> contents);
  std::shared_ptr<const Contents> contents_;
};

// ---- Training

struct TrainingOptions {
  bool resume = false;   // go on in a folder that is not empty; what is finished is not done again
  bool replace = false;  // start over there: removes what msde writes, and only that
  std::optional<double> max_seconds = {};
  std::string device = "cpu";  // or "cuda", where LibTorch has it
};

// Trains in the folder of a run (docs/formats.md), as `msde train`: data are generated where data.path is empty,
// checkpoints, log and model are written. ConfigError: a folder that is not empty, keys that do not fit; DataError;
// NumericsError: training diverged, the last checkpoint is kept; Stopped: the time is over, the state is saved.
Model train_model(const Configuration& configuration, const std::string& folder,
                  const TrainingOptions& options = {});

// ---- Scores

struct ScoreReport {
  // By the names of docs/metrics.md, as "rel_l2", "rel_l2.std", "coverage.90". NaN: undefined for these fields.
  std::map<std::string, double> metrics;
  std::string json;  // the document of `msde evaluate --json` or `msde score --json` (docs/formats.md)
};

struct ModelScoring {
  std::string split = "test";
  int64_t members = 39;  // 0 = accuracy alone
  int64_t n_steps = 0;   // snapshots scored from the first, cut to the trajectory; 0 = all
  uint64_t seed = 0;
};
// Predicts every trajectory of the split from its first snapshot and scores it against the others. DataError: no
// such split, or data that do not fit the model.
ScoreReport score_model(const Model& model, const Data& data, const ModelScoring& scoring = {});

struct FileScoring {
  std::string split = "test";  // of files that have splits
  int64_t first_frame = 1;     // the frames before it are given, not predicted: not scored
  int64_t n_steps = 0;         // snapshots compared from the first; 0 = all, which must be equally many
  uint64_t seed = 0;           // of ties among ranks
};
// Every metric of one file of fields against another, as `msde score`: datasets, forecasts, HDF5, .npy. DataError:
// files that do not fit together.
ScoreReport score_two_files(const std::string& truth, const std::string& prediction,
                            const FileScoring& scoring = {});

}  // namespace msde
