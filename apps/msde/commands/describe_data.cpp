#include "apps/msde/commands/describe_data.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "msde/core/options/option_value.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/core/report/printable.hpp"
#include "msde/field/data_view.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/grid/coarse_sizes.hpp"

namespace msde {
namespace {

template <class T>
struct Range {
  T low = std::numeric_limits<T>::infinity(), high = -std::numeric_limits<T>::infinity();
};

// Widens the range by the values. The first one that is not finite or too large, or -1. In lanes and without branches, so
// that compilers make vector code of it; v - v is 0 for a finite v, else not a number.
template <class T>
int64_t widen(Range<T>& range, const std::vector<T>& values) {
  constexpr size_t kLanes = 16;
  T low[kLanes], high[kLanes], zero[kLanes] = {};
  std::fill_n(low, kLanes, range.low);
  std::fill_n(high, kLanes, range.high);
  const auto take = [&](size_t lane, T v) {
    low[lane] = v < low[lane] ? v : low[lane];
    high[lane] = v > high[lane] ? v : high[lane];
    zero[lane] += v - v;
  };
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes)
    for (size_t lane = 0; lane < kLanes; ++lane) take(lane, values[i + lane]);
  for (; i < values.size(); ++i) take(0, values[i]);
  range.low = *std::min_element(low, low + kLanes);
  range.high = *std::max_element(high, high + kLanes);
  const bool are_finite = std::all_of(zero, zero + kLanes, [](T z) { return z == 0; });
  if (are_finite && range.low >= -kMostValue && range.high <= kMostValue) return -1;
  return std::find_if_not(values.begin(), values.end(), [](T v) { return std::abs(v) <= kMostValue; }) -
         values.begin();
}

constexpr int64_t kValues = int64_t{4} << 20;  // looked at in one go: 16 or 32 MiB

// Gives points that are no fluid the value of one that is: they count in nothing.
template <class T>
void leave_out_solid(std::vector<T>& values, const Grid& grid) {
  if (!grid.mask) return;
  const auto solid = grid.mask->solid();
  const auto fluid = grid.mask->fluid();
  const auto points = static_cast<size_t>(grid.points());
  for (size_t field = 0; field < values.size(); field += points) {
    const auto there = std::find_if(fluid.begin(), fluid.end(), [&](int64_t i) {
      return !std::isnan(values[field + static_cast<size_t>(i)]);
    });
    const T any = values[field + static_cast<size_t>(there == fluid.end() ? fluid.front() : *there)];
    for (const int64_t i : solid) values[field + static_cast<size_t>(i)] = any;
  }
}

struct Values {
  Range<double> range;
  int64_t missing = 0;  // of those that are fluid
};

// Counts what is missing of snapshots [count, size], widened to a range before. DataError for values that are infinite or
// too large, and for snapshots without any value.
template <class T>
int64_t count_missing(const FieldSource& source, size_t s, const FrameRange& frames,
                      const std::vector<T>& values) {
  const auto size = static_cast<size_t>(source.facts().grid.size());
  int64_t missing = 0;
  for (int64_t k = 0; k < frames.count; ++k) {
    const auto begin = values.begin() + static_cast<int64_t>(size) * k,
               end = begin + static_cast<int64_t>(size);
    const auto where = [&] {
      return fmt::format("{}, snapshot {}", source.place(s, frames.trajectory, false), frames.start + k);
    };
    const auto bad =
        std::find_if(begin, end, [](T v) { return !std::isnan(v) && !(std::abs(v) <= kMostValue); });
    if (bad != end) throw not_finite(source.path(), where(), *bad);
    const auto here = std::count_if(begin, end, [](T v) { return std::isnan(v); });
    if (here == static_cast<int64_t>(size)) throw no_values(source.path(), where());
    missing += here;
  }
  return missing;
}

template <class T>
Values values_of(const FieldSource& source, size_t s) {
  const TrajectorySet& set = source.facts().sets[s];
  const int64_t size = source.facts().grid.size(), step = std::max<int64_t>(1, kValues / size);
  Range<T> range;
  int64_t missing = 0;
  std::vector<T> values;
  for (int64_t n = 0; n < set.n_trajectories; ++n)
    for (int64_t start = 0; start < set.n_snapshots; start += step) {
      throw_if_interrupted();
      const int64_t count = std::min(step, set.n_snapshots - start);
      values.resize(count * size);
      source.read(s, {n, start, count}, values.data());
      leave_out_solid(values, source.facts().grid);
      if (widen(range, values) >= 0) missing += count_missing<T>(source, s, {n, start, count}, values);
    }
  return {{range.low, range.high}, missing};
}

// "1.7e+09", or as many digits as tell numbers apart that differ by a hundredth of `step`.
std::string with_digits(double value, double largest, double step) {
  constexpr double kLeast = 4, kOfConstant = 7, kMost = 15;
  double digits = step > 0 && largest > 0 ? std::ceil(std::log10(largest / step)) + 2 : kOfConstant;
  if (digits > kLeast) digits = std::max(digits, std::floor(std::log10(largest)) + 1);  // no exponent
  return fmt::format("{:.{}g}", value, static_cast<int>(std::clamp(digits, kLeast, kMost)));
}
std::string span_text(double low, double high, double step) {
  const double largest = std::max(std::abs(low), std::abs(high));
  return with_digits(low, largest, step) + " .. " + with_digits(high, largest, step);
}

// "4, 6, 12", the largest few; "none (crop it)" for a prime.
std::string sizes_text(int64_t points) {
  constexpr size_t kShown = 8;
  auto sizes = coarse_sizes(points);
  if (sizes.empty()) return "none (crop it)";
  if (sizes.size() > kShown) sizes.erase(sizes.begin(), sizes.end() - kShown);
  return fmt::format("{}", fmt::join(sizes, ", "));
}

// " [m/s]", "" where the file does not say.
std::string in_units(const std::vector<std::string>& units, size_t i) {
  return i < units.size() && !units[i].empty() ? " [" + printable(units[i]) + "]" : "";
}

std::vector<std::string> channel_texts(const SourceFacts& facts) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < facts.channels.size(); ++i)
    texts.push_back(printable(facts.channels[i]) + in_units(facts.unit_names.channels, i));
  return texts;
}

