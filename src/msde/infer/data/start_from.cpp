#include "msde/infer/data/start_from.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "msde/core/error.hpp"
#include "msde/infer/data/prepare.hpp"
#include "msde/model/clock_forcing.hpp"
#include "msde/model/model_file.hpp"

namespace msde {

MultiscaleModel trained_elsewhere(const std::string& folder, const Dataset& data) {
  torch::NoGradGuard no_grad;
  auto source = load_model(folder);
  ModelSpec spec = source->spec();
  if (spec.clock != data.clock().words)
    throw ConfigError(fmt::format("data.clock: got [{}], the model of {} was trained with [{}]; use the same",
                                  fmt::join(data.clock().words, ", "), folder, fmt::join(spec.clock, ", ")));
  const SeenInputs before = spec.seen.known ? spec.seen : source->drift->inputs.seen_of_units();
  set_world(spec, data);
  check_fits(spec, data);
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
