#include "msde/run/pipeline.hpp"

#include <fmt/ranges.h>

#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/hash.hpp"
#include "msde/core/process/memory.hpp"
#include "msde/core/report/log.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/eval/scoring/evaluation_report.hpp"
#include "msde/field/dataset.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/infer/train.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/model/model_file.hpp"
#include "msde/pde/cases.hpp"
#include "msde/pde/generate.hpp"
#include "msde/run/assumptions.hpp"
#include "msde/run/version.hpp"
#include "msde/scales/reduced_filter.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// How the file of the data is seen, where that is not as it is.
std::string view_text(const Settings& settings) {
  Settings copy = settings, defaults;
  const OptionTable table = option_table(copy), usual = option_table(defaults);
  std::string text;
  for (const char* key :
       {"data.split", "data.noise", "data.seed", "data.subtract", "data.crop", "data.boundary"}) {
    const auto value = OptionTable::value_as_toml(table.find(key));
    if (value != OptionTable::value_as_toml(usual.find(key))) text += fmt::format("{}={}\n", key, value);
  }
  return text;
}

// Everything that decides the trained weights, and nothing else: not paths, not how often to save.
std::string train_fingerprint(const Settings& settings, const std::string& data_hash) {
  Settings copy = settings;
  std::string text = data_hash + "\n";
  const OptionTable table = option_table(copy);
  for (const auto& option : table.options())
    if (decides_training(option.key)) text += option.key + "=" + OptionTable::value_as_toml(option) + "\n";
  text += view_text(settings);
  if (!settings.init_from.empty()) text += hash_file(RunLayout{settings.init_from}.model_file());
  return hash_text(text);
}

std::string evaluation_key(const RunLayout& run, const Settings& settings, const std::string& data_hash) {
  return hash_text(fmt::format("{} {} {} {}", hash_file(run.model_file()), data_hash, settings.eval.n_steps,
                               settings.eval.members) +
                   view_text(settings));
}

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

// All that the check of the model against it needs.
Grid grid_of_case(const std::string& name) {
  const auto& shape = find_case(name).shape;
  Grid grid;
  grid.channels = shape.at(0);
  grid.shape.assign(shape.begin() + 1, shape.end());
  grid.boundary.assign(grid.shape.size(), Boundary::periodic);
  return grid;
}

}  // namespace

Manifest read_manifest(const RunLayout& run) {
  Manifest m;
  if (!fs::exists(run.manifest())) return m;
  try {
    const json j = json::parse(read_text(run.manifest()));
    m.data_path = j.at("data").at("path");
    m.data_hash = j.at("data").at("hash");
    m.train_fingerprint = j.at("train").at("fingerprint");
    m.train_seconds = j.at("train").at("seconds");
    m.solver_free_rel_l2 = j.at("train").at("solver_free_rel_l2");
    m.best_rel_l2 = j.at("train").at("best_rel_l2");
    m.evaluation_key = j.at("evaluate").at("key");
  } catch (const json::exception&) {
    throw DataError(run.manifest() + ": is not the manifest of a run; start over with --force");
  }
  return m;
}

void write_manifest(const RunLayout& run, const Manifest& m) {
  nlohmann::ordered_json j;
  j["schema"] = 1;
  j["data"] = {{"path", m.data_path}, {"hash", m.data_hash}};
  j["train"] = {{"fingerprint", m.train_fingerprint},
                {"seconds", m.train_seconds},
                {"solver_free_rel_l2", m.solver_free_rel_l2},
                {"best_rel_l2", m.best_rel_l2}};
  j["evaluate"] = {{"key", m.evaluation_key}};
  for (const auto& [name, value] : environment_facts()) j["environment"][name] = value;
  write_text_atomically(run.manifest(), j.dump(2) + "\n");
}

bool require_data(const Settings& settings, const std::vector<std::string>& splits, bool fresh) {
  if (!settings.data.path.empty()) {
    const auto data = open_data(settings, settings.data.path);
    for (const auto& split : splits) data.split(split);
    restricted_points(data.grid(), settings.model.n_zeta);
    if (fresh) data.check_finite();
    return fresh;
  }
  if (!has_case(settings.case_name))
    throw ConfigError("case.name = " + settings.case_name +
                      ": this case cannot be generated; set data.path to its "
                      "HDF5 file, or choose " +
                      fmt::format("{}", fmt::join(case_names(), ", ")));
  restricted_points(grid_of_case(settings.case_name), settings.model.n_zeta);
  return false;
}

