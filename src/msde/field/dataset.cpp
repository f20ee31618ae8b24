#include "msde/field/dataset.hpp"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <vector>

#include "msde/core/error.hpp"
#include "msde/core/random/random.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/field/repeated_ends.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/tensor/slab_memory.hpp"

namespace msde {
namespace {

const std::vector<std::string> split_names = {"train", "val", "test"};
constexpr double kSameTime = .01;  // of a spacing: times closer than that are one

// x + std * N(0, 1), values `first`, first + 1, .. of the key; rounded to the type of x once, as generated data
// are.
template <class T>
void add_noise(torch::Tensor& x, const RandomKey& key, int64_t first, double std) {
  constexpr int64_t kBlock = 8192;
  T* const values = x.data_ptr<T>();
  at::parallel_for(0, x.numel(), kBlock, [&](int64_t begin, int64_t end) {
    std::vector<double> noise(kBlock);
    for (int64_t i = begin; i < end; i += kBlock) {
      const int64_t n = std::min(kBlock, end - i);
      fill_normal(key, static_cast<uint64_t>(first + i), n, noise.data());
      for (int64_t k = 0; k < n; ++k)
        values[i + k] = static_cast<T>(std * noise[k] + static_cast<double>(values[i + k]));
    }
  });
}

// Snapshots of a trajectory of the file, from `start` on, that are seen as a trajectory.
struct Stretch {
  int64_t trajectory = 0, start = 0;
};

// [stretches, n_rows, n_columns]: of each stretch so many rows of `values` [trajectories, rows, n_columns].
template <class T>
torch::Tensor rows(const std::vector<T>& values, int64_t rows_of_each, const std::vector<Stretch>& stretches,
                   int64_t n_rows, int64_t n_columns) {
  const auto N = static_cast<int64_t>(stretches.size());
  auto tensor = torch::empty({N, n_rows, n_columns}, c10::CppTypeToScalarType<T>::value);
  T* out = tensor.template data_ptr<T>();
  for (const auto& [trajectory, start] : stretches)
    out =
        std::copy_n(values.data() + (trajectory * rows_of_each + start) * n_columns, n_rows * n_columns, out);
  return tensor;
}

}  // namespace

namespace {

// Points of other data are fluid where the model knows them to be.
void take_mask(Grid& grid, const std::shared_ptr<const Mask>& mask, const std::string& path) {
  if (mask && mask->points() != grid.points()) return;  // another grid, which is refused as such
  int64_t lacking = 0;
  for (int64_t i = 0; grid.mask && i < grid.points(); ++i)
    lacking += !grid.mask->is_fluid(i) && (!mask || mask->is_fluid(i));
  if (lacking > 0)
    throw DataError(
        fmt::format("{}: {} points are no fluid that the model was trained on; got fields at {} of {} points",
                    path, lacking, grid.fluid_points(), grid.points()));
  grid.mask = mask;
}

}  // namespace

// Splits that the plan for memory keeps whole are filled once.
struct Dataset::Filling {
  Fill fill;
  mutable std::mutex mutex = {};
  mutable std::map<std::string, torch::Tensor> whole = {};
};

struct Dataset::Contents {
  // A split: stretches of the trajectories first, first + 1, .. of a set of the source.
  struct Part {
    std::string name;
    uint64_t number;  // part of the random keys: train 0, val 1, test 2, as `msde generate` has it
    size_t set;
    int64_t first;
    std::vector<Stretch> stretches;
    int64_t n_snapshots;                         // of each
    int64_t starts_of_each = 1;                  // trajectory
    mutable torch::Tensor x = {}, x_clean = {};  // the cache, undefined until asked for

    int64_t n() const { return static_cast<int64_t>(stretches.size()); }
  };

  std::unique_ptr<FieldSource> source;
  DatasetOptions options;
  Grid grid;
  std::vector<AxisRange> box;  // of the source's grid
  std::vector<Part> parts;
  // HDF5 is not used from two threads at once: every access holds the first. The second guards the cache.
  mutable std::mutex file_mutex, cache_mutex;

  const TrajectorySet& set_of(const Part& part) const { return source->facts().sets[part.set]; }
  bool adds_noise() const { return options.view.noise > 0; }
  bool has_clean(const Part& part) const { return adds_noise() || set_of(part).has_clean; }