// "time: days since 1900-01-01, 360_day; 1980-01-14 14:00 .. 1990-12-14 10:00".
std::string describe_calendar(const SourceFacts& facts) {
  const TimeUnits& time = facts.unit_names.time;
  if (time.units.empty()) return "";
  const TrajectorySet& set = facts.sets.front();
  const auto [first, last] = std::minmax_element(set.times.begin(), set.times.end());
  const auto begin = date_text(*first, time);
  return fmt::format("time: {}{}{}\n", printable(time.units),
                     time.calendar.empty() ? "" : ", " + printable(time.calendar),
                     begin.empty() ? "" : fmt::format("; {} .. {}", begin, date_text(*last, time)));
}

// Of those that divide the axis the one nearest to a usual size.
int64_t usual_coarse_size(int64_t points, size_t dimensions) {
  const int64_t wanted = std::min<int64_t>(points / 4, dimensions == 1 ? 20 : 8);
  int64_t best = 0;
  for (const int64_t size : coarse_sizes(points))
    if (best == 0 || std::abs(size - wanted) < std::abs(best - wanted)) best = size;
  return best;
}

// What a configuration says to read the file: the keys without a default that fits.
std::string describe_configuration(const std::string& path, const SourceFacts& facts,
                                   const std::vector<std::string>& variables) {
  std::string data = fmt::format("  data.path = {}\n", quoted_toml(path));
  if (!variables.empty())
    data += fmt::format("  data.variables = {}\n", quoted_toml(fmt::format("{}", fmt::join(variables, ","))));
  std::string flags;
  if (!facts.has_splits()) {
    const TrajectorySet& any = facts.sets.front();
    const auto split = suggested_split(any.n_trajectories);
    const auto cut = suggested_split_time(any.n_snapshots);
    const bool few = split[2] == 0;
    data += few ? fmt::format("  data.split_time = \"{}\"\n", cut)
                : fmt::format("  data.split = [{}]\n", fmt::join(split, ", "));
    flags = few ? " --split-time " + cut : fmt::format(" --split {}", fmt::join(split, ","));
  }
  std::vector<std::string> assumed;
  for (size_t axis = 0; axis < facts.grid.axes.size(); ++axis)
    if (facts.boundary_is_assumed(axis)) assumed.push_back(facts.grid.axes[axis]);
  if (!assumed.empty())
    data += fmt::format("  data.boundary = \"{}\"  # assumed{}: periodic, wall, open, inflow or outflow\n",
                        boundary_words(facts.grid.boundary),
                        assumed.size() < facts.grid.axes.size()
                            ? fmt::format(" along {}", printable(fmt::format("{}", fmt::join(assumed, ", "))))
                            : "");
  std::vector<int64_t> n_zeta;
  for (const int64_t points : facts.grid.shape)
    n_zeta.push_back(usual_coarse_size(points, facts.grid.shape.size()));
  if (std::find(n_zeta.begin(), n_zeta.end(), 0) == n_zeta.end())
    data += fmt::format("  model.n_zeta = [{}]  # one of the sizes above along each axis\n",
                        fmt::join(n_zeta, ", "));
  return fmt::format(
      "to read it, in a configuration (msde config explain):\n{}or msde import FILE -o DATA{}\n", data,
      flags);
}