void require_source(const Settings& settings) {
  if (settings.init_from.empty()) return;
  const RunLayout source = find_run(settings.init_from);
  if (!fs::exists(source.model_file()))
    throw DataError(source.root + ": holds no trained model to start from");
  ModelOptions theirs = load_model(source.model())->spec().options, ours = with_preset(settings.model);
  OptionTable has, asked;
  describe(has, theirs);
  describe(asked, ours);
  for (size_t i = 0; i < has.options().size(); ++i) {
    const auto got = OptionTable::value_as_toml(has.options()[i]),
               wanted = OptionTable::value_as_toml(asked.options()[i]);
    if (got != wanted)
      throw ConfigError(fmt::format("{}: its model was trained with {} = {}, this configuration asks for {}",
                                    source.root, has.options()[i].key, got, wanted));
  }
}

Dataset open_data(const Settings& settings, const std::string& path) {
  return Dataset::open(path, {.view = data_view(settings.data), .memory = memory_plan(settings.data)});
}

Dataset open_other_data(const Settings& settings, const Grid& grid, const std::string& path) {
  auto source = open_fields(path);
  const SourceFacts facts = source->facts();
  const bool seen_alike =
      facts.has_splits() == settings.data.split.empty() && facts.grid.shape.size() == grid.shape.size();
  return Dataset::of(std::move(source), {.view = seen_alike ? data_view(settings.data) : DataView{},
                                         .memory = memory_plan(settings.data)});
}

std::string data_of(const RunLayout& run, const Settings& settings) {
  if (settings.data.path.empty()) return run.data(settings.case_name);
  const std::string path =
      read_manifest(run).data_path;  // data.path may be relative to another folder than today's
  return path.empty() ? settings.data.path : path;
}

std::string ensure_data(const RunLayout& run, const Settings& settings) {
  if (!settings.data.path.empty()) return settings.data.path;
  const std::string path = run.data(settings.case_name);
  if (fs::exists(path)) return path;  // written atomically, so whole
  fs::create_directories(fs::path(path).parent_path());
  const GenerateOptions& o = settings.data.generate;
  Progress progress("generate " + settings.case_name, o.n_train + o.n_val + o.n_test);
  generate_case(settings.case_name, o, path, [&](int64_t done, int64_t) { progress.update(done); });
  progress.finish();
  return path;
}

void ensure_trained(const RunLayout& run, const Settings& settings, const TrainFlags& flags) {
  const RankedGroup& group = flags.group;
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
    manifest.data_hash = hash_file(manifest.data_path);
  });
  require_same_data(manifest, group);
  const std::string fingerprint = group.leads() ? train_fingerprint(settings, manifest.data_hash) : "";
  const bool finished = manifest.train_fingerprint == fingerprint && fs::exists(run.model_file());
  if (group.broadcast(group.leads() && finished ? "finished" : "") == "finished") {
    spdlog::info("training is finished already: {}", run.model_file());
    return;
  }
  TrainRequest request;
  request.model = settings.model;
  request.options = settings.train;
  request.data_path = manifest.data_path;
  request.data = {.view = data_view(settings.data), .memory = memory_plan(settings.data)};
  request.data_are_finite = flags.data_are_finite;
  request.folder = run.root;
  request.fingerprint = fingerprint;
  request.resume = flags.existing == Existing::resume;
  if (!settings.init_from.empty()) request.init_from = RunLayout{settings.init_from}.model();
  request.score_steps = settings.eval.n_steps;
  request.device = flags.device;
  request.max_seconds = flags.max_seconds;
  request.log_seconds = settings.log.every.seconds;
  request.group = group;
  if (!settings.data.path.empty())
    request.on_prepared = [&](const Dataset& data) {
      warn_of_assumptions(data, settings.data.boundary.empty() ? "data.boundary" : "");
    };
  const TrainSummary summary = train(request);
  if (!group.leads()) return;
  save_model(summary.model, run.model());
  spdlog::info("{}", summary.brief());

  manifest.train_fingerprint = fingerprint;
  manifest.train_seconds = summary.seconds;
  manifest.solver_free_rel_l2 = summary.solver_free_score;
  manifest.best_rel_l2 = summary.best_score;
  manifest.evaluation_key.clear();
  write_manifest(run, manifest);
}

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