  const Part* look_for(const std::string& name) const {
    for (const Part& part : parts)
      if (part.name == name) return &part;
    return nullptr;
  }
  const Part& find(const std::string& name) const {
    if (const Part* part = look_for(name)) return *part;
    std::vector<std::string> present;
    for (const Part& part : parts) present.push_back(part.name);
    throw DataError(
        fmt::format("{}: no split '{}'{}; the file has: {}", source->path(), name,
                    source->facts().has_splits() ? " ('" + name + "_x' is missing)"
                    : options.view.split_time.empty()
                        ? ""
                        : " (data.split_time = \"" + options.view.split_time + "\" leaves it nothing)",
                    fmt::join(present, ", ")));
  }

  void take_own_splits() {
    const auto& view = options.view;
    const auto& facts = source->facts();
    if (!view.split.empty())
      throw ConfigError(
          fmt::format("{}: has splits of its own; leave out --split (data.split)", source->path()));
    if (view.noise > 0 && facts.noise_std.value_or(1) != 0)
      throw ConfigError(fmt::format(
          "{}: its fields are observations already{}; leave out --noise (data.noise)", source->path(),
          facts.noise_std ? fmt::format(" (noise_std = {:g})", *facts.noise_std) : ""));
    if (!view.split_time.empty())
      throw ConfigError(
          fmt::format("{}: has splits of its own; leave out --split-time (data.split_time)", source->path()));
    for (size_t i = 0; i < facts.sets.size(); ++i) {
      const auto& name = facts.sets[i].split;
      const auto number = std::find(split_names.begin(), split_names.end(), name) - split_names.begin();
      add_part(static_cast<uint64_t>(number), i, {0, facts.sets[i].n_trajectories},
               {0, facts.sets[i].n_snapshots});
    }
  }

  struct Range {
    int64_t first = 0, n = 0;
  };
  void add_part(uint64_t number, size_t set, const Range& trajectories, const Range& snapshots) {
    const auto& view = options.view;
    Part part = {split_names[number], number, set, trajectories.first, {}, snapshots.n};
    int64_t starts = 1, every = 0;
    if (number > 0 && view.start_every > 0) {
      if (view.start_length < 2)
        refuse(fmt::format("starts every {} snapshots: got forecasts of {} snapshots, expected at least 2",
                           view.start_every, view.start_length));
      part.n_snapshots = std::min(view.start_length, snapshots.n);
      every = view.start_every;
      starts = part.starts_of_each = (snapshots.n - part.n_snapshots) / every + 1;
    }
    for (int64_t i = 0; i < trajectories.n; ++i)
      for (int64_t k = 0; k < starts; ++k)
        part.stretches.push_back({trajectories.first + i, snapshots.first + k * every});
    parts.push_back(std::move(part));
  }

  [[noreturn]] void refuse(const std::string& why) const { throw ConfigError(source->path() + ": " + why); }

  void make_splits() {
    const auto& view = options.view;
    const auto& set = source->facts().sets[0];
    const int64_t N = set.n_trajectories;
    if (!view.split.empty() && !view.split_time.empty())
      refuse("got --split (data.split) and --split-time (data.split_time); leave one of them out");
    if (!view.split_time.empty()) return split_in_time();
    if (view.split.empty()) refuse_without_split();
    if (view.split.size() != 3)
      refuse(fmt::format("--split (data.split): got {} counts, expected 3: training, validation, test",
                         view.split.size()));
    int64_t first = 0;
    for (size_t i = 0; i < 3; ++i) {
      const int64_t n = view.split[i];
      if (n < 0 || n > N - first)
        refuse(fmt::format("--split (data.split): got {}, the file has {} trajectories",
                           fmt::join(view.split, ","), N));
      if (n > 0) add_part(i, 0, {first, n}, {0, set.n_snapshots});
      first += n;
    }
    if (parts.empty()) refuse("--split (data.split): got 0 trajectories in every split");
  }

  [[noreturn]] void refuse_without_split() const {
    const auto& set = source->facts().sets[0];
    const auto counts = suggested_split(set.n_trajectories);
    const auto cut = suggested_split_time(set.n_snapshots);
    const bool few = set.n_trajectories < 3;
    refuse(fmt::format(
        "{} trajector{} without splits; say {}: {} in a configuration, {} of msde import", set.n_trajectories,
        set.n_trajectories == 1 ? "y" : "ies",
        few ? "where validation and test begin in time" : "how many are for training, validation and test",
        few ? fmt::format("data.split_time = \"{}\"", cut)
            : fmt::format("data.split = [{}]", fmt::join(counts, ", ")),
        few ? "--split-time " + cut : fmt::format("--split {}", fmt::join(counts, ","))));
  }

