#include "msde/infer/record/hand_over.hpp"

#include "msde/model/model_file.hpp"

namespace msde {

void hand_over(Checkpoint& training, const RankedGroup& group) {
  if (group.ranks().alone()) return;
  torch::NoGradGuard no_grad;
  auto& [model, state] = training;
  const bool leads = group.leads();
  const auto spec = group.broadcast(leads ? spec_to_json(model->spec()) : "");
  if (!leads) model = MultiscaleModel(spec_from_json(spec, "rank 0"));
  for (const auto& [name, tensor] : state_of(model)) group.broadcast(tensor);

  set_progress(state, group.broadcast(progress_to_json(state)));
  const bool continued = !group.broadcast(leads && state.first.defined() ? "continued" : "").empty();
  if (!continued) return;
  for (auto* t : {&state.first, &state.second, &state.average, &state.best}) {
    if (!leads) *t = torch::zeros({model->trained_count()});
    group.broadcast(*t);
  }
}

}  // namespace msde
