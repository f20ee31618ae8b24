#include "msde/model/model_options.hpp"

namespace msde {

void describe(OptionTable& table, ModelOptions& o) {
  table.add(
      "model.preset", &o.preset,
      {.meaning = "reduced: networks in reduced coordinates, fast; paper: the published convolutional layers",
       .choices = {"reduced", "paper"}});
  table.add("model.n_zeta", &o.n_zeta,
            {.meaning = "size of the macroscale grid, one number per axis; must divide the fine grid",
             .unit = "points",
             .min = 1,
             .max = 1e6});
  table.add("model.n_eta", &o.n_eta,
            {.meaning = "number of microscale states; 0 is the macro-only model", .min = 0, .max = 1024});
  table.add("model.n_sigma", &o.n_sigma,
            {.meaning = "half width of the smoothing kernel", .unit = "coarse cells", .min = 1, .max = 16});
  table.add(
      "model.micro_decoder", &o.micro_decoder,
      {.meaning = "inputs of the micro decoder: the microscale states alone, or the whole latent state; "
                  "preset: eta_zeta where reduced, eta where paper; linear: both scales together are the "
                  "coefficients "
                  "of as many POD modes (preset with a prior at decoded fields)",
       .choices = {"preset", "eta", "eta_zeta", "linear"}});
  table.add(
      "model.local_modes", &o.local_modes,
      {.meaning =
           "modes per coarse cell of the local micro decoder, which needs micro_decoder = eta_zeta and the "
           "reduced preset; 0 = none",
       .min = 0,
       .max = 4096});
  table.add(
      "model.micro_time", &o.micro_time,
      {.meaning = "absolute time as an input of the micro drift; preset: off where reduced, on where paper",
       .choices = {"preset", "on", "off"}});
  table.add("model.phi", &o.phi,
            {.meaning = "modulation phi(eta) that enters the macro drift", .choices = {"identity", "mlp"}});
  table.add(
      "model.psi", &o.psi,
      {.meaning = "modulation psi(zeta) that enters the micro drift; preset: linear, to n_eta numbers, where "
                  "paper on two or more axes, else identity",
       .choices = {"preset", "identity", "linear", "mlp"}});
  table.add("model.dispersion", &o.dispersion,
            {.meaning = "diagonal L(t): constant, or linear in time under the softplus",
             .choices = {"constant", "linear"}});
  table.add("model.stencil_radius", &o.stencil_radius,
            {.meaning = "coarse cells to each side that the macro drift sees",
             .unit = "coarse cells",
             .min = 0,
             .max = 16});
  table.add(
      "model.position", &o.position,
      {.meaning = "where a coarse cell lies along axes that are not periodic, as an input of the macro drift "
                  "and the local micro decoder; preset: on where some points are no fluid, else off",
       .choices = {"preset", "on", "off"}});
  table.add(
      "model.frame", &o.frame,
      {.meaning =
           "where fields are seen along periodic axes: fixed, or start, moved so that all trajectories begin "
           "alike, and forecasts moved back; preset: start where reduced, nothing says where the origin is "
           "(no "
           "mask, varying forcing or clock), and validation is shown as well; else fixed",
       .choices = {"preset", "fixed", "start"}});
  table.add(
      "model.rank", &o.rank,
      {.meaning = "residual modes of the reduced preset; 0: fewest whose truncation stays below a tenth "
                  "of the observation noise on validation",
       .min = 0,
       .max = 100000});
  table.add("model.max_rank", &o.max_rank,
            {.meaning = "most residual modes that the truncation rule may choose", .min = 1, .max = 100000});
  table.add("model.closure", &o.closure,
            {.meaning = "the learned part of the drift; none: the terms of the prior alone",
             .choices = {"network", "none"}});
  auto& prior = o.prior;
  table.add(
      "prior.terms", &prior.terms,
      {"known terms of the equation in units of the data, as [\"-u*dx(u)\", \"-mu[0]*dx(dx(dx(u)))\"]: "
       "channels by name, d and the name of an axis for derivatives, mu[k], f[k], t, coordinates; of several "
       "channels \"u: -u*dx(u); v: -u*dx(v)\""});
  table.add(
      "prior.candidates", &prior.candidates,
      {"terms that the equation may have, too: their coefficients begin at 0, and only those that validation "
       "asks for are kept"});
  table.add(
      "prior.at", &prior.at,
      {.meaning =
           "where the terms act: on decoded fields, in reduced coordinates with a linear micro decoder, or "
           "on the coarse points alone; preset: decoded where reduced, else macro",
       .choices = {"preset", "decoded", "macro"}});
  table.add(
      "prior.learn", &prior.learn,
      {"whether training changes the coefficients of prior.terms, which begin at 1; those of candidates it "
       "always does"});
  table.add(
      "prior.form", &prior.form,
      {.meaning =
           "of u*dx(u) and the like: plain, or conserving, (u*dx(u) + dx(u*u))/3, which leaves energy alone",
       .choices = {"plain", "conserving"}});
  table.add("prior.differences", &prior.differences,
            {.meaning = "derivatives along every axis by central differences of that order, as the solver "
                        "that made the data "
                        "has them; preset: spectral along periodic axes, of fourth order along others",
             .choices = {"preset", "second", "fourth"}});
  table.add(
      "prior.weight", &prior.weight,
      {.meaning =
           "of the mean square of the learned drift in what training makes small, so that a network does not "
           "take over what the prior knows",
       .min = 0,
       .max = 1e6});
  table.add(
      "prior.smooth", &prior.smooth,
      {.meaning =
           "share of the wavenumbers of the grid that modes keep, which derivatives of their noise need; 0: "
           "all; -1: by validation",
       .min = -1,
       .max = 1});
  table.add(
      "prior.stretch", &prior.stretch,
      {.meaning =
           "weight of snapshots that are stretched along periodic axes beside those of training in the "
           "modes: "
           "directions that few trajectories do not show, but the prior moves in; 0: none; -1: by validation",
       .min = -1,
       .max = 10});
  const OptionNotes widths = {.meaning = "", .unit = "units per layer", .min = 1, .max = 65536};
  auto hidden = [&](const char* key, std::vector<int64_t>* target, const char* meaning) {
    OptionNotes notes = widths;
    notes.meaning = std::string("hidden layers of the ") + meaning + "; [] = the preset's own";
    table.add(key, target, notes);
  };
  hidden("model.encoder_hidden", &o.encoder_hidden, "micro encoder (reduced preset)");
  hidden("model.decoder_hidden", &o.decoder_hidden, "micro decoder (reduced preset)");
  hidden("model.local_hidden", &o.local_hidden, "local micro decoder (reduced preset)");
  hidden("model.macro_drift_hidden", &o.macro_drift_hidden, "macro drift");
  hidden("model.micro_drift_hidden", &o.micro_drift_hidden, "micro drift");
}

ModelOptions with_preset(ModelOptions o) {
  const bool paper = o.preset == "paper", line = o.n_zeta.size() == 1;
  auto own = [](std::vector<int64_t>& sizes, std::vector<int64_t> preset) {
    if (sizes.empty()) sizes = std::move(preset);
  };
  using Widths = std::vector<int64_t>;
  own(o.encoder_hidden, {128, 128});
  own(o.decoder_hidden, {128, 128});
  own(o.local_hidden, {64, 64});
  own(o.macro_drift_hidden, !paper ? Widths{64, 64} : line ? Widths{128, 128, 128} : Widths{128, 256, 128});
  own(o.micro_drift_hidden, !paper ? Widths{128, 128} : line ? Widths{128, 512, 128} : Widths{128, 256, 128});
  if (o.prior.at == "preset" && !o.prior.empty()) o.prior.at = paper ? "macro" : "decoded";
  if (o.micro_decoder == "preset")
    o.micro_decoder = paper ? "eta" : o.prior.at == "decoded" ? "linear" : "eta_zeta";
  if (o.psi == "preset") o.psi = paper && !line ? "linear" : "identity";
  if (o.micro_time == "preset") o.micro_time = paper ? "on" : "off";
  if (paper || o.micro_decoder != "eta_zeta" || o.n_eta == 0) o.local_modes = 0;
  if (o.is_linear()) o.encoder_hidden.clear(), o.decoder_hidden.clear();
  return o;
}

}  // namespace msde