nlohmann::ordered_json evaluate_run(const RunLayout& run, const Settings& settings,
                                    const EvaluateRequest& request) {
  const Manifest manifest = read_manifest(run);
  if (!fs::exists(run.model_file()))
    throw DataError(run.root + ": holds no trained model yet; train it first (msde train CONFIG -o " +
                    run.root + " --resume)");
  const auto model = load_model(run.model());
  const auto data = request.data_path.empty()
                        ? open_data(settings, data_of(run, settings))
                        : open_other_data(settings, model->spec().grid, request.data_path);
  check_fits(model->spec(), data);
  if (!data.has_split(request.split))
    throw DataError(data.path() + ": has no split '" + request.split + "'; expected one of train, val, test");
  data.check_finite();
  require_evaluation_memory(data, request.split, settings.eval);

  Progress progress("evaluate", data.split(request.split).n_trajectories, 0, settings.log.every.seconds);
  EvaluateOptions options;
  options.split = request.split;
  options.n_steps = settings.eval.n_steps;
  options.members = settings.eval.members;
  options.seed = static_cast<uint64_t>(settings.train.elbo.seed);
  options.on_trajectory = [&](int64_t done, int64_t) { progress.update(done); };
  auto evaluation = evaluate(ModelForecaster(model, {}), data, options);
  if (evaluation.case_name.empty())
    evaluation.case_name = settings.case_name;  // files of other codes do not say
  progress.finish();
  return to_json(evaluation, {.n_zeta = model->n_zeta(),
                              .n_eta = model->n_eta(),
                              .train_seconds = manifest.train_seconds,
                              .parameters = model->parameter_count(),
                              .peak_rss_bytes = peak_rss_bytes()});
}

nlohmann::ordered_json ensure_evaluated(const RunLayout& run, const Settings& settings) {
  Manifest manifest = read_manifest(run);
  const std::string key = evaluation_key(run, settings, hash_file(data_of(run, settings)));
  if (manifest.evaluation_key == key && fs::exists(run.scores())) {
    auto scores = nlohmann::ordered_json::parse(read_text(run.scores()), nullptr, /*allow_exceptions=*/false);
    if (!scores.is_discarded()) return scores;  // damaged: evaluated again
  }
  const auto scores = evaluate_run(run, settings, {});
  fs::create_directories(run.evaluation());
  write_text_atomically(run.scores(), scores.dump(2) + "\n");
  manifest.evaluation_key = key;
  write_manifest(run, manifest);
  return scores;
}

std::string score_table(const nlohmann::ordered_json& evaluation) {
  const auto& metrics = evaluation.at("metrics");
  std::string text =
      fmt::format("{}, split {}, n_zeta {}, n_eta {}: {}\n", evaluation.at("case").get<std::string>(),
                  evaluation.at("split").get<std::string>(), evaluation.at("n_zeta").get<int64_t>(),
                  evaluation.at("n_eta").get<int64_t>(), evaluation.at("protocol").get<std::string>());
  auto line = [&](const std::string& name, const std::string& value) {
    text += fmt::format("  {:<32}{}\n", name, value);
  };
  auto number = [](const json& x) {
    return x.is_number() ? fmt::format("{:.4g}", x.get<double>()) : std::string("-");
  };
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_number()) line(name, number(value));
    if (value.is_object() && value.contains("mean"))
      line(name, number(value["mean"]) + " +- " + number(value["std"]));
    if (name == "coverage")
      for (const auto& [level, share] : value.items()) line("coverage " + level + " %", number(share));
  }
  for (const auto& [name, value] : evaluation.at("cost").items()) line(name, number(value));
  return text;
}

}  // namespace msde
