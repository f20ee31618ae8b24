// What a user may choose of the model: the [model] section of the configuration.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/core/options/options.hpp"

namespace msde {

// What is known of the dynamics before training: the [prior] section (docs/prior.md).
struct PriorOptions {
  std::vector<std::string> terms = {};       // of the equation, as "-u*dx(u)"
  std::vector<std::string> candidates = {};  // terms whose coefficients begin at 0
  std::string at = "preset";                 // where they act: "decoded" or "macro"
  bool learn = true;                         // whether training changes the coefficients of `terms`
  std::string form = "plain";                // of convective terms: "plain" or "conserving"
  std::string differences = "preset";        // derivatives by central differences: "second" or "fourth" order
  double weight = 0;                         // of the learned drift's mean square in training
  double smooth = -1;   // share of the grid's wavenumbers that modes keep; -1 = by validation
  double stretch = -1;  // weight of stretched snapshots in the modes; -1 = by validation

  bool empty() const { return terms.empty() && candidates.empty(); }
  int64_t order_of_differences() const {
    return differences == "second" ? 2 : differences == "fourth" ? 4 : 0;
  }
};

struct ModelOptions {
  std::string preset = "reduced";      // "reduced" (docs/method.md section 9) or "paper" (published layers)
  std::vector<int64_t> n_zeta = {20};  // coarse points per axis
  int64_t n_eta = 5;                   // microscale numbers; 0 = macro-only
  int64_t n_sigma = 2;                 // half width of the smoothing kernel, in coarse cells

  std::string micro_decoder = "preset";  // inputs of the micro decoder: "eta" or "eta_zeta"; or "linear"
  int64_t local_modes = 16;              // modes per coarse cell of the local decoder; 0 = none
  std::string micro_time = "preset";     // absolute time as an input of the micro drift: "on" or "off"
  std::string phi = "identity";          // modulation of the macro drift by eta: "identity" or "mlp"
  std::string psi = "preset";            // of the micro drift by zeta: "identity", "linear" or "mlp"
  std::string dispersion = "constant";   // L(t): "constant" or "linear" in time under the softplus
  int64_t stencil_radius = 2;            // coarse cells to each side seen by the macro drift

  // Where a coarse cell lies, as an input of the macro drift and the local decoder: "on" or "off"
  std::string position = "preset";

  // Of fields along periodic axes: "fixed", or "start" where trajectories are moved to begin alike (field/start_frame.hpp)
  std::string frame = "preset";

  int64_t rank = 0;        // residual modes of the reduced preset; 0 = by the truncation rule
  int64_t max_rank = 320;  // the truncation rule stops here

  std::string closure = "network";  // the learned part of the drift; "none": the prior alone
  PriorOptions prior = {};

  // Hidden widths; empty = the preset's own.
  std::vector<int64_t> encoder_hidden = {}, decoder_hidden = {}, local_hidden = {};
  std::vector<int64_t> macro_drift_hidden = {}, micro_drift_hidden = {};

  // Of options with their preset spelled out: whether z are the coefficients of as many modes.
  bool is_linear() const { return preset == "reduced" && micro_decoder == "linear"; }
};

void describe(OptionTable& table, ModelOptions& options);

// The options with every "preset's own" choice spelled out. The paper's differ between one axis and more;
// n_zeta has one number per axis. What depends on the grid as well is left (options_for_grid.hpp).
ModelOptions with_preset(ModelOptions options);

}  // namespace msde
