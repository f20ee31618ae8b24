#include "msde/infer/train.hpp"

#include <filesystem>

#include "msde/library/call.hpp"
#include "msde/library/contents.hpp"
#include "msde/library/open_model.hpp"
#include "msde/run/pipeline.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

// --force of the program clears the folder before it reads its input.
void require_outside(const std::string& what, const std::string& input, const std::string& folder) {
  namespace fs = std::filesystem;
  if (input.empty() || !fs::exists(folder)) return;
  const std::string inside = fs::weakly_canonical(folder).string() + "/";
  if ((fs::weakly_canonical(input).string() + "/").rfind(inside, 0) == 0)
    throw ConfigError(what + " = " + input + ": lies in " + folder + ", which is to be replaced");
}

}  // namespace

Model train_model(const Configuration& configuration, const std::string& folder,
                  const TrainingOptions& options) {
  const Computation call;
  if (options.resume && options.replace) throw ConfigError("resume and replace exclude each other");
  if (options.max_seconds && !(*options.max_seconds > 0))
    throw ConfigError("max_seconds: expected a positive time");
  Settings settings = configuration.contents().settings;
  const bool continued = options.resume && is_run(folder);
  if (settings.init_from.empty() && continued)
    settings.init_from = load_settings(RunLayout{folder}.configuration(), {}).init_from;
  if (!settings.init_from.empty())
    settings.init_from = std::filesystem::absolute(settings.init_from).lexically_normal();
  TrainFlags flags;
  flags.existing = options.replace ? Existing::replace : options.resume ? Existing::resume : Existing::refuse;
  flags.max_seconds = options.max_seconds;
  flags.device = parse_device(options.device);
  require_source(settings);
  flags.data_are_finite = require_data(settings, {"train", "val"}, /*fresh=*/!continued);
  if (options.replace) {
    require_outside("data.path", settings.data.path, folder);
    require_outside("train.init_from", settings.init_from, folder);
  }
  const RunDirectory run(folder, settings, flags.existing);
  ensure_trained(run.layout(), settings, flags);
  return model_of_run(run.layout());
}

}  // namespace msde
