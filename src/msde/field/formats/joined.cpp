#include "msde/field/formats/joined.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <glob.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>

#include "msde/core/error.hpp"
#include "msde/core/files/natural_order.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/field/formats/the_well.hpp"
#include "msde/field/time_axis.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

// What is kept of a file when it is closed again.
struct Part {
  std::string path;
  int64_t n_trajectories = 0, n_snapshots = 0;
  double dt = 0;
  std::vector<double> times;  // in the units of the first file
  std::vector<float> mu, forcing;

  double end() const { return times[static_cast<size_t>(n_snapshots - 1)]; }  // of its first trajectory
};

// The files of a split, and how they go together.
struct Joint {
  std::vector<Part> parts;
  bool in_time = false;  // else side by side
};

std::vector<std::string> found_by(const std::string& pattern) {
  glob_t found = {};
  const int result = glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> files;
  for (size_t i = 0; result == 0 && i < found.gl_pathc; ++i) files.push_back(found.gl_pathv[i]);
  globfree(&found);
  if (files.empty())
    throw DataError(pattern +
                    ": no file is called so, and none is found by it as a pattern with *, ? or [..]");
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return in_natural_order(a, b); });
  return files;
}

class Joined : public FieldSource {
 public:
  Joined(const std::string& path, const std::vector<FilesOfSplit>& files, FieldChoice choice)
      : FieldSource(path), choice_(std::move(choice)) {
    choice_.may_be_one_snapshot = true;
    for (const auto& [split, names] : files) {
      Joint joint;
      for (const auto& name : names) joint.parts.push_back(look_at(name));
      joint.in_time = sort_in_time(joint.parts);
      joints_.push_back(std::move(joint));
      add_set(split, joints_.back());
    }
    const size_t n = std::accumulate(joints_.begin(), joints_.end(), size_t{0},
                                     [](size_t sum, const Joint& joint) { return sum + joint.parts.size(); });
    const Joint& first = joints_.front();
    facts_.notes.insert(
        facts_.notes.begin(),
        fmt::format("{} files {}: {} .. {}", n,
                    first.in_time && first.parts.size() > 1 ? "one after the other in time" : "side by side",
                    fs::path(first.parts.front().path).filename().string(),
                    fs::path(joints_.back().parts.back().path).filename().string()));
  }

  void read(size_t set, const FrameRange& frames, float* out) const override {
    read_parts(set, frames, out, false);
  }
  void read(size_t set, const FrameRange& frames, double* out) const override {
    read_parts(set, frames, out, false);
  }
  void read_clean(size_t set, const FrameRange& frames, float* out) const override {
    read_parts(set, frames, out, true);
  }
  void read_clean(size_t set, const FrameRange& frames, double* out) const override {
    read_parts(set, frames, out, true);
  }

  std::string place(size_t set, int64_t trajectory, bool clean) const override {
    const Joint& joint = joints_.at(set);
    size_t part = 0;
    for (; !joint.in_time && trajectory >= joint.parts[part].n_trajectories; ++part)
      trajectory -= joint.parts[part].n_trajectories;
    const auto where = source(joint.parts[part].path).place(0, trajectory, clean);
    return joint.in_time ? where : fmt::format("'{}': {}", joint.parts[part].path, where);
  }
  // Of the first file.
  std::optional<StaticArray> on_grid(const std::string& array) const override {
    return source(first_).on_grid(array);
  }

 private:
  [[noreturn]] static void fail(const std::string& path, const std::string& why) {
    throw DataError(path + ": " + why);
  }

  // Opens a file, compares it with the first and keeps what is known without its fields.
  Part look_at(const std::string& path) {
    const FieldSource& opened = source(path);
    const SourceFacts& facts = opened.facts();
    if (facts.has_splits()) fail(path, "has splits of its own; expected files without, to be one together");
    if (first_.empty()) {
      first_ = path;
      facts_ = facts;
      facts_.sets.clear();
    }
    require_like_first(path, facts);
    facts_.finer_than_float |= facts.finer_than_float;
    const TrajectorySet& set = facts.sets.front();
    if (set.n_snapshots < 1 || set.n_trajectories < 1) fail(path, "holds no snapshots");
    Part part = {path, set.n_trajectories, set.n_snapshots, set.dt, set.times, set.mu, set.forcing};
    for (double& time : part.times) {
      const auto here = converted(as_in_file(time, facts.unit_names.time), plain(facts.unit_names.time),
                                  plain(facts_.unit_names.time));
      if (!here)
        fail(path,
             fmt::format("its times are in '{}', those of {} in '{}'; expected one calendar and known units",
                         facts.unit_names.time.units, first_, facts_.unit_names.time.units));
      time = *here;
    }
    has_clean_ = has_clean_ && set.has_clean;
    n_mu_ = set.n_mu, n_f_ = set.n_f;
    return part;
  }

  // Units of the numbers in the file.
  static TimeUnits plain(TimeUnits units) {
    units.in_months = false;
    return units;
  }

