#include "msde/infer/record/checkpoint.hpp"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "msde/core/error.hpp"
#include "msde/core/files/safetensors.hpp"
#include "msde/model/model_file.hpp"

namespace msde {
namespace {

const std::string kModel = "model.", kState = "train.";

}  // namespace

std::string to_string(Stage stage) {
  switch (stage) {
    case Stage::elbo:
      return "elbo";
    case Stage::rollout:
      return "rollout";
    case Stage::calibrate:
      return "calibrate";
  }
  return "";
}

std::string progress_to_json(const TrainState& s) {
  return nlohmann::json{{"stage", static_cast<int>(s.stage)},
                        {"step", s.step},
                        {"optimiser_steps", s.optimiser_steps},
                        {"best_score", s.best_score},
                        {"best_step", s.best_step},
                        {"checks_without_improvement", s.checks_without_improvement},
                        {"elbo_recoveries", s.elbo_recoveries},
                        {"recoveries", s.recoveries},
                        {"retreats", s.retreats},
                        {"checks_astray", s.checks_astray},
                        {"rollout_steps", s.rollout_steps},
                        {"why_stopped", s.why_stopped},
                        {"solver_free_score", s.solver_free_score},
                        {"seconds", s.seconds},
                        {"steps", steps_to_json(s.steps)},
                        {"calibration", s.calibration}}
      .dump();
}

void set_progress(TrainState& state, const std::string& json) {
  const auto progress = nlohmann::json::parse(json);
  const int stage = progress.at("stage");
  if (stage < static_cast<int>(Stage::elbo) || stage > static_cast<int>(Stage::calibrate))
    throw std::out_of_range("stage");
  state.stage = static_cast<Stage>(stage);
  progress.at("step").get_to(state.step);
  progress.at("optimiser_steps").get_to(state.optimiser_steps);
  progress.at("best_score").get_to(state.best_score);
  progress.at("best_step").get_to(state.best_step);
  progress.at("checks_without_improvement").get_to(state.checks_without_improvement);
  state.elbo_recoveries = progress.value("elbo_recoveries", int64_t{0});
  state.recoveries = progress.value("recoveries", int64_t{0});
  state.retreats = progress.value("retreats", int64_t{0});
  state.checks_astray = progress.value("checks_astray", int64_t{0});
  state.rollout_steps = progress.value("rollout_steps", int64_t{0});
  state.why_stopped = progress.value("why_stopped", std::string());
  progress.at("solver_free_score").get_to(state.solver_free_score);
  progress.at("seconds").get_to(state.seconds);
  if (progress.contains("steps")) state.steps = steps_from_json(progress.at("steps"));
  if (progress.contains("calibration")) progress.at("calibration").get_to(state.calibration);
  for (const auto& [factors, score] : state.calibration)
    if (!std::isfinite(score)) throw std::out_of_range("calibration");
  constexpr int64_t kMostSteps = int64_t{1} << 40;
  for (const int64_t steps :
       {state.step, state.optimiser_steps, state.best_step, state.checks_without_improvement,
        state.elbo_recoveries, state.recoveries, state.retreats, state.checks_astray})
    if (steps < 0 || steps > kMostSteps) throw std::out_of_range("steps");
  for (const double number : {state.best_score, state.solver_free_score, state.seconds})
    if (!std::isfinite(number)) throw std::out_of_range("scores and seconds");
  if (state.seconds < 0) throw std::out_of_range("seconds");
}

void save_checkpoint(const std::string& path, const MultiscaleModel& model, const TrainState& s,
                     const std::string& fingerprint) {
  safetensors::Document document;
  for (const auto& [name, tensor] : state_of(model)) document.arrays[kModel + name] = to_array(tensor);
  document.arrays[kState + "first"] = to_array(s.first);
  document.arrays[kState + "second"] = to_array(s.second);
  document.arrays[kState + "average"] = to_array(s.average);
  document.arrays[kState + "best"] = to_array(s.best);
  document.metadata["spec"] = spec_to_json(model->spec());
  document.metadata["fingerprint"] = fingerprint;
  document.metadata["progress"] = progress_to_json(s);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  safetensors::save(path, document);
}

std::optional<Checkpoint> load_checkpoint(const std::string& path, const std::string& fingerprint) try {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto document = safetensors::load(path);
  if (document.metadata.at("fingerprint") != fingerprint)
    throw ConfigError(path +
                      ": the checkpoint was made with other data or another configuration; continue it with "
                      "those, or start again with --force");
  Checkpoint c;
  c.model = model_from(document, kModel, path);
  set_progress(c.state, document.metadata.at("progress"));
  auto flat = [&](const std::string& name) {
    auto t = to_tensor(document.arrays.at(kState + name));
    if (t.numel() != c.model->trained_count())
      throw ModelFormatError(path + ": " + name + " has a wrong size");
    return t;
  };
  c.state.first = flat("first");
  c.state.second = flat("second");
  c.state.average = flat("average");
  c.state.best = flat("best");
  return c;
} catch (const std::out_of_range&) {
  throw ModelFormatError(path + ": not a checkpoint of msde");
} catch (const nlohmann::json::exception&) {
  throw ModelFormatError(path + ": its record of progress is damaged");
}

}  // namespace msde