  // The first snapshot that is not before `time`; trajectories whose times differ have no such number.
  int64_t snapshot_at(double time) const {
    const auto& set = source->facts().sets[0];
    const auto begin = set.times.begin(), end = begin + set.n_snapshots;
    const int64_t compared = set.equal_times ? 1 : set.n_snapshots;
    for (int64_t i = 1; i < set.n_trajectories; ++i)
      for (int64_t k = 0; k < compared; ++k)
        if (std::abs(set.times[static_cast<size_t>(i * set.n_snapshots + k)] - begin[k]) > kSameTime * set.dt)
          refuse(fmt::format(
              "--split-time (data.split_time): its trajectories {} different times; give snapshots",
              k == 0 ? "start at" : "have"));
    return std::lower_bound(begin, end, time - kSameTime * set.dt) - begin;
  }

  void split_in_time() {
    const auto& set = source->facts().sets[0];
    const std::string option = "--split-time (data.split_time)";
    const auto cut = parse_split_time(options.view.split_time, source->path() + ": " + option);
    if (!cut.by_time && cut.test > static_cast<double>(set.n_snapshots))
      refuse(fmt::format("{}: got '{}', but there are {} snapshots", option, options.view.split_time,
                         set.n_snapshots));
    const auto at = [&](double begin) {
      return cut.by_time ? snapshot_at(begin) : static_cast<int64_t>(begin);
    };
    const int64_t begins[] = {0, at(cut.validation), at(cut.test), set.n_snapshots};
    for (size_t i = 0; i < 3; ++i) {
      const int64_t n = begins[i + 1] - begins[i];
      if (n == 1)
        refuse(fmt::format("{}: got '{}', which leaves {} of its {} snapshots for {}, expected at least 2",
                           option, options.view.split_time, n, set.n_snapshots, split_names[i]));
      if (n > 0) add_part(i, 0, {0, set.n_trajectories}, {begins[i], n});
    }
    if (parts.empty()) refuse(option + ": leaves no snapshots");
  }

  // Of training or, without it, of the first split.
  double mean_spacing() const {
    const Part* train = look_for("train");
    const Part& part = train ? *train : parts.front();
    const auto& set = set_of(part);
    double length = 0;
    for (const auto& [trajectory, start] : part.stretches) {
      const auto first = static_cast<size_t>(trajectory * set.n_snapshots + start);
      length += set.times[first + static_cast<size_t>(part.n_snapshots) - 1] - set.times[first];
    }
    return length / static_cast<double>(part.n() * (part.n_snapshots - 1));
  }

  torch::ScalarType stored_type() const {
    return source->facts().finer_than_float ? torch::kDouble : torch::kFloat;
  }

  template <class T>
  void read_stored(const Part& part, bool clean, const FrameRange& frames, T* out) const {
    const std::lock_guard lock(file_mutex);
    const bool stored_clean = set_of(part).has_clean && (clean || adds_noise());
    stored_clean ? source->read_clean(part.set, frames, out) : source->read(part.set, frames, out);
  }

  // A slab seen through the view, in the type that the file has: what is subtracted is subtracted before anything
  // is rounded.
  torch::Tensor read(const Part& part, bool clean, int64_t trajectory, int64_t start, int64_t count) const {
    const auto& view = options.view;
    const Stretch& seen = part.stretches[static_cast<size_t>(trajectory)];
    const FrameRange frames = {seen.trajectory, seen.start + start, count};
    auto shape = source->facts().grid.shape;
    shape.insert(shape.begin(), {count, source->facts().grid.channels});
    const bool fine = stored_type() == torch::kDouble;
    auto x = slab_memory(shape, stored_type());
    if (x.numel() > 0)
      fine ? read_stored(part, clean, frames, x.data_ptr<double>())
           : read_stored(part, clean, frames, x.data_ptr<float>());
    if (view.subtract != 0) x = x.to(torch::kDouble).sub_(view.subtract).to(stored_type());
    if (adds_noise() && !clean) {
      x = x.contiguous();
      const RandomKey key = {static_cast<uint64_t>(view.seed), Stream::data_noise,
                             part.number << 32 | static_cast<uint64_t>(seen.trajectory - part.first)};
      const int64_t first = frames.start * source->facts().grid.size();
      fine ? add_noise<double>(x, key, first, view.noise) : add_noise<float>(x, key, first, view.noise);
    }
    if (!view.crop.empty()) {
      for (size_t i = 0; i < box.size(); ++i)
        x = x.narrow(static_cast<int64_t>(i) + 2, box[i].first, box[i].last - box[i].first);
      x = x.contiguous();
    }
    if (source->facts().mask_is_found && !options.mask) require_missing(part, frames, clean, x);
    return with_solid(x, grid, 0);
  }