  void require_like_first(const std::string& path, const SourceFacts& facts) const {
    const Grid& a = facts_.grid;
    const Grid& b = facts.grid;
    const auto list = [](const auto& values) { return fmt::format("[{}]", fmt::join(values, ", ")); };
    if (b.shape != a.shape || b.axes != a.axes)
      fail(path, fmt::format("got a grid of {} points over {}, expected {} over {} as {}", list(b.shape),
                             list(b.axes), list(a.shape), list(a.axes), first_));
    if (facts.channels != facts_.channels || b.channels != a.channels)
      fail(path, fmt::format("got the channels {}, expected {} as {}", list(facts.channels),
                             list(facts_.channels), first_));
    if (facts.unit_names.channels != facts_.unit_names.channels)
      fail(path, fmt::format("got fields in {}, expected {} as {}", list(facts.unit_names.channels),
                             list(facts_.unit_names.channels), first_));
    for (int64_t axis = 0; axis < a.dimensions(); ++axis)
      if (std::abs(a.origin_of(axis) - b.origin_of(axis)) > .01 * a.spacing_of(axis) ||
          std::abs(a.spacing_of(axis) - b.spacing_of(axis)) *
                  static_cast<double>(a.shape[static_cast<size_t>(axis)]) >
              .01 * a.spacing_of(axis))
        fail(path, fmt::format("got points from {:g} by {:g} along {}, expected from {:g} by {:g} as {}",
                               b.origin_of(axis), b.spacing_of(axis), a.axes[static_cast<size_t>(axis)],
                               a.origin_of(axis), a.spacing_of(axis), first_));
    const TrajectorySet& set = facts.sets.front();
    if (path != first_ && (set.n_mu != n_mu_ || set.n_f != n_f_))
      fail(path, fmt::format("got {} parameters and {} forcings, expected {} and {} as {}", set.n_mu, set.n_f,
                             n_mu_, n_f_, first_));
  }

