// msde predict DIR: forecasts with uncertainty, from the first snapshots of a dataset or from the user's own.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"
#include "apps/msde/pipeline.hpp"
#include "apps/msde/settle_inputs.hpp"
#include "apps/msde/starts.hpp"
#include "msde/core/error.hpp"
#include "msde/core/log.hpp"
#include "msde/core/memory.hpp"
#include "msde/core/progress.hpp"
#include "msde/core/signals.hpp"
#include "msde/field/dataset.hpp"
#include "msde/field/forecast_file.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/model/model_file.hpp"

namespace msde {
namespace {

constexpr int64_t kDefaultMembers = 39;
constexpr double kForecastCopies =
    4;  // measured: of an ensemble at the peak, with its noise and latent paths
constexpr uint64_t kSeedStride = 0x9E3779B97F4A7C15u;  // trajectories of nearby seeds must not share noise

struct PredictLine {
  CommonFlags common;
  std::string run, data, output, scheme = "srk";
  StartFlags start;
  std::optional<int64_t> members, seed;
  bool observation_noise = false;
};

// A forcing series [1, K, n_f], cut or continued with its last value to n_steps + 1.
torch::Tensor fit_length(const torch::Tensor& forcing, int64_t n_steps) {
  auto index = torch::arange(n_steps + 1).clamp_max(forcing.size(1) - 1);
  return forcing.index_select(1, index);
}

// Trajectories are predicted one by one: members and their sum with noise, latent paths and the series of the
// file.
void require_forecast_memory(const ForecastLayout& l) {
  const auto frames = static_cast<double>(l.n_frames), members = static_cast<double>(l.members);
  const auto fields = 4 * frames * static_cast<double>(l.grid.size());
  const auto latent = 4 * frames * static_cast<double>(l.n_zeta + l.n_eta);
  require_memory(fmt::format("{} frames of {} members", l.n_frames, l.members),
                 kForecastCopies * (members + 1) * (fields + latent),
                 "ask for fewer --members or an earlier --t-end");
}

void run(const PredictLine& line) {
  apply(line.common);
  const Scheme scheme = parse_scheme(line.scheme);
  if (scheme == Scheme::rk4)
    throw ConfigError(
        "--scheme rk4: is the point prediction's, without noise; expected srk, heun or euler_maruyama");
  const RunLayout layout = find_run(line.run);
  const Settings settings = load_settings(layout.configuration(), {});
  if (!std::filesystem::exists(layout.model_file()))
    throw DataError(line.run + ": holds no trained model yet; train it first");
  const auto model = load_model(layout.model());
  const std::string data_path = data_of(layout, settings);
  const SeenInputs seen = inputs_seen(model, settings, data_path);
  Starts starts =
      line.start.from.empty()
          ? starts_of_dataset(line.start,
                              line.data.empty() ? open_data(settings, data_path)
                                                : open_other_data(settings, model->spec().grid, line.data),
                              model->spec())
          : starts_of_file(line.start, model, settings, seen);
  const ForecastLayout file = {.grid = model->spec().grid,
                               .n_trajectories = starts.first.size(0),
                               .n_frames = starts.n_steps + 1,
                               .start = starts.start,
                               .dt = starts.dt,
                               .members = line.members.value_or(kDefaultMembers),
                               .write_members = line.members.value_or(0) > 0,
                               .observation_noise = line.observation_noise,
                               .n_zeta = model->n_zeta(),
                               .n_eta = model->n_eta(),
                               .forecaster = "multiscale",
                               .case_name = model->spec().case_name};
  require_forecast_memory(file);
  for (const auto& warning : starts.warnings) spdlog::warn(warning);
  settle_inputs(starts, seen);
  const double t_last = *std::max_element(starts.start.begin(), starts.start.end()) +
                        starts.dt * static_cast<double>(starts.n_steps);
  if (t_last > model->spec().t_end + 0.5 * starts.dt)
    spdlog::warn("predicting to t = {:g}, beyond the training range that ends at {:g}", t_last,
                 model->spec().t_end);
  const std::string path = line.output + "/forecast.h5";
  std::error_code problem;
  std::filesystem::create_directories(line.output, problem);
  if (problem) throw ConfigError(line.output + ": cannot be made: " + problem.message());
  spdlog::info("{} trajectories, {} frames, {} members: {:.1f} MiB in {}", file.n_trajectories, file.n_frames,
               file.members, static_cast<double>(forecast_bytes(file)) / (1 << 20), path);

  const ModelForecaster forecaster(model, {.scheme = scheme});
  Progress progress("predict", file.n_trajectories);
  write_forecasts(path, file, [&](int64_t i) {
    throw_if_interrupted();
    ForecastRequest request = {.first = starts.first.narrow(0, i, 1),
                               .mu = starts.mu.narrow(0, i, 1),
                               .forcing = fit_length(starts.forcing.narrow(0, i, 1), starts.n_steps),
                               .t0 = starts.start[i],
                               .dt = starts.dt,
                               .n_steps = starts.n_steps,
                               .members = file.members,
                               .decoder_noise = line.observation_noise,
                               .seed = static_cast<uint64_t>(line.seed.value_or(settings.train.elbo.seed)) +
                                       static_cast<uint64_t>(i) * kSeedStride};
    auto forecast = forecaster.forecast(request);
    progress.update(i + 1);
    return forecast;
  });
  progress.finish();
  std::cout << path << "\n";
}

}  // namespace

Command add_predict(CLI::App& app) {
  auto* command = app.add_subcommand("predict", "Predict whole trajectories from first snapshots");
  auto line = std::make_shared<PredictLine>();
  command->add_option("run", line->run, "Folder of the run")->required()->type_name("DIR");
  command->add_option("-o,--output", line->output, "Folder for forecast.h5")->required()->type_name("OUTDIR");
  auto* data = command
                   ->add_option("--data", line->data,
                                "Dataset whose first snapshots to start from; default: the run's")
                   ->type_name("FILE");
  auto* split =
      command->add_option("--split", line->start.split, "train, val or test")->capture_default_str();
  auto* from = command
                   ->add_option("--from", line->start.from,
                                "Your own first snapshots, .h5 or .npy: [C, *grid], [N, C, *grid], or whole "
                                "trajectories [N, T, C, *grid]; beside them in .h5: mu, t, f")
                   ->type_name("FILE")
                   ->excludes(data)
                   ->excludes(split);
  command->add_option("--t-end", line->start.t_end, "Last time to predict; default: the end of the data");
  command
      ->add_option(
          "--mu", line->start.mu,
          "With --from: parameters of the trajectories; default: those of the file, else the mean of "
          "training")
      ->needs(from);
  command
      ->add_option("--t0", line->start.t0,
                   "With --from: time of the first snapshots; default: that of the file, else where training "
                   "starts")
      ->type_name("TIME")
      ->needs(from);
  command
      ->add_option(
          "--forcing", line->start.forcing,
          "With --from: .npy or .h5, [K, n_f] or [N, K, n_f] from the first snapshot on, one a frame; "
          "default: that of the file")
      ->type_name("FILE")
      ->needs(from);
  command
      ->add_option(
          "--members", line->members,
          "Ensemble members, each written to the file; without this flag mean and deviation of 39 are; "
          "0 = the point prediction alone")
      ->check(CLI::Range(int64_t{0}, int64_t{1000000}));
  command->add_option("--scheme", line->scheme, "srk, heun or euler_maruyama")->capture_default_str();
  command->add_option("--seed", line->seed, "Seed of the members; default: train.seed")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--observation-noise", line->observation_noise, "Add observation noise to the members");
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(
      examples({"msde predict runs/kdv_1d -o forecast", "msde predict runs/kdv_1d --from first.npy -o mine",
                "msde predict runs/kdv_1d --from first.h5 --t-end 0.5 --members 100 -o mine",
                "msde predict runs/winds --from july.npy --t0 114 --forcing season.npy -o august"}));
  return {command, [line] { run(*line); }};
}

}  // namespace msde