  // A mask that some snapshots have shown holds in all.
  void require_missing(const Part& part, const FrameRange& frames, bool clean, const torch::Tensor& x) const {
    const auto there = x.flatten(2).index_select(2, solid_points(grid)).isfinite().all(1).any(1);  // [count]
    if (!there.any().item<bool>()) return;
    throw DataError(fmt::format(
        "{}: {}, snapshot {}: has values at points that are missing in all snapshots looked at; data.mask "
        "says "
        "which points are fluid",
        source->path(), source->place(part.set, frames.trajectory, clean && set_of(part).has_clean),
        frames.start + there.nonzero()[0].item<int64_t>()));
  }

  // Looks at some snapshots of the first trajectory, without noise that the view adds.
  void require_points_once() const {
    constexpr int64_t kSnapshots = 6;
    const auto is_periodic = [](const AxisEnds& ends) { return ends.periodic(); };
    if (std::none_of(grid.boundary.begin(), grid.boundary.end(), is_periodic)) return;
    const Part& part = parts.front();
    std::vector<torch::Tensor> rows;
    for (int64_t i = 0; i < kSnapshots; ++i)
      rows.push_back(read(part, /*clean=*/true, 0, i * (part.n_snapshots - 1) / (kSnapshots - 1), 1));
    refuse_repeated_ends(source->path(), grid, torch::cat(rows));
  }

  // [count, C, *grid] of one trajectory, by way of the cache where the whole split is small.
  torch::Tensor cached(const Part& part, bool clean, const FrameRange& frames) const {
    const auto [trajectory, start, count] = frames;
    if (trajectory < 0 || trajectory >= part.n() || start < 0 || count < 0 ||
        start > part.n_snapshots - count) {
      throw DataError(fmt::format(
          "{}: '{}': asked for snapshots {}..{} of trajectory {}, but there are {} of {} trajectories",
          source->path(), part.name, start, start + count - 1, trajectory, part.n_snapshots, part.n()));
    }
    if (!fits_cache(part)) return read(part, clean, trajectory, start, count);
    const std::lock_guard lock(cache_mutex);
    auto& cache = clean ? part.x_clean : part.x;
    if (!cache.defined())
      cache = whole(part, [&](int64_t i) { return read(part, clean, i, 0, part.n_snapshots); });
    return cache[trajectory].narrow(0, start, count).clone();  // a copy: the caller may write to it
  }

  bool fits_cache(const Part& part) const {
    const double bytes = static_cast<double>(c10::elementSize(stored_type())) *
                         static_cast<double>(part.n()) * static_cast<double>(part.n_snapshots) *
                         static_cast<double>(grid.size());
    return bytes < static_cast<double>(options.memory.cache_bytes);
  }

  // [N, T, C, *grid] of trajectories [T, C, *grid].
  torch::Tensor whole(const Part& part, const std::function<torch::Tensor(int64_t)>& trajectory) const {
    std::vector<int64_t> shape = {part.n(), part.n_snapshots, grid.channels};
    shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
    auto all = torch::empty(shape, stored_type());
    for (int64_t i = 0; i < part.n(); ++i) all[i].copy_(trajectory(i));
    return all;
  }

