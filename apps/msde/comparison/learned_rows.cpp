#include "apps/msde/comparison/learned_rows.hpp"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "apps/msde/comparison/training_jobs.hpp"
#include "msde/core/error.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/model/model_file.hpp"
#include "msde/run/manifest.hpp"

namespace msde {
namespace {

RunLayout run_of(const ComparisonContext& c, const Learned& learned, int64_t k) {
  return {fmt::format("{}/runs/{}/seed-{}", c.plan.folder, learned.name, c.first_seed() + k)};
}

TrainingJob job(const ComparisonContext& c, const Learned& learned, int64_t k, int64_t threads) {
  const std::string folder = run_of(c, learned, k).root, seed = std::to_string(c.first_seed() + k);
  TrainingJob job = {
      .label = learned.name + " seed " + seed,
      .folder = folder,
      .arguments = {configuration_file(c.plan.folder), "-o", folder, "--resume", "--seed", seed, "--ranks",
                    "1", "--threads", std::to_string(threads), "--set",
                    fmt::format("model.n_eta={}", learned.n_eta), "--set",
                    "data.path=" + std::filesystem::absolute(c.data_path).lexically_normal().string()},
      .log = folder + ".log"};
  for (const auto& assignment : learned.assignments)
    job.arguments.insert(job.arguments.end(), {"--set", assignment});
  return job;
}

// Second derivatives along all axes, of every channel.
std::string laplacian(const ComparisonContext& c) {
  const Grid& grid = c.data.grid();
  std::vector<std::string> of_channels;
  for (int64_t channel = 0; channel < grid.channels; ++channel) {
    std::vector<std::string> along;
    for (int64_t axis = 0; axis < grid.dimensions(); ++axis)
      along.push_back(fmt::format("d[{0}](d[{0}](u[{1}]))", axis, channel));
    const auto sum = fmt::format("{}", fmt::join(along, " + "));
    of_channels.push_back(grid.channels == 1 ? sum : fmt::format("u[{}]: {}", channel, sum));
  }
  return fmt::format("{}", fmt::join(of_channels, "; "));
}

// The prior without anything that is learned of the drift, but `candidates`.
Learned prior_alone(const ComparisonContext& c, const std::string& name, const std::string& meaning,
                    const std::string& candidates) {
  return {name,
          meaning,
          c.plan.settings.model.n_eta,
          {"model.closure=none", "prior.learn=false", "prior.candidates=" + candidates, "train.max_steps=0",
           "rollout.max_steps=0"}};
}

Outcome score_run(const ComparisonContext& c, const RunLayout& run, int64_t seed) {
  const auto model = load_model(run.model());
  const Manifest manifest = read_manifest(run);
  PredictOptions options;
  if (c.published) options.scheme = parse_scheme(c.published->scheme);
  Outcome outcome;
  outcome.seed = seed;
  outcome.evaluation =
      c.score(ModelForecaster(model, options), c.published ? c.published->learned : Protocol{}, {});
  outcome.train_seconds = manifest.train_seconds;
  outcome.parameters = model->parameter_count();
  if (manifest.best_rel_l2 >= 0) outcome.validation_rel_l2 = manifest.best_rel_l2;
  return outcome;
}

}  // namespace

std::vector<Learned> learned_models(const ComparisonContext& c) {
  std::vector<Learned> learned;
  const auto& model = c.plan.settings.model;
  if (!model.prior.terms.empty() && c.wants("pod_galerkin"))
    learned.push_back(prior_alone(c, "pod_galerkin", "the terms of the prior alone", "[]"));
  if (!model.prior.terms.empty() && c.wants("eddy_viscosity"))
    learned.push_back(prior_alone(c, "eddy_viscosity",
                                  "the terms of the prior and a viscosity fitted to training",
                                  fmt::format("[\"{}\"]", laplacian(c))));
  if (c.wants("macro_only"))
    learned.push_back({"macro_only", "the model without microscale states, preset " + model.preset, 0});
  if (c.wants("multiscale") && model.n_eta > 0)
    learned.push_back({"multiscale", "the model of this configuration, preset " + model.preset, model.n_eta});
  return learned;
}

std::vector<Learned> micro_sizes(const ComparisonContext& c) {
  std::vector<Learned> learned;
  for (int64_t n : c.plan.n_eta) {
    const std::string name = n == 0                             ? "macro_only"
                             : n == c.plan.settings.model.n_eta ? "multiscale"
                                                                : fmt::format("n_eta-{}", n);
    learned.push_back({name, fmt::format("{} microscale states", n), n});
  }
  return learned;
}

TrainingFailures train_all(const ComparisonContext& c) {
  std::map<std::string, Learned> by_name;
  for (const auto& learned : learned_models(c)) by_name.emplace(learned.name, learned);
  for (const auto& size : micro_sizes(c)) by_name.emplace(size.name, size);
  if (by_name.empty()) return {};
  // One thread each while there are trainings enough: small networks gain little from a second one.
  const int64_t threads = at::get_num_threads(), n = static_cast<int64_t>(by_name.size()) * c.plan.seeds;
  const int64_t at_once = std::min(n, threads);
  std::vector<TrainingJob> jobs;
  for (const auto& [name, learned] : by_name)
    for (int64_t k = 0; k < c.plan.seeds; ++k) jobs.push_back(job(c, learned, k, threads / at_once));
  const auto results = run_jobs(jobs, at_once, c.plan.settings.log.every.seconds);
  TrainingFailures failures;
  for (size_t i = 0; i < results.size(); ++i)
    if (results[i].exit_code != 0)
      failures[jobs[i].folder] =
          fmt::format("training ended with exit code {}: {}", results[i].exit_code, results[i].last_line);
  return failures;
}

ComparisonRow learned_row(const ComparisonContext& c, const Learned& learned,
                          const TrainingFailures& failures) {
  ComparisonRow row;
  row.name = learned.name;
  row.meaning = learned.meaning;
  row.published = c.published_figure(learned.name);
  row.protocol = (c.published ? c.published->learned : Protocol{}).meaning;
  row.command = c.command_of(learned.name);
  Progress progress("score " + learned.name, c.plan.seeds, 0, c.plan.settings.log.every.seconds);
  std::vector<std::string> failed;
  for (int64_t k = 0; k < c.plan.seeds; ++k) {
    const RunLayout run = run_of(c, learned, k);
    const int64_t seed = c.first_seed() + k;
    const auto status = status_of([&] {
      if (const auto failure = failures.find(run.root); failure != failures.end())
        throw NumericsError(failure->second);
      row.outcomes.push_back(score_run(c, run, seed));
    });
    if (status != "ok") failed.push_back(fmt::format("seed {} {}", seed, status));
    progress.update(k + 1);
  }
  progress.finish();
  if (!failed.empty())
    row.status =
        fmt::format("failed: {} of {} seeds: {}", failed.size(), c.plan.seeds, fmt::join(failed, "; "));
  return row;
}

}  // namespace msde
