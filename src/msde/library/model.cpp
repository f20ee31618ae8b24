#include <filesystem>

#include "msde/library/arrays.hpp"
#include "msde/library/call.hpp"
#include "msde/library/contents.hpp"
#include "msde/library/open_model.hpp"
#include "msde/model/model_file.hpp"
#include "msde/run/manifest.hpp"
#include "msde/run/pipeline.hpp"
#include "msde/run/starts/settle_inputs.hpp"

namespace msde {
namespace {

ModelFacts facts_of(const MultiscaleModel& model) {
  const ModelSpec& spec = model->spec();
  return {.case_name = spec.case_name,
          .channels = spec.grid.channels,
          .axes = axes_of(spec.grid),
          .n_zeta = model->n_zeta(),
          .n_eta = model->n_eta(),
          .n_mu = spec.n_mu,
          .n_forcing = spec.n_given_f(),
          .dt = spec.dt,
          .t_begin = spec.t_begin,
          .t_end = spec.t_end,
          .noise_std = spec.noise_std,
          .parameters = model->parameter_count()};
}

Model with(MultiscaleModel model, SeenInputs seen, double train_seconds) {
  auto facts = facts_of(model);
  return Model::Contents::value({std::move(model), std::move(seen), std::move(facts), train_seconds});
}

}  // namespace

Model model_of_run(const RunLayout& run) {
  if (!std::filesystem::exists(run.model_file()))
    throw DataError(run.root + ": holds no trained model yet; train it first");
  warn_of_unfinished_training(run);
  const auto model = load_model(run.model());
  const Settings settings = load_settings(run.configuration(), {});
  return with(model, inputs_seen(model, settings, data_of(run, settings)), read_manifest(run).train_seconds);
}

Model::Model(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}

Model Model::load(const std::string& folder) {
  const Computation call;
  require_path(folder, "folder");
  std::error_code problem;
  if (!std::filesystem::is_directory(folder, problem))
    throw DataError(folder + ": is no folder; expected that of a run or a model");
  if (is_run(folder)) return model_of_run(RunLayout{folder});
  const auto model = load_model(folder);
  return with(model,
              model->spec().seen.known ? seen_given(model->spec()) : model->drift->inputs.seen_of_units(), 0);
}

void Model::save(const std::string& folder) const {
  const Call call;
  require_path(folder, "folder");
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) throw ConfigError(folder + ": cannot be made: " + problem.message());
  save_model(contents_->model, folder);
}

const ModelFacts& Model::facts() const {
  return contents_->facts;
}

}  // namespace msde
