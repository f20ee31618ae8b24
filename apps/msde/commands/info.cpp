// msde info PATH: what a dataset or a run holds.
#include <fmt/ranges.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/msde/commands/command.hpp"
#include "apps/msde/commands/describe_data.hpp"
#include "apps/msde/flags/common_flags.hpp"
#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/field/formats/foreign.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/run/run_directory.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

// What `use` makes of the document of a file. DataError where it is not as msde writes it.
template <class Use>
auto read_json(const std::string& path, Use use) {
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(read_text(path));
  } catch (const nlohmann::json::exception&) {
    throw DataError(path + ": is not valid JSON");
  }
  try {
    return use(document);
  } catch (const nlohmann::json::exception&) {
    throw DataError(path + ": is damaged: not as msde writes it");
  }
}

// Before that, a model may be there: that of the solver-free stage.
bool has_finished_training(const RunLayout& run) {
  if (!fs::exists(run.manifest())) return false;
  const auto manifest = read_json(run.manifest(), [](const auto& document) { return document; });
  if (!manifest.is_object() || !manifest.contains("train") || !manifest["train"].is_object()) return false;
  const auto& train = manifest["train"];
  return train.contains("fingerprint") && train["fingerprint"].is_string() && train["fingerprint"] != "";
}

std::string stage(const RunLayout& run) {
  if (fs::exists(run.scores())) return "evaluated";
  if (fs::exists(run.model_file()) && has_finished_training(run)) return "trained";
  std::error_code ignored;
  const bool saved =
      fs::is_directory(run.checkpoints(), ignored) && !fs::is_empty(run.checkpoints(), ignored);
  if (saved) return "in training; continue with --resume";
  return fs::exists(run.model_file()) ? "trained without a solver; roll-outs did not end" : "begun";
}

std::string describe_scores(const nlohmann::json& scores) {
  std::string text = "scores:\n";
  const auto percent = [](const nlohmann::json& share) { return 100 * share.get<double>(); };
  if (!scores.is_object() || !scores.contains("metrics")) return text;
  for (const auto& [name, value] : scores["metrics"].items()) {
    if (value.is_number()) text += fmt::format("  {}: {:.4g}\n", name, value.get<double>());
    if (value.is_object() && value.contains("mean") && value["mean"].is_number()) {
      text +=
          fmt::format("  {}: {:.4g} +- {:.4g}\n", name, value["mean"].get<double>(), value.value("std", 0.0));
    }
    if (name != "coverage") continue;
    for (const auto& [level, share] : value.items()) {
      if (share.is_number())
        text += fmt::format("  coverage of the {} % interval: {:.1f} %\n", level, percent(share));
    }
  }
  return text;
}

std::string describe_model(const nlohmann::json& spec) {
  const int64_t rank = spec.value("n_reduced", int64_t{0});
  return (rank > 0 ? fmt::format("reduced coordinates: {}\n", rank) : "") +
         fmt::format("observation noise: {:.3g}\n", spec.value("noise_std", 0.0));
}

std::string describe_run(const std::string& path) {
  const RunLayout run = find_run(path);
  const Settings settings = load_settings(run.configuration(), {});
  std::string text = fmt::format("run: {}\ncase: {}\nstage: {}\n", path, settings.case_name, stage(run));
  text += fmt::format("model: {}\nn_zeta: {}\nn_eta: {}\n", settings.model.preset,
                      fmt::join(settings.model.n_zeta, " x "), settings.model.n_eta);
  if (const auto model = run.model() + "/model.json"; fs::exists(model))
    text += read_json(model, describe_model);
  return fs::exists(run.scores()) ? text + read_json(run.scores(), describe_scores) : text;
}

}  // namespace

Command add_info(CLI::App& app) {
  auto* command = app.add_subcommand("info", "Show what a dataset or a run holds");
  auto flags = std::make_shared<CommonFlags>();
  auto path = std::make_shared<std::string>();
  command
      ->add_option("path", *path, "File of fields, of any layout that is recognised, or the folder of a run")
      ->required()
      ->type_name("PATH");
  auto variables = std::make_shared<std::string>();
  command
      ->add_option(
          "--variables", *variables,
          "Of a file: the channels, variables by their names, in this order; default: all that are fields in "
          "time")
      ->type_name("NAMES");
  add_log_flags(*command, *flags);
  command->footer(examples({"msde info data/kdv_1d.h5", "msde info winds.nc --variables u,v",
                            "msde info 'out_*.nc'", "msde info runs/kdv_1d"}));
  return {command, [flags, path, variables] {
            start_log(*flags);
            const FileProbe probe(*path);
            const bool is_run = probe.is_folder() && !find_format(probe) && foreign_format(probe).empty();
            std::cout << (is_run ? describe_run(*path)
                                 : describe_data(*path, parse_names(*variables, "--variables")));
          }};
}

}  // namespace msde
