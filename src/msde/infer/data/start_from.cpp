#include "msde/infer/data/start_from.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/grid/symmetry.hpp"
#include "msde/infer/data/prepare.hpp"
#include "msde/model/clock_forcing.hpp"
#include "msde/model/model_file.hpp"
#include "msde/scales/find_symmetry.hpp"

namespace msde {

namespace {

// Symmetries are the model's: others cannot be asked for.
void require_its_symmetry(const ModelSpec& spec, const std::vector<std::string>& asked,
                          const std::string& folder) {
  if (asked == std::vector<std::string>{"auto"}) return;
  Grid ours = spec.grid;
  ours.symmetry = asked == std::vector<std::string>{"none"} ? std::vector<std::string>{} : asked;
  const auto own = symmetry_group(spec.grid), got = symmetry_group(ours);
  if (!std::is_permutation(own.begin(), own.end(), got.begin(), got.end()))
    throw ConfigError(fmt::format("data.symmetry: got [{}], the model of {} has [{}]; use the same",
                                  fmt::join(ours.symmetry, ", "), folder,
                                  fmt::join(spec.grid.symmetry, ", ")));
}

}  // namespace

MultiscaleModel trained_elsewhere(const std::string& folder, const Dataset& data) {
  torch::NoGradGuard no_grad;
  auto source = load_model(folder);
  ModelSpec spec = source->spec();
  if (spec.clock != data.clock().words)
    throw ConfigError(fmt::format("data.clock: got [{}], the model of {} was trained with [{}]; use the same",
                                  fmt::join(data.clock().words, ", "), folder, fmt::join(spec.clock, ", ")));
  require_its_symmetry(spec, data.asked_symmetry(), folder);
  const SeenInputs before = spec.seen.known ? spec.seen : source->drift->inputs.seen_of_units();
  set_world(spec, data);
  check_fits(spec, data);
  if (!spec.grid.symmetry.empty() && !fields_are_symmetric(source->seen(data), spec.grid, spec.channel_noise))
    spdlog::warn("{}: training fields are not symmetric as the model of {} is ({}): what is not is lost",
                 data.path(), folder, fmt::join(spec.grid.symmetry, ", "));
  const auto constant_now = channel_units(data).constant;  // one that varies now is learnt
  for (size_t c = 0; c < spec.units.constant.size(); ++c)
    spec.units.constant[c] = spec.units.constant[c] && !constant_now.empty() && constant_now[c];
  spec.seen = joined(before, spec.seen);
  MultiscaleModel model(spec);
  auto parameters = model->named_parameters(), buffers = model->named_buffers();
  for (const auto& p : source->named_parameters()) parameters[p.key()].copy_(p.value());
  for (const auto& b : source->named_buffers()) buffers[b.key()].copy_(b.value());
  model->drift->inputs.measure_what_varies_now(before, data.mu("train"),
                                               forcing_with_clock(data, "train", spec.own_clock()));
  for (auto* t : {&model->dispersion->scale(), &model->initial_scale, &model->observation_variance})
    t->fill_(1);
  return model;
}

}  // namespace msde
