// The errors a user can meet. Each carries the exit code of the program (docs/errors.md).
#pragma once

#include <stdexcept>
#include <string>

namespace msde {

enum class ExitCode : int {
  ok = 0,
  unexpected = 1,
  config = 2,
  data = 3,
  numerics = 4,
  quality_gate = 5,
  model_format = 6,
  time_limit = 75,
  peer_lost = 75,  // to be continued, as after time_limit
  sigint = 130,
  sigterm = 143,
};

// A message names what, where (file:line for configuration), got, expected, and what to do; one line.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

// Wrong flag, key, value or file of configuration; also asked-for hardware that is absent.
struct ConfigError : Error {
  explicit ConfigError(const std::string& message) : Error(ExitCode::config, message) {}
};

// A dataset, first snapshot or run directory that is missing, unreadable or invalid.
struct DataError : Error {
  explicit DataError(const std::string& message) : Error(ExitCode::data, message) {}
};

// Divergence: a loss, state or prediction that is no longer finite.
struct NumericsError : Error {
  explicit NumericsError(const std::string& message) : Error(ExitCode::numerics, message) {}
};

// A result that misses the bound asked for by --fail-if.
struct QualityGateError : Error {
  explicit QualityGateError(const std::string& message) : Error(ExitCode::quality_gate, message) {}
};

// A model or checkpoint file that is damaged or belongs to another configuration.
struct ModelFormatError : Error {
  explicit ModelFormatError(const std::string& message) : Error(ExitCode::model_format, message) {}
};

// Another process of the same training is gone or silent; what was saved is kept.
struct PeerLost : Error {
  explicit PeerLost(const std::string& message) : Error(ExitCode::peer_lost, message) {}
};

// Not a failure: work was saved and stopped, by --max-time (75), SIGINT (130) or another signal that ends a process
// (143).
struct Stopped : Error {
  using Error::Error;
};

}  // namespace msde