  torch::Tensor cached_filled(const Part& part, const FrameRange& frames, const Filling& f) const {
    if (!fits_cache(part)) return f.fill(cached(part, /*clean=*/false, frames));
    const std::lock_guard lock(f.mutex);
    auto& all = f.whole[part.name];
    if (!all.defined())
      all = whole(part, [&](int64_t i) {
        return f.fill(cached(part, /*clean=*/false, {i, 0, part.n_snapshots}));
      });
    return all[frames.trajectory].narrow(0, frames.start, frames.count).clone();
  }
};

Dataset Dataset::open(const std::string& path, const DatasetOptions& options) {
  return of(open_fields(path, {.variables = options.view.variables, .mask = options.view.mask}), options);
}

Dataset Dataset::of(std::unique_ptr<FieldSource> source, const DatasetOptions& options) {
  auto contents = std::make_shared<Contents>();
  const auto& facts = source->facts();
  contents->options = options;
  contents->grid = view_grid(facts.grid, options.view, source->path());
  contents->box = view_box(facts.grid, options.view, source->path());
  if (options.mask) take_mask(contents->grid, *options.mask, source->path());
  contents->source = std::move(source);
  require_dates({options.view.clock, facts.unit_names.time}, contents->source->path());
  facts.has_splits() ? contents->take_own_splits() : contents->make_splits();
  contents->require_points_once();
  Dataset dataset;
  dataset.contents_ = std::move(contents);
  return dataset;
}

Dataset Dataset::in(const Units& units) const {
  Dataset dataset = *this;
  dataset.units_ = std::make_shared<const Units>(units);
  return dataset;
}

Dataset Dataset::filled(Fill fill) const {
  Dataset dataset = *this;
  auto filling = std::make_shared<Filling>();
  filling->fill = std::move(fill);
  dataset.fill_ = std::move(filling);
  return dataset;
}

struct Dataset::Framing {
  StartFrame frame;
  // Of trajectories asked for before.
  mutable std::mutex mutex;
  mutable std::map<std::pair<std::string, int64_t>, std::vector<int64_t>> places;

