#include "msde/run/predict_run.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/process/memory.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/core/random/random.hpp"
#include "msde/core/report/log.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/field/forecast_file.hpp"
#include "msde/field/forecast_images.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/model/model_file.hpp"
#include "msde/run/asymmetric_starts.hpp"
#include "msde/run/run_data.hpp"
#include "msde/run/starts/settle_inputs.hpp"
#include "msde/run/starts/starts.hpp"

namespace msde {
namespace {

constexpr int64_t kDefaultMembers = 39;
constexpr double kForecastCopies =
    4;  // measured: of an ensemble at the peak, with its noise and latent paths

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

// [N, T], row after row.
std::vector<double> times_of(const Starts& starts) {
  if (!starts.times.defined()) return {};
  const auto times = starts.times.contiguous();
  return {times.data_ptr<double>(), times.data_ptr<double>() + times.numel()};
}

ForecastLayout layout_of(const MultiscaleModel& model, const Starts& starts, const PredictRequest& request) {
  return {.grid = model->spec().grid,
          .n_trajectories = starts.first.size(0),
          .n_frames = starts.n_steps + 1,
          .start = starts.start,
          .dt = starts.dt,
          .times = times_of(starts),
          .members = request.members.value_or(kDefaultMembers),
          .write_members = request.members.value_or(0) > 0,
          .float64 = model->spec().units.need_float64(),
          .observation_noise = request.observation_noise,
          .n_zeta = model->n_zeta(),
          .n_eta = model->n_eta(),
          .forecaster = "multiscale",
          .case_name = model->spec().case_name,
          .labels = model->spec().labels};
}

// `counted`: the file has a number for each trajectory.
void warn_of_members_that_left(const std::vector<int64_t>& left, int64_t members, bool counted) {
  int64_t sum = 0, trajectories = 0;
  for (const int64_t n : left) sum += n, trajectories += n > 0;
  if (sum > 0)
    spdlog::warn(
        "{} of {} members, of {} trajectories, left the region of training and are held where they left it{}",
        sum, members * static_cast<int64_t>(left.size()), trajectories,
        counted ? "; members_left of forecast.h5 has the counts" : "");
}

}  // namespace

std::string forecast_file(const std::string& folder) {
  return folder + "/forecast.h5";
}

bool has_forecast(const std::string& folder, ForecastFormat format) {
  std::error_code ignored;
  return format == ForecastFormat::vti ? has_images(folder)
                                       : std::filesystem::exists(forecast_file(folder), ignored);
}

std::string predict_run(const RunLayout& run, const Settings& settings, const PredictRequest& request,
                        const std::string& folder) {
  if (request.scheme == Scheme::rk4)
    throw ConfigError(
        "--scheme rk4: is the point prediction's, without noise; expected srk, heun or euler_maruyama");
  if (!std::filesystem::exists(run.model_file()))
    throw DataError(run.root + ": holds no trained model yet; train it first");
  warn_of_unfinished_training(run);
  const auto model = load_model(run.model());
  const std::string data_path = data_of(run, settings);
  if (request.start.from.empty() && request.data_path.empty()) {
    require_own_data(data_path);
    warn_of_changed_data(run, data_path);
  }
  const SeenInputs seen = inputs_seen(model, settings, data_path);
  Starts starts =
      request.start.from.empty()
          ? starts_of_dataset(request.start,
                              request.data_path.empty()
                                  ? open_data(settings, data_path)
                                  : open_other_data(settings, model->spec().grid, request.data_path),
                              model->spec())
          : starts_of_file(request.start, model, settings, seen);
  const ForecastLayout file = layout_of(model, starts, request);
  const bool images = request.format == ForecastFormat::vti;
  if (const auto why = no_images_of(file.grid); images && !why.empty())
    throw ConfigError("--format vti: " + why + "; use --format hdf5");
  require_forecast_memory(file);
  for (const auto& warning : starts.warnings) spdlog::warn(warning);
  settle_inputs(starts, seen);
  warn_beyond_training(starts, model->spec());
  warn_of_asymmetric_starts(starts, model);
  const std::string path = images ? folder : forecast_file(folder);
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) throw ConfigError(folder + ": cannot be made: " + problem.message());
  spdlog::info("{} trajectories, {} frames, {} members: {:.1f} MiB in {}", file.n_trajectories, file.n_frames,
               file.members,
               static_cast<double>(images ? image_bytes(file) : forecast_bytes(file)) / (1 << 20), path);

  const ModelForecaster forecaster(model, {.scheme = request.scheme});
  const auto seed = static_cast<uint64_t>(request.seed.value_or(settings.train.elbo.seed));
  std::vector<int64_t> left;  // members of each trajectory
  Progress progress("predict", file.n_trajectories);
  const auto write = images ? write_forecast_images : write_forecasts;
  write(path, file, [&](int64_t i) {
    throw_if_interrupted();
    ForecastRequest ask = request_from(starts, i);
    ask.members = file.members;
    ask.decoder_noise = request.observation_noise;
    ask.seed = seed_of_part(seed, i);
    auto forecast = forecaster.forecast(ask);
    if (forecast.members_left.defined()) left.push_back(forecast.members_left.sum().item<int64_t>());
    progress.update(i + 1);
    return forecast;
  });
  progress.finish();
  warn_of_members_that_left(left, file.members, !images);
  return path;
}

}  // namespace msde
