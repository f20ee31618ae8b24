// Scores one file of fields against another, without a model: a few frames of a trajectory at a time, or small
// trajectories together, in bounded memory.
#pragma once

#include <functional>
#include <optional>

#include "msde/eval/scoring/scorer.hpp"
#include "msde/field/field_file.hpp"

namespace msde {

struct ScoreOptions {
  int64_t first_frame = 1;  // the frames before it are given, not predicted: not scored
  int64_t n_steps = 0;      // snapshots compared from the first one; 0 = all, which must be equally many
  uint64_t seed = 0;        // of ties among ranks
  std::function<void(int64_t done, int64_t total)> on_trajectory = {};
};

// What the two files allow, checked before any field is read. DataError with both shapes where the files do
// not fit together, or with both times; ConfigError for options out of range.
ScoreShape score_shape(const FieldFile& truth, const FieldFile& prediction, const ScoreOptions& options);

struct FileScores {
  ScoreShape shape;
  std::vector<double> wavenumber;         // of the shells of the spectra, radians per length
  bool length_known = false;              // else every axis has length 1
  int64_t points = 0, scored_points = 0;  // of the grid, and those of them where both files hold fields
  int64_t missing_values = 0;             // of the truth, in the frames compared
  Scores scores;                          // against the truth
  std::optional<Scores> clean;            // against its clean fields, where it has them
};
// DataError for values that are not finite, but for missing ones of FieldFile::as_truth(); Stopped on a signal.
FileScores score_files(const FieldFile& truth, const FieldFile& prediction, const ScoreOptions& options = {});

}  // namespace msde
