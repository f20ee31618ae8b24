#include "msde/run/evaluate_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/process/memory.hpp"
#include "msde/core/report/log.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/eval/scoring/evaluation_report.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/model/model_file.hpp"
#include "msde/run/assumptions.hpp"
#include "msde/run/asymmetric_starts.hpp"
#include "msde/run/data_files.hpp"
#include "msde/run/fingerprint.hpp"
#include "msde/run/manifest.hpp"
#include "msde/run/run_data.hpp"

namespace msde {
namespace fs = std::filesystem;

// One trajectory is scored at a time, its members at least a frame at a time: float32 and what scores make of
// them.
void require_evaluation_memory(const Dataset& data, const std::string& split, const EvalSettings& eval) {
  const int64_t snapshots = data.split(split).n_snapshots;
  const int64_t frames = eval.n_steps > 0 ? std::min(eval.n_steps, snapshots) : snapshots;
  require_memory(fmt::format("eval.members = {}", eval.members),
                 4 * (16 * static_cast<double>(eval.members) + 4 * static_cast<double>(frames)) *
                     static_cast<double>(data.grid().size()),
                 "ask for fewer members");
}

nlohmann::ordered_json evaluate_model(const MultiscaleModel& model, const Dataset& data,
                                      const ModelEvaluation& e) {
  check_fits(model->spec(), data);
  if (!data.has_split(e.split))
    throw DataError(data.path() + ": has no split '" + e.split + "'; expected one of train, val, test");
  if (const auto missing = data.check_values(); missing.values > 0)
    spdlog::info("{}: {} of {} values are missing: they are in no score, and first snapshots are filled",
                 data.path(), missing.values, missing.all);
  const auto times = data.times(e.split);
  warn_of_far_times(data.path() + ": " + e.split, times.min().item<double>(), times.max().item<double>(),
                    model->spec().t_begin, model->spec().t_end);
  warn_of_asymmetric_starts(data, e.split, model);
  require_evaluation_memory(data, e.split, e.eval);

  Progress progress("evaluate", data.split(e.split).n_trajectories, 0, e.log_seconds);
  EvaluateOptions options;
  options.split = e.split;
  options.n_steps = e.eval.n_steps;
  options.members = e.eval.members;
  options.seed = e.seed;
  options.fill_first = [&](const torch::Tensor& first) { return model->fill(first); };
  options.on_trajectory = [&](int64_t done, int64_t) { progress.update(done); };
  auto evaluation = evaluate(ModelForecaster(model, {}), data, options);
  if (evaluation.case_name.empty()) evaluation.case_name = e.case_name;  // files of other codes do not say
  progress.finish();
  if (evaluation.members_left > 0)
    spdlog::warn("{} of {} members left the region of training and are held where they left it",
                 evaluation.members_left, evaluation.members * evaluation.n_trajectories);
  auto document = to_json(evaluation, {.n_zeta = model->n_zeta(),
                                       .n_eta = model->n_eta(),
                                       .train_seconds = e.train_seconds,
                                       .parameters = model->parameter_count(),
                                       .peak_rss_bytes = peak_rss_bytes(),
                                       .channels = data.facts().channels});
  options.members = 0, options.on_trajectory = {};
  for (const auto& [name, forecaster, fill_first] : e.references) try {
      auto filled = options;
      if (fill_first) filled.fill_first = fill_first;
      document["reference"][name] = reference_row(evaluate(*forecaster, data, filled), evaluation);
    } catch (const Stopped&) {
      throw;
    } catch (const Error& error) {  // blows up, or is not made for these data
      spdlog::warn("{} is not beside the scores: {}", name, error.what());
    }
  return document;
}

nlohmann::ordered_json evaluate_run(const RunLayout& run, const Settings& settings,
                                    const EvaluateRequest& request) {
  const Manifest manifest = read_manifest(run);
  if (!fs::exists(run.model_file()))
    throw DataError(run.root + ": holds no trained model yet; train it first (msde train CONFIG -o " +
                    run.root + " --resume)");
  warn_of_unfinished_training(run);
  const auto model = load_model(run.model());
  const std::string own_path = data_of(run, settings);
  if (request.data_path.empty()) {
    require_own_data(own_path);
    warn_of_changed_data(run, own_path);
  }
  const auto data = request.data_path.empty()
                        ? open_data(settings, own_path)
                        : open_other_data(settings, model->spec().grid, request.data_path);
  return evaluate_model(
      model, data,
      {.split = request.split,
       .eval = settings.eval,
       .seed = static_cast<uint64_t>(settings.train.elbo.seed),
       .case_name = settings.case_name,
       .train_seconds = manifest.train_seconds,
       .log_seconds = settings.log.every.seconds,
       .references = references_of({run, settings, model->spec().grid, data, request.fit_references})});
}

nlohmann::ordered_json ensure_evaluated(const RunLayout& run, const Settings& settings,
                                        const FitReferences& fit_references) {
  Manifest manifest = read_manifest(run);
  const std::string data = data_of(run, settings);
  require_own_data(data);
  const std::string key = evaluation_key(run, settings, hash_data(data));
  if (manifest.evaluation_key == key && fs::exists(run.scores())) {
    auto scores = nlohmann::ordered_json::parse(read_text(run.scores()), nullptr, /*allow_exceptions=*/false);
    if (is_evaluation(scores)) return scores;  // damaged: evaluated again
  }
  const auto scores = evaluate_run(run, settings, {.fit_references = fit_references});
  fs::create_directories(run.evaluation());
  write_text_atomically(run.scores(), scores.dump(2) + "\n");
  manifest.evaluation_key = key;
  write_manifest(run, manifest);
  return scores;
}

}  // namespace msde
