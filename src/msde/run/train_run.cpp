#include "msde/run/train_run.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/infer/train.hpp"
#include "msde/model/model_file.hpp"
#include "msde/run/assumptions.hpp"
#include "msde/run/fingerprint.hpp"
#include "msde/run/manifest.hpp"
#include "msde/run/run_data.hpp"
#include "msde/run/training_mean.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

void require_same_data(const Manifest& manifest, const RankedGroup& group) {
  const auto expected = group.broadcast(manifest.data_hash);
  group.together([&] {
    if (manifest.data_hash != expected)
      throw DataError(
          fmt::format("{}: has other contents (hash {}) than the file of rank 0 ({}); give every rank a "
                      "copy of the same file",
                      manifest.data_path, manifest.data_hash, expected));
  });
}

// The manifest so far, with the data of this session, which are there afterwards.
Manifest with_data(const RunLayout& run, const Settings& settings, const RankedGroup& group) {
  Manifest manifest;
  group.together([&] {
    if (!group.leads()) return;
    manifest = read_manifest(run);
    ensure_data(run, settings);
  });
  // Rank 0 may have generated them: the others read them then, in the same folder.
  manifest.data_path =
      fs::absolute(settings.data.path.empty() ? run.data(settings.case_name) : settings.data.path)
          .lexically_normal();
  group.together([&] {
    if (!group.leads() && !fs::exists(manifest.data_path))
      throw DataError(
          manifest.data_path +
          ": is not there; share the folder of the run with rank 0, or give every rank data.path");
    const std::string hash_before = manifest.data_hash;
    set_data(manifest, manifest.data_path);
    if (manifest.data_hash != hash_before && !manifest.train_fingerprint.empty())
      throw ConfigError(manifest.data_path +
                        (settings.data.path.empty()
                             ? ": was generated anew, and is not what the run was trained on"
                             : ": has changed since the run was trained on it") +
                        "; use another folder, or --force to start over");
  });
  require_same_data(manifest, group);
  return manifest;
}

TrainRequest train_request(const RunLayout& run, const Settings& settings, const TrainRunRequest& asked) {
  TrainRequest request;
  request.model = settings.model;
  request.options = settings.train;
  request.data = {.view = data_view(settings), .memory = memory_plan(settings.data)};
  request.channel_weights = settings.data.channel_weights;
  request.no_value_is_missing = asked.no_value_is_missing;
  request.checkpoint = run.checkpoint();
  request.metrics_csv = run.metrics_csv();
  request.resume = asked.existing == Existing::resume;
  if (!settings.init_from.empty()) request.init_from = RunLayout{settings.init_from}.model();
  request.score_steps = settings.eval.n_steps;
  request.device = asked.device;
  request.max_seconds = asked.max_seconds;
  request.log_seconds = settings.log.every.seconds;
  request.group = asked.group;
  request.on_solver_free = [folder = run.model()](const MultiscaleModel& model) {
    save_model(model, folder);
    spdlog::info("the model of the solver-free stage, without spread, is in {} until roll-outs are done",
                 folder);
  };
  if (!settings.data.path.empty())
    request.on_prepared = [says_boundary = !settings.data.boundary.empty()](const Dataset& data) {
      warn_of_assumptions(data, says_boundary ? "" : "data.boundary");
    };
  return request;
}

// Trains. NumericsError: what a divergence of roll-outs leaves says how to go on from it.
TrainSummary train_or_say_how(const TrainRequest& request, const RunLayout& run) try {
  return train(request);
} catch (const NumericsError& error) {
  const bool tried = !request.init_from.empty() && request.options.elbo.max_steps == 0;
  if (tried || !fs::exists(run.model_file())) throw;
  throw NumericsError(fmt::format(
      "{}: msde train CONFIG -o OTHER --init-from {} --set train.max_steps=0 goes on from the model of the "
      "solver-free stage, which is kept",
      error.what(), run.root));
}

}  // namespace

void ensure_trained(const RunLayout& run, const Settings& settings, const TrainRunRequest& asked) {
  const RankedGroup& group = asked.group;
  Manifest manifest = with_data(run, settings, group);
  const std::string fingerprint = group.leads() ? train_fingerprint(settings, manifest.data_hash) : "";
  const bool finished = manifest.train_fingerprint == fingerprint && fs::exists(run.model_file());
  if (group.broadcast(group.leads() && finished ? "finished" : "") == "finished") {
    spdlog::info("training is finished already: {}", run.model_file());
    if (group.leads() && read_manifest(run).data_path != manifest.data_path)
      write_manifest(run, manifest);  // the data were moved
    return;
  }
  TrainRequest request = train_request(run, settings, asked);
  request.data_path = manifest.data_path;
  request.fingerprint = fingerprint;
  const TrainSummary summary = train_or_say_how(request, run);
  if (!group.leads()) return;
  save_model(summary.model, run.model());
  spdlog::info("{}", summary.brief());

  manifest.train_fingerprint = fingerprint;
  manifest.train_seconds = summary.seconds;
  manifest.solver_free_rel_l2 = summary.solver_free_score;
  manifest.best_rel_l2 = summary.best_score;
  manifest.steps = summary.steps;
  manifest.evaluation_key.clear();
  write_manifest(run, manifest);
  try {
    save_training_mean(run, open_data(settings, manifest.data_path));
  } catch (const DataError& error) {  // the model is what was asked for
    spdlog::warn("the training mean is not kept: {}", error.what());
  }
}

}  // namespace msde
