#include "msde/infer/train.hpp"

#include "msde/library/call.hpp"
#include "msde/library/contents.hpp"
#include "msde/library/open_model.hpp"
#include "msde/run/pipeline.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {

Model train_model(const Configuration& configuration, const std::string& folder,
                  const TrainingOptions& options) {
  const Computation call;
  require_path(folder, "folder");
  if (options.resume && options.replace) throw ConfigError("resume and replace exclude each other");
  if (options.max_seconds && !(*options.max_seconds > 0))
    throw ConfigError("max_seconds: expected a positive time");
  const auto existing = options.replace  ? Existing::replace
                        : options.resume ? Existing::resume
                                         : Existing::refuse;
  const auto device = parse_device(options.device);
  OpenedRun run =
      open_run({.folder = folder, .settings = configuration.contents().settings, .existing = existing});
  run.training.max_seconds = options.max_seconds;
  run.training.device = device;
  ensure_trained(run.layout, run.settings, run.training);
  return model_of_run(run.layout);
}

}  // namespace msde
