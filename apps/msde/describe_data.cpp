#include "apps/msde/describe_data.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "msde/core/log.hpp"
#include "msde/core/signals.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/field/formats/slabs.hpp"

namespace msde {
namespace {

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
};

Range range_of(const Dataset& data, const std::string& split) {
  Range range;
  for (const auto& slab : slabs_of(data)) {
    if (slab.split != split) continue;
    throw_if_interrupted();
    const auto x = data.fields(split, slab.trajectory, slab.start, slab.count);
    range.low = std::min(range.low, x.min().item<double>());
    range.high = std::max(range.high, x.max().item<double>());
    if (!x.isfinite().all().item<bool>()) data.check_finite();  // throws, naming the place
  }
  return range;
}

// Text of a file, safe to print: one line.
std::string printable(std::string text) {
  constexpr size_t kMost = 200;
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 127) c = ' ';
  return text.size() > kMost ? text.substr(0, kMost) + " .." : text;
}

std::string describe_grid(const SourceFacts& facts) {
  const Grid& grid = facts.grid;
  std::string text =
      fmt::format("grid: {} points, {} channels{}\n", fmt::join(grid.shape, " x "), grid.channels,
                  facts.channels.empty() ? "" : fmt::format(" ({})", fmt::join(facts.channels, ", ")));
  for (size_t i = 0; i < grid.shape.size(); ++i) {
    const auto axis = static_cast<int64_t>(i);
    const double first = grid.origin_of(axis), spacing = grid.spacing_of(axis);
    text += fmt::format("axis {}: {} points {:.7g} .. {:.7g}, spacing {:.7g}, length {:.7g}, {}{}\n",
                        grid.axes[i], grid.shape[i], first,
                        first + spacing * static_cast<double>(grid.shape[i] - 1), spacing, grid.length[i],
                        to_string(grid.boundary[i]),
                        facts.boundary_is_assumed ? " (assumed; the file does not say)" : "");
  }
  return text;
}

std::string describe_set(const Dataset& data, const std::string& split, const std::string& label) {
  const auto shape = data.split(split);
  const auto times = data.times(split);
  const auto range = range_of(data, split);
  return fmt::format("{}: {} trajectories x {} snapshots, t {:.6g} .. {:.6g}, values {:.4g} .. {:.4g}{}\n",
                     label, shape.n_trajectories, shape.n_snapshots, times.min().item<double>(),
                     times.max().item<double>(), range.low, range.high,
                     shape.has_clean ? ", with clean fields" : "");
}

}  // namespace

// Read whole before anything is printed: a damaged file gives an error and no half of an answer.
std::string describe_data(const std::string& path) {
  auto source = open_fields(path);
  const SourceFacts facts = source->facts();
  DatasetOptions options;
  const int64_t n = facts.sets.front().n_trajectories;
  if (!facts.has_splits()) options.view.split = {n, 0, 0};
  options.memory.cache_bytes = 0;
  const Dataset data = Dataset::of(std::move(source), options);

  std::string text = fmt::format("dataset: {}\nformat: {}\n", path, facts.format);
  text += fmt::format("case: {}\n", facts.case_name.empty() ? "not in the file" : printable(facts.case_name));
  text += describe_grid(facts);
  text += fmt::format("dt: {:.6g}\nparameters mu: {}{}\nforcing f: {}\n", data.dt(), data.n_mu(),
                      facts.parameters.empty() ? "" : fmt::format(" ({})", fmt::join(facts.parameters, ", ")),
                      data.n_f());
  text +=
      facts.noise_std ? fmt::format("noise_std: {:g}\n", *facts.noise_std) : "noise_std: not in the file\n";
  if (facts.seed) text += fmt::format("seed: {}\n", *facts.seed);
  for (const auto& attribute : facts.attributes) text += printable(attribute) + "\n";
  for (const auto& note : facts.notes) text += "note: " + printable(note) + "\n";
  if (facts.has_splits()) {
    for (const auto& set : facts.sets) text += describe_set(data, set.split, set.split);
    return text;
  }
  text += describe_set(data, "train", "no splits");
  const auto split = suggested_split(n);
  text += fmt::format(
      "to read it: --split {} of msde import, or data.split = [{}] beside data.path{}\n",
      fmt::join(split, ","), fmt::join(split, ", "),
      facts.boundary_is_assumed ? "; --boundary or data.boundary, if what is assumed is wrong" : "");
  return text;
}

void warn_of_assumptions(const Dataset& data, const std::string& boundary_option) {
  if (data.facts().boundary_is_assumed && !boundary_option.empty())
    spdlog::warn("{}: does not say its boundaries; {} is assumed, {} says otherwise", data.path(),
                 to_string(data.grid().boundary[0]), boundary_option);
  for (const auto& note : data.facts().notes) spdlog::warn("{}: {}", data.path(), printable(note));
}

}  // namespace msde