  std::vector<int64_t> places_of(const Dataset& unmoved, const std::string& split, int64_t trajectory) const {
    const std::lock_guard lock(mutex);
    auto& found = places[{split, trajectory}];
    if (found.empty()) found = frame.places(unmoved.stored_fields(split, trajectory, 0, 1)[0]);
    return found;
  }
};

Dataset Dataset::in_frame(const StartFrame& frame) const {
  Dataset dataset = *this;
  auto framing = std::make_shared<Framing>();
  framing->frame = frame;
  dataset.frame_ = std::move(framing);
  return dataset;
}

Dataset Dataset::with_symmetry(const std::vector<std::string>& words) const {
  Dataset dataset = *this;
  auto grid = std::make_shared<Grid>(this->grid());
  grid->symmetry = words;
  dataset.grid_ = std::move(grid);
  return dataset;
}

torch::Tensor Dataset::fill(const torch::Tensor& stored) const {
  return fill_ ? fill_->fill(stored) : stored;
}

torch::Tensor Dataset::share_seen(const std::string& split, int64_t trajectory, int64_t start,
                                  int64_t count) const {
  const auto& part = contents_->find(split);
  std::vector<torch::Tensor> shares;
  for (int64_t k = 0; k < count; k += block_rows()) {
    const int64_t n = std::min(block_rows(), count - k);
    const auto stored = contents_->cached(part, /*clean=*/false, {trajectory, start + k, n});
    shares.push_back(1 - stored.isnan().flatten(1).sum(1).to(torch::kFloat) /
                             static_cast<double>(grid().fluid_size()));
  }
  return torch::cat(shares);
}

Dataset Dataset::unfilled() const {
  Dataset dataset = *this;
  dataset.fill_ = nullptr;
  return dataset;
}

const std::string& Dataset::path() const {
  return contents_->source->path();
}
const SourceFacts& Dataset::facts() const {
  return contents_->source->facts();
}
const Grid& Dataset::grid() const {
  return grid_ ? *grid_ : contents_->grid;
}
FieldLabels Dataset::labels() const {
  return {facts().channels, facts().unit_names};
}
Clock Dataset::clock() const {
  return {contents_->options.view.clock, facts().unit_names.time};
}
const std::vector<std::string>& Dataset::asked_symmetry() const {
  return contents_->options.view.symmetry;
}
const std::string& Dataset::case_name() const {
  const auto& name = contents_->options.view.case_name;
  return name.empty() ? facts().case_name : name;
}
std::optional<double> Dataset::noise_std() const {
  return contents_->adds_noise() ? contents_->options.view.noise : facts().noise_std;
}
std::optional<int64_t> Dataset::seed() const {
  return contents_->adds_noise() ? contents_->options.view.seed : facts().seed;
}
double Dataset::dt() const {
  const double dt = equal_times() ? facts().sets.front().dt : contents_->mean_spacing();
  return units_ ? dt / units_->time_scale : dt;
}
bool Dataset::equal_times() const {
  return facts().equal_times();
}
const MemoryPlan& Dataset::memory() const {
  return contents_->options.memory;
}
int64_t Dataset::block_rows() const {
  constexpr int64_t most = 256;
  return std::clamp<int64_t>(memory().block_bytes / (8 * grid().size()), 1, most);
}
int64_t Dataset::n_mu() const {
  return facts().sets.front().n_mu;
}
int64_t Dataset::n_f() const {
  return facts().sets.front().n_f;
}

bool Dataset::has_split(const std::string& split) const {
  return contents_->look_for(split) != nullptr;
}

SplitShape Dataset::split(const std::string& split) const {
  const auto& part = contents_->find(split);
  return {part.n(), part.n_snapshots, contents_->has_clean(part)};
}

bool Dataset::draws_noise() const {
  return contents_->adds_noise();
}

std::string Dataset::place(const std::string& split, int64_t trajectory, int64_t snapshot, bool clean) const {
  const auto& part = contents_->find(split);
  const Stretch& seen = part.stretches[static_cast<size_t>(trajectory)];
  const auto where =
      contents_->source->place(part.set, seen.trajectory, clean && contents_->set_of(part).has_clean);
  return fmt::format("{}, snapshot {}", where, seen.start + snapshot);
}

int64_t Dataset::starts_per_block(const std::string& split) const {
  const auto& part = contents_->find(split);
  const int64_t every = contents_->options.view.start_every;
  if (every == 0 || part.number == 0) return 1;
  const int64_t predicted = part.n_snapshots - 1;
  return std::clamp<int64_t>((predicted + every - 1) / every, 1, part.starts_of_each);
}

torch::ScalarType Dataset::stored_type() const {
  return contents_->stored_type();
}

torch::Tensor Dataset::stored_fields(const std::string& split, int64_t trajectory, int64_t start,
                                     int64_t count, bool clean) const {
  const auto& part = contents_->find(split);
  if (clean && !contents_->has_clean(part))
    throw DataError(fmt::format("{}: '{}_x_clean' is missing", path(), split));
  const auto stored = clean || !fill_ ? contents_->cached(part, clean, {trajectory, start, count})
                                      : contents_->cached_filled(part, {trajectory, start, count}, *fill_);
  const auto fields = units_ ? with_solid(units_->without(stored, grid().dimensions()), grid(), 0) : stored;
  if (!frame_) return fields;
  Dataset unmoved = *this;
  unmoved.frame_ = nullptr;
  return moved(fields, frame_->frame.period, frame_->places_of(unmoved, split, trajectory));
}

torch::Tensor Dataset::fields(const std::string& split, int64_t trajectory, int64_t start,
                              int64_t count) const {
  return stored_fields(split, trajectory, start, count).to(torch::kFloat);
}

torch::Tensor Dataset::clean_fields(const std::string& split, int64_t trajectory, int64_t start,
                                    int64_t count) const {
  return stored_fields(split, trajectory, start, count, /*clean=*/true).to(torch::kFloat);
}

torch::Tensor Dataset::times(const std::string& split) const {
  const auto& part = contents_->find(split);
  const auto& set = contents_->set_of(part);
  const auto times = rows(set.times, set.n_snapshots, part.stretches, part.n_snapshots, 1).select(2, 0);
  return units_ ? (times - units_->time_origin) / units_->time_scale : times;
}
std::vector<double> Dataset::first_times(const std::string& split, int64_t trajectory, int64_t count) const {
  const auto first = times(split)[trajectory].narrow(0, 0, count).contiguous();
  return {first.data_ptr<double>(), first.data_ptr<double>() + count};
}
torch::Tensor Dataset::mu(const std::string& split) const {
  const auto& part = contents_->find(split);
  const auto& set = contents_->set_of(part);
  std::vector<Stretch> whole = part.stretches;
  for (auto& seen : whole) seen.start = 0;
  return rows(set.mu, 1, whole, 1, set.n_mu).select(1, 0);
}
torch::Tensor Dataset::forcing(const std::string& split) const {
  const auto& part = contents_->find(split);
  const auto& set = contents_->set_of(part);
  return rows(set.forcing, set.n_snapshots, part.stretches, part.n_snapshots, set.n_f);
}

}  // namespace msde
