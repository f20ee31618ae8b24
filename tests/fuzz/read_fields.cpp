#include "tests/fuzz/read_fields.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "apps/msde/commands/describe_data.hpp"
#include "msde/field/formats/recognise.hpp"
#include "tests/fuzz/harness.hpp"

namespace msde::fuzz {
namespace {

constexpr int64_t kMostValues = int64_t{1} << 22;  // of one box

template <class Work>
void reading(Work work) {
  answered(ExitCode::data, work);
}

void require(bool holds, const char* promise) {
  if (!holds) finding(std::string("not kept: ") + promise);
}

void check_facts(const SourceFacts& facts) {
  const Grid& grid = facts.grid;
  const size_t d = grid.shape.size();
  require(!facts.sets.empty() && d >= 1 && grid.channels >= 1, "a set, an axis and a channel");
  require(grid.length.size() == d && grid.boundary.size() == d && grid.axes.size() == d,
          "lengths of the grid");
  require(grid.size() >= 1, "a grid of values");
  for (const double length : grid.length)
    require(length > 0 && std::isfinite(length), "lengths are positive");
  for (const auto& set : facts.sets) {
    const auto N = static_cast<size_t>(set.n_trajectories), T = static_cast<size_t>(set.n_snapshots);
    require(set.n_trajectories >= 1 && set.n_snapshots >= 2, "trajectories of two snapshots");
    require(set.times.size() == N * T && set.dt > 0, "times of all snapshots");
    require(set.mu.size() == N * static_cast<size_t>(set.n_mu), "mu of all trajectories");
    require(set.forcing.size() == N * T * static_cast<size_t>(set.n_f), "forcing of all snapshots");
  }
}

void read_trajectories(const std::string& path) {
  const auto source = open_fields(path);
  const SourceFacts& facts = source->facts();
  check_facts(facts);
  if (facts.grid.size() > kMostValues) return;
  for (size_t s = 0; s < facts.sets.size(); ++s) {
    const TrajectorySet& set = facts.sets[s];
    const int64_t count = std::min(set.n_snapshots, kMostValues / facts.grid.size());
    std::vector<double> values(static_cast<size_t>(count * facts.grid.size()));
    std::vector<float> short_values(values.size());
    for (const int64_t n : {int64_t{0}, set.n_trajectories - 1}) {
      const FrameRange frames{n, set.n_snapshots - count, count};
      reading([&] { source->read(s, frames, values.data()); });
      reading([&] { source->read(s, frames, short_values.data()); });
      if (set.has_clean) reading([&] { source->read_clean(s, frames, values.data()); });
      source->place(s, n, set.has_clean);
    }
  }
}

void read_arrays(const std::string& path) {
  const auto arrays = open_arrays(path);
  reading([&] { arrays->attributes(); });
  for (const auto& name : arrays->names())
    reading([&] {
      arrays->why_absent(name);
      if (!arrays->has(name) || !arrays->is_array(name)) return;
      const auto shape = arrays->shape(name);
      arrays->called(name), arrays->stored_as(name);
      ArrayBox box{std::vector<int64_t>(shape.size(), 0), shape};
      if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return;  // no values, whatever the other lengths
      if (!box.count.empty()) box.count[0] = std::min<int64_t>(box.count[0], 3);
      int64_t values = 1;
      for (const int64_t n : box.count)
        if (n < 0 || __builtin_mul_overflow(values, n, &values)) finding("an impossible shape was accepted");
      if (values > kMostValues || !arrays->is_numeric(name)) return;
      std::vector<double> read(static_cast<size_t>(values));
      arrays->read(name, box, read.data());
    });
}

}  // namespace

void read_fields(const std::string& path) {
  reading([&] { describe_data(path, {}); });
  reading([&] { read_trajectories(path); });
  reading([&] { read_arrays(path); });
}

}  // namespace msde::fuzz
