#include "msde/field/formats/recognise.hpp"
#include "msde/library/arrays.hpp"
#include "msde/library/call.hpp"
#include "msde/library/contents.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/run/pipeline.hpp"

namespace msde {
namespace {

DataFacts facts_of(const Dataset& data) {
  DataFacts facts;
  facts.path = data.path();
  facts.format = data.facts().format;
  facts.case_name = data.case_name();
  facts.channels = data.grid().channels;
  facts.axes = axes_of(data.grid());
  for (const char* name : {"train", "val", "test"}) {
    if (!data.has_split(name)) continue;
    const auto split = data.split(name);
    facts.splits[name] = {split.n_trajectories, split.n_snapshots, split.has_clean};
  }
  facts.dt = data.dt();
  facts.noise_std = data.noise_std();
  facts.n_mu = data.n_mu();
  facts.n_forcing = data.n_f();
  facts.notes = data.facts().notes;
  return facts;
}

std::shared_ptr<const Data::Contents> contents_of(Dataset data) {
  auto facts = facts_of(data);
  return std::make_shared<const Data::Contents>(Data::Contents{std::move(data), std::move(facts)});
}

void require_range(const Dataset& data, const std::string& split, const FrameRange& r) {
  const auto shape = data.split(split);
  const auto inside = [](int64_t first, int64_t count, int64_t all) {
    return first >= 0 && count >= 1 && first <= all && count <= all - first;
  };
  if (!inside(r.trajectory, 1, shape.n_trajectories) || !inside(r.start, r.count, shape.n_snapshots))
    throw DataError(data.path() + ": " + split + " has " + std::to_string(shape.n_trajectories) +
                    " trajectories of " + std::to_string(shape.n_snapshots) + " snapshots; asked for " +
                    std::to_string(r.count) + " from " + std::to_string(r.start) + " on of trajectory " +
                    std::to_string(r.trajectory));
}

}  // namespace

Data::Data(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}

Data Data::open(const std::string& path) {
  const Call call;
  require_path(path, "path");
  auto source = open_fields(path);
  DataView view;
  if (!source->facts().has_splits()) view.split = {0, 0, source->facts().sets.front().n_trajectories};
  return Data(contents_of(Dataset::of(std::move(source), {.view = view})));
}

Data Data::open(const std::string& path, const Configuration& configuration) {
  const Call call;
  require_path(path, "path");
  return Data(contents_of(open_data(configuration.contents().settings, path)));
}

const DataFacts& Data::facts() const {
  return contents_->facts;
}

Array Data::fields(const std::string& split, int64_t trajectory, int64_t first, int64_t count) const {
  const Call call;
  require_range(contents_->data, split, {trajectory, first, count});
  return to_public(
      without_solid(contents_->data.fields(split, trajectory, first, count), contents_->data.grid()));
}

Array Data::clean_fields(const std::string& split, int64_t trajectory, int64_t first, int64_t count) const {
  const Call call;
  require_range(contents_->data, split, {trajectory, first, count});
  if (!contents_->data.split(split).has_clean)
    throw DataError(contents_->data.path() + ": has no clean fields of " + split);
  return to_public(
      without_solid(contents_->data.clean_fields(split, trajectory, first, count), contents_->data.grid()));
}

std::vector<double> Data::times(const std::string& split, int64_t trajectory) const {
  const Call call;
  require_range(contents_->data, split, {trajectory, 0, 1});
  const auto times = contents_->data.times(split)[trajectory].contiguous();
  return {times.data_ptr<double>(), times.data_ptr<double>() + times.numel()};
}

Array Data::mu(const std::string& split) const {
  const Call call;
  return to_public(contents_->data.mu(split));
}

Array Data::forcing(const std::string& split) const {
  const Call call;
  return to_public(contents_->data.forcing(split));
}

}  // namespace msde
