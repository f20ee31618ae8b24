#include "msde/field/formats/vtk_facts.hpp"

#include <fmt/format.h>

#include "msde/core/error.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/grid/boundary_words.hpp"

namespace msde {

SourceFacts facts_of(const VtkChannels& channels, bool with_z, std::vector<double> times,
                     const std::string& where) {
  SourceFacts facts;
  add_image_axes(facts.grid, channels.header(), with_z);
  facts.grid.channels = channels.count();
  if (facts.grid.shape.empty())
    throw DataError(channels.path() + ": has a single point, expected fields along at least one axis");
  facts.grid.boundary = parse_boundaries("open", facts.grid.axes.size(), channels.path());
  facts.assumed_boundaries.assign(facts.grid.axes.size(), true);
  facts.channels = channels.names();
  facts.finer_than_float = channels.finer_than_float();
  for (const auto& name : channels.header().left_out)
    facts.notes.push_back("'" + name + "' is left out: no field of numbers");
  for (const auto& name : channels.header().left_out_cells)
    facts.notes.push_back("'" + name + "' is left out: of cells, beside fields of points");
  if (channels.header().of_cells) facts.notes.push_back("fields of cells: points are their middles");
  TrajectorySet set;
  set.n_trajectories = 1, set.n_snapshots = static_cast<int64_t>(times.size());
  if (times.size() < 2) throw DataError(where + ": got 1 time, expected a series of at least 2");
  const auto spacing = spacing_of(times, 1, where, Stored::float64);
  set.dt = spacing.mean, set.equal_times = spacing.equal;
  set.times = std::move(times);
  facts.sets = {std::move(set)};
  return facts;
}

}  // namespace msde
