#include "msde/field/formats/cf/cf_times.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"
#include "msde/field/time_axis.hpp"

namespace msde {
namespace {

int64_t length_of(const CfFile& file, const std::string& channel, const std::string& dimension) {
  const auto& v = *file.find(channel);
  const auto found = std::find(v.dimensions.begin(), v.dimensions.end(), dimension);
  return found == v.dimensions.end() ? 1 : v.shape[static_cast<size_t>(found - v.dimensions.begin())];
}

// What msde writes where trajectories have different times.
void take_times_of_each(CfTimes& read, const CfFile& file, const CfLayout& layout, int64_t N) {
  const auto* each = file.find("t");
  if (!each || !each->is_numeric || layout.sample.empty() || !each->is_over({layout.sample, layout.time}) ||
      file.text("t", "long_name").value_or("") != kTimesOfEach || read.dt == 0)
    return;
  read.times = file.read(*each);
  if (read.units.in_months) read.times = months_at(read.times, read.units);
  const auto spacing = spacing_of(read.times, N, file.path() + ": 't'", each->stored);
  read.dt = spacing.mean, read.equal_times = spacing.equal;
}

}  // namespace

CfTimes read_cf_times(const CfFile& file, const CfLayout& layout, int64_t N, bool may_be_one_snapshot) {
  CfTimes read;
  const int64_t T = length_of(file, layout.channels.front(), layout.time);
  const auto where = fmt::format("{}: '{}'", file.path(), printable(layout.time));
  if (T < 2 && !may_be_one_snapshot)
    throw DataError(
        fmt::format("{}: got {} snapshot, expected at least 2; several files that are one series are read "
                    "by a pattern, as data.path = \"out_*.nc\"",
                    where, T));
  const auto* coordinate = coordinate_of(file, layout.time);
  std::vector<double> t, in_file;  // in_file: where t is counted in months
  if (coordinate && coordinate->is_numeric) {
    t = file.read(*coordinate);
    if (static_cast<int64_t>(t.size()) != T)
      throw DataError(fmt::format("{}: got {} times of {} snapshots", where, t.size(), T));
    read.units.units = file.text(coordinate->name, "units").value_or("");
    read.units.calendar = file.text(coordinate->name, "calendar").value_or("");
  } else {
    for (int64_t k = 0; k < T; ++k) t.push_back(static_cast<double>(k));
    read.notes.push_back(fmt::format("'{}' has no coordinate: snapshots are counted from 0", layout.time));
  }
  const Stored stored = coordinate ? coordinate->stored : Stored::float64;
  if (T == 1) {
    if (!std::isfinite(t[0]))
      throw DataError(fmt::format("{}: got time {}, expected a finite number", where, t[0]));
  } else {
    auto months = coordinate && counts_months(file.text(layout.time, "counted_in")) ? months_at(t, read.units)
                                                                                    : std::vector<double>{};
    if (months.empty()) {
      const auto spacing = spacing_of(t, 1, where, stored);
      if (!spacing.equal) months = as_months(t, read.units);
      read.dt = spacing.mean, read.equal_times = spacing.equal;
    }
    if (!months.empty()) {
      in_file = t;
      t = std::move(months);
      read.units.in_months = true;
      const auto spacing = spacing_of(t, 1, where, Stored::float64);
      read.dt = spacing.mean, read.equal_times = spacing.equal;
      read.notes.push_back(
          fmt::format("'{}' is counted in months of its calendar, of which snapshots are {:g} apart",
                      layout.time, std::round(read.dt)));
    }
  }
  const auto* start = file.find("start");
  std::vector<double> starts(static_cast<size_t>(N), t[0]);
  if (start && start->is_numeric && layout.member.empty() && !layout.sample.empty() &&
      start->is_over({layout.sample})) {
    starts = file.read(*start);
    if (read.units.in_months)
      for (double& begin : starts)
        begin = t[0] + std::round(months_at(begin, read.units) - months_at(in_file[0], read.units));
  }
  for (const double begin : starts) {
    if (!std::isfinite(begin))
      throw DataError(fmt::format("{}: 'start': got {}, expected times", file.path(), begin));
    for (const double time : t) read.times.push_back(begin + (time - t[0]));
  }
  take_times_of_each(read, file, layout, N);
  return read;
}

}  // namespace msde