  // Whether the parts follow each other in time; if so, they are put into that order.
  static bool sort_in_time(std::vector<Part>& parts) {
    if (parts.size() == 1) return true;
    auto sorted = parts;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Part& a, const Part& b) { return a.times.front() < b.times.front(); });
    constexpr double kShortestGap = .5, kLongestGap = 1.5;  // of the spacings within files
    double least = std::numeric_limits<double>::infinity(), most = 0;
    for (const Part& part : sorted)
      for (int64_t i = 1; i < part.n_snapshots; ++i) {
        const double spacing = part.times[static_cast<size_t>(i)] - part.times[static_cast<size_t>(i - 1)];
        least = std::min(least, spacing), most = std::max(most, spacing);
      }
    for (size_t i = 1; i < sorted.size(); ++i) {
      const double gap = sorted[i].times.front() - sorted[i - 1].end();
      const bool follows = most > 0 ? gap > kShortestGap * least && gap < kLongestGap * most : gap > 0;
      if (sorted[i].n_trajectories != sorted[0].n_trajectories || !follows) return false;
    }
    parts = std::move(sorted);
    return true;
  }

  void add_set(const std::string& split, const Joint& joint) {
    TrajectorySet set;
    set.split = split;
    set.has_clean = has_clean_;
    set.n_mu = n_mu_, set.n_f = n_f_;
    joint.in_time ? join_in_time(set, joint.parts) : join_side_by_side(set, joint.parts);
    const auto where = path_ + ": times of its files";
    auto spacing = spacing_of_files(set, where);
    if (auto months = spacing.equal ? std::vector<double>{} : months_of(set); !months.empty()) {
      set.times = std::move(months);
      spacing = spacing_of(set.times, set.n_trajectories, where, Stored::float64);
      facts_.unit_names.time.in_months = true;
    }
    set.dt = spacing.mean, set.equal_times = spacing.equal;
    const bool both_equal = !facts_.sets.empty() && set.equal_times && facts_.sets.front().equal_times;
    if (both_equal && std::abs(set.dt - facts_.sets.front().dt) > .01 * set.dt)
      fail(path_, fmt::format("snapshots of '{}' are {:g} apart, those of '{}' {:g}", split, set.dt,
                              facts_.sets.front().split, facts_.sets.front().dt));
    facts_.sets.push_back(std::move(set));
  }

  // As float64 tells them apart or, where files have float32, as that does.
  static Spacing spacing_of_files(const TrajectorySet& set, const std::string& where) {
    const auto spacing = spacing_of(set.times, set.n_trajectories, where, Stored::float64);
    if (!spacing.equal) try {
        const auto coarse = spacing_of(set.times, set.n_trajectories, where, Stored::float32);
        if (coarse.equal) return coarse;
      } catch (const DataError&) {  // float32 does not tell them apart: they are float64
      }
    return spacing;
  }

  // Times of a set that are equally far apart in months of the calendar, counted so; else nothing.
  std::vector<double> months_of(const TrajectorySet& set) const {
    std::vector<double> all;
    for (auto row = set.times.begin(); row != set.times.end(); row += set.n_snapshots) {
      const auto months = as_months({row, row + set.n_snapshots}, plain(facts_.unit_names.time));
      if (months.empty()) return {};
      all.insert(all.end(), months.begin(), months.end());
    }
    return all;
  }

  static void join_in_time(TrajectorySet& set, const std::vector<Part>& parts) {
    set.n_trajectories = parts[0].n_trajectories;
    for (const Part& part : parts) set.n_snapshots += part.n_snapshots;
    if (set.n_snapshots < 2) fail(parts[0].path, "got 1 snapshot, expected at least 2");
    set.mu = parts[0].mu;
    for (const Part& part : parts)
      if (part.mu != set.mu)
        fail(part.path, fmt::format("its parameters are not those of {}", parts[0].path));
    const auto n_f = set.n_f;
    for (int64_t n = 0; n < set.n_trajectories; ++n)
      for (const Part& part : parts) {
        const auto append = [&](const auto& from, auto& to, int64_t width) {
          to.insert(to.end(), from.begin() + n * part.n_snapshots * width,
                    from.begin() + (n + 1) * part.n_snapshots * width);
        };
        append(part.times, set.times, 1);
        append(part.forcing, set.forcing, n_f);
      }
  }

  static void join_side_by_side(TrajectorySet& set, const std::vector<Part>& parts) {
    set.n_snapshots = parts[0].n_snapshots;
    for (const Part& part : parts) {
      if (part.n_snapshots != set.n_snapshots)
        fail(part.path,
             fmt::format("got {} snapshots, expected {} as {}, or files that begin a step after another has "
                         "ended",
                         part.n_snapshots, set.n_snapshots, parts[0].path));
      if (part.n_snapshots < 2)
        fail(part.path,
             fmt::format("got 1 snapshot at time {:.9g}, and the files do not follow each other in time",
                         part.times.front()));
      set.n_trajectories += part.n_trajectories;
      set.times.insert(set.times.end(), part.times.begin(), part.times.end());
      set.mu.insert(set.mu.end(), part.mu.begin(), part.mu.end());
      set.forcing.insert(set.forcing.end(), part.forcing.begin(), part.forcing.end());
    }
  }

  template <class T>
  void read_parts(size_t set, FrameRange frames, T* out, bool clean) const {
    const Joint& joint = joints_.at(set);
    for (const Part& part : joint.parts) {
      if (frames.count == 0) return;
      int64_t& at = joint.in_time ? frames.start : frames.trajectory;
      const int64_t here = joint.in_time ? part.n_snapshots : part.n_trajectories;
      if (at >= here) {
        at -= here;
        continue;
      }
      const int64_t count = joint.in_time ? std::min(frames.count, here - at) : frames.count;
      const FrameRange of_part = {frames.trajectory, frames.start, count};
      const FieldSource& from = source(part.path);
      clean ? from.read_clean(0, of_part, out) : from.read(0, of_part, out);
      out += count * facts_.grid.size();
      frames.count -= count;
      if (joint.in_time) at = 0;
    }
  }

  // The file, opened if need be; the one that was asked for longest ago is closed.
  const FieldSource& source(const std::string& path) const {
    constexpr size_t kOpen = 8;
    const auto found =
        std::find_if(open_.begin(), open_.end(), [&](const auto& one) { return one->path() == path; });
    if (found != open_.end()) {
      std::rotate(open_.begin(), found, found + 1);
    } else {
      open_.insert(open_.begin(), open_fields(path, of_part()));
      if (open_.size() > kOpen) open_.pop_back();
    }
    return *open_.front();
  }

  FieldChoice of_part() const {
    FieldChoice choice = choice_;
    choice.looks_for_mask = false;
    return choice;
  }

  FieldChoice choice_;
  std::string first_;          // the file that all others are compared with
  std::vector<Joint> joints_;  // of each set
  bool has_clean_ = true;
  int64_t n_mu_ = 0, n_f_ = 0;
  mutable std::vector<std::unique_ptr<FieldSource>> open_;  // the last one that was asked for first
};

}  // namespace

bool is_pattern(const std::string& path) {
  std::error_code ignored;
  return path.find_first_of("*?[") != std::string::npos && !fs::exists(path, ignored);
}

std::vector<std::string> files_of(const std::string& path) {
  if (is_pattern(path)) return found_by(path);
  std::vector<std::string> all;
  for (const auto& [split, files] : files_of_the_well(path))
    all.insert(all.end(), files.begin(), files.end());
  return all.empty() ? std::vector<std::string>{path} : all;
}

std::unique_ptr<FieldSource> open_joined(const std::string& path, const std::vector<FilesOfSplit>& files,
                                         const FieldChoice& choice) {
  return std::make_unique<Joined>(path, files, choice);
}

}  // namespace msde