std::string describe_grid(const SourceFacts& facts) {
  const Grid& grid = facts.grid;
  std::string text =
      fmt::format("grid: {} points, {} channels{}\n", fmt::join(grid.shape, " x "), grid.channels,
                  facts.channels.empty() ? "" : fmt::format(" ({})", fmt::join(channel_texts(facts), ", ")));
  for (size_t i = 0; i < grid.shape.size(); ++i) {
    const auto axis = static_cast<int64_t>(i);
    const double first = grid.origin_of(axis), spacing = grid.spacing_of(axis);
    text += fmt::format("axis {}{}: {} points {:.7g} .. {:.7g}, spacing {:.7g}, length {:.7g}, {}{}\n",
                        grid.axes[i], in_units(facts.unit_names.axes, i), grid.shape[i], first,
                        first + spacing * static_cast<double>(grid.shape[i] - 1), spacing, grid.length[i],
                        boundary_word(grid.boundary[i]),
                        facts.boundary_is_assumed(i) ? " (assumed; the file does not say)" : "");
  }
  if (grid.mask) text += fmt::format("mask: {} of {} points are fluid\n", grid.fluid_points(), grid.points());
  text += "sizes for model.n_zeta:";
  for (size_t i = 0; i < grid.shape.size(); ++i)
    text += fmt::format("{} {} along {}", i > 0 ? ";" : "", sizes_text(grid.shape[i]), grid.axes[i]);
  text += "\n";
  return text;
}

// "dt: 0.001", or "times: unequal, spacing 0.0008 .. 0.0012, mean 0.001".
std::string describe_spacing(const SourceFacts& facts) {
  if (facts.equal_times()) return fmt::format("dt: {:.6g}\n", facts.sets.front().dt);
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (const TrajectorySet& set : facts.sets)
    for (size_t i = 0; i < set.times.size(); ++i) {
      if (i % static_cast<size_t>(set.n_snapshots) == 0) continue;
      const double spacing = set.times[i] - set.times[i - 1];
      least = std::min(least, spacing), most = std::max(most, spacing);
    }
  return fmt::format("times: unequal, spacing {:.6g} .. {:.6g}, mean {:.6g}\n", least, most,
                     facts.sets.front().dt);
}

std::string describe_set(const FieldSource& source, size_t s, const std::string& label) {
  const TrajectorySet& set = source.facts().sets[s];
  const auto [first, last] = std::minmax_element(set.times.begin(), set.times.end());
  const auto [range, missing] =
      source.facts().finer_than_float ? values_of<double>(source, s) : values_of<float>(source, s);
  const int64_t all = set.n_trajectories * set.n_snapshots * source.facts().grid.fluid_size();
  const auto& mark = source.facts().missing_mark;
  const auto lacking =
      missing == 0 ? ""
                   : fmt::format(", {} of {} missing{}", missing, all, mark.empty() ? "" : " (" + mark + ")");
  return fmt::format("{}: {} trajectories x {} snapshots, t {}, values {}{}{}\n", label, set.n_trajectories,
                     set.n_snapshots, span_text(*first, *last, set.dt),
                     span_text(range.low, range.high, range.high - range.low), lacking,
                     set.has_clean ? ", with clean fields" : "");
}

}  // namespace

// Read whole before anything is printed: a damaged file gives an error and no half of an answer.
namespace {

// Splits whose times are far from those of training.
std::string far_times(const SourceFacts& facts) {
  std::string text;
  const TrajectorySet& first = facts.sets.front();
  const auto [begin, end] = std::minmax_element(first.times.begin(), first.times.end());
  for (const auto& set : facts.sets) {
    const auto [low, high] = std::minmax_element(set.times.begin(), set.times.end());
    if (first.split == "train" && are_far_from(*low, *high, *begin, *end))
      text += fmt::format("note: {} is at times {:.9g} to {:.9g}, far outside those of train\n", set.split,
                          *low, *high);
  }
  return text;
}

}  // namespace

std::string describe_data(const std::string& path, const std::vector<std::string>& variables) {
  const auto source = open_fields(path, {variables});
  const SourceFacts& facts = source->facts();
  const TrajectorySet& any = facts.sets.front();

  std::string text = fmt::format("dataset: {}\nformat: {}\n", path, facts.format);
  text += fmt::format("case: {}\n", facts.case_name.empty() ? "not in the file" : printable(facts.case_name));
  text += describe_grid(facts);
  text += describe_calendar(facts);
  text += describe_spacing(facts);
  text += fmt::format("parameters mu: {}{}\nforcing f: {}\n", any.n_mu,
                      facts.parameters.empty() ? "" : fmt::format(" ({})", fmt::join(facts.parameters, ", ")),
                      any.n_f);
  text +=
      facts.noise_std ? fmt::format("noise_std: {:g}\n", *facts.noise_std) : "noise_std: not in the file\n";
  if (facts.seed) text += fmt::format("seed: {}\n", *facts.seed);
  for (const auto& attribute : facts.attributes) text += printable(attribute) + "\n";
  for (const auto& note : facts.notes) text += "note: " + printable(note) + "\n";
  if (facts.has_splits()) {
    for (size_t s = 0; s < facts.sets.size(); ++s) text += describe_set(*source, s, facts.sets[s].split);
    return text + far_times(facts) + describe_configuration(path, facts, variables);
  }
  text += describe_set(*source, 0, "no splits");
  return text + describe_configuration(path, facts, variables);
}

}  // namespace msde
