#include "msde/run/asymmetric_starts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>

#include "msde/core/report/log.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/scales/find_symmetry.hpp"

namespace msde {
namespace {

// `snapshot` returns one of `count`, [1, C, *grid] without units.
void warn(const std::string& where, int64_t count, const std::function<torch::Tensor(int64_t)>& snapshot,
          const ModelSpec& spec) {
  constexpr double kRounding = 1e-4;  // of the field
  int64_t breaking = 0, worst = 0;
  Asymmetry of_worst;
  for (int64_t i = 0; i < count; ++i) {
    const auto first = with_solid(snapshot(i), spec.grid, 0);
    if (first.isnan().any().item<bool>()) continue;
    const auto a = asymmetry(first[0], spec.grid, spec.channel_noise);
    if (a.share <= a.most_of_noise + kRounding) continue;
    ++breaking;
    if (a.share > of_worst.share) of_worst = a, worst = i;
  }
  if (breaking == 0) return;
  spdlog::warn(
      "{}: {} of {} are not symmetric as all fields of training were ({}), and what is not is lost: {:.2g} "
      "of the field of "
      "trajectory {} (without units), where noise makes up to {:.2g}; data.symmetry = \"none\" trains "
      "without symmetries",
      where, breaking, count, fmt::join(spec.grid.symmetry, ", "), of_worst.share, worst,
      of_worst.most_of_noise);
}

}  // namespace

void warn_of_asymmetric_starts(const Starts& starts, const MultiscaleModel& model) {
  const ModelSpec& spec = model->spec();
  if (spec.grid.symmetry.empty()) return;
  const auto frame = model->frame();
  warn(
      "first snapshots", starts.first.size(0),
      [&](int64_t i) {
        const auto first = spec.units.without(starts.first.narrow(0, i, 1), spec.grid.dimensions());
        return frame ? moved(first, frame->period, frame->places(first[0])) : first;
      },
      spec);
}

void warn_of_asymmetric_starts(const Dataset& data, const std::string& split, const MultiscaleModel& model) {
  const ModelSpec& spec = model->spec();
  if (spec.grid.symmetry.empty()) return;
  const auto seen = model->seen(data);
  warn(
      fmt::format("{}, first snapshots of {}", data.path(), split), data.split(split).n_trajectories,
      [&](int64_t i) { return seen.fields(split, i, 0, 1); }, spec);
}

}  // namespace msde
