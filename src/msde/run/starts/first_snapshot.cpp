#include "msde/run/starts/first_snapshot.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "msde/core/error.hpp"
#include "msde/field/array_tensor.hpp"
#include "msde/field/forecast_times.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/field/split_layout.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;

const std::vector<std::string> kForcingNames = {"f", "forcing"};
const std::vector<std::string> kBeside = {"mu", "t", "f", "forcing", "x_clean"};

// "test_x" -> "test_": what the names beside the fields begin with.
std::string prefix_of(const std::string& fields) {
  const bool split = fields.size() > 2 && fields.compare(fields.size() - 2, 2, "_x") == 0;
  return split ? fields.substr(0, fields.size() - 1) : "";
}

bool is_beside(const std::string& name) {
  const auto tail = name.compare(0, 5, "test_") == 0 ? name.substr(5) : name;
  return std::find(kBeside.begin(), kBeside.end(), tail) != kBeside.end();
}

// The array of a file that holds the fields.
std::string fields_of(const StoredArrays& file, Holds holds) {
  if (holds == Holds::forecast) return "point";
  for (const char* name : {"x", "test_x"})
    if (file.is_array(name)) return name;
  std::vector<std::string> arrays;
  for (const auto& name : file.names())
    if (file.is_array(name) && !is_beside(name)) arrays.push_back(name);
  if (arrays.size() == 1) return arrays[0];
  throw DataError(file.path() + ": " + std::to_string(arrays.size()) +
                  " datasets that may be fields; expected one named x or test_x, or a single one");
}

// Only the first snapshot of whole trajectories is read: files may be larger than memory.
Tensor read_fields(const StoredArrays& file, const std::string& name, size_t grid_axes) {
  ArrayBox box;
  box.count = file.shape(name);
  box.start.assign(box.count.size(), 0);
  if (box.count.size() == grid_axes + 3) box.count[1] = std::min<int64_t>(1, box.count[1]);
  return read_tensor(file, name, box);
}

void require_file(const std::string& path) {
  std::error_code problem;
  if (!std::filesystem::exists(path, problem))
    throw DataError(path + ": " + (problem ? problem.message() : "no such file"));
}

std::optional<std::string> find_array(const StoredArrays& file, const std::string& prefix,
                                      const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (file.is_array(prefix + name)) return prefix + name;
  return std::nullopt;
}

std::string place(const StoredArrays& file, const std::string& name) {
  return file.path() + ": " + file.called(name);
}

// float64.
Tensor read_finite(const StoredArrays& file, const std::string& name) {
  if (!file.is_numeric(name)) throw DataError(place(file, name) + ": got values that are not numbers");
  auto values = read_tensor(file, name);
  check_finite<DataError>(place(file, name), values);
  return values;
}

Tensor as_series(const Tensor& values, const std::string& where) {
  if (values.dim() < 1 || values.dim() > 3 || values.numel() == 0)
    throw DataError(where + ": got shape " + shape_text(values.sizes()) +
                    ", expected a forcing [K], [K, n_f] or [N, K, n_f]");
  const auto rows = values.dim() == 1 ? values.unsqueeze(1) : values;
  return (rows.dim() == 2 ? rows.unsqueeze(0) : rows).to(torch::kFloat).contiguous();
}

// The times of whole trajectories [N, T], or of the first snapshots alone.
void set_times(FirstSnapshots& s, const StoredArrays& file, const std::string& name, int64_t n_snapshots) {
  const std::string where = place(file, name);
  Tensor t = read_finite(file, name);
  const int64_t N = s.first.size(0);
  if (n_snapshots > 0) {
    if (t.dim() == 1 && t.size(0) == n_snapshots) t = t.unsqueeze(0);
    if (t.dim() != 2 || t.size(1) != n_snapshots || (t.size(0) != N && t.size(0) != 1))
      throw DataError(fmt::format("{}: got shape {}, expected [{}] or [{}, {}]", where, shape_text(t.sizes()),
                                  n_snapshots, N, n_snapshots));
    t = t.expand({N, n_snapshots}).contiguous();
    if (n_snapshots > 1) {
      const double* values = t.data_ptr<double>();
      const auto spacing = spacing_of({values, values + t.numel()}, N, where, file.stored_as(name));
      s.dt = spacing.mean;
      if (!spacing.equal) s.times = t;
      s.n_snapshots = n_snapshots;
    }
    t = t.select(1, 0);
  } else if (t.numel() != 1 && (t.dim() != 1 || t.size(0) != N)) {
    throw DataError(
        fmt::format("{}: got shape {}, expected one time or [{}]", where, shape_text(t.sizes()), N));
  }
  t = t.flatten().expand({N}).contiguous();
  s.start = {t.data_ptr<double>(), t.data_ptr<double>() + N};
}

// [N, n_mu] from that, from [n_mu] for all trajectories, or with one parameter from [N].
Tensor as_parameters(const Tensor& values, int64_t N, int64_t n_mu, const std::string& where) {
  if (values.dim() == 2 && values.size(0) == N && values.size(1) == n_mu) return values;
  if (values.numel() == n_mu) return values.reshape({1, n_mu}).expand({N, n_mu});
  if (n_mu == 1 && values.numel() == N) return values.reshape({N, 1});
  throw DataError(fmt::format("{}: got shape {}, expected [{}, {}] or [{}], as the model has {} parameters",
                              where, shape_text(values.sizes()), N, n_mu, n_mu, n_mu));
}

struct Beside {
  std::string prefix;   // of the names
  int64_t n_snapshots;  // 0: not whole trajectories
  int64_t n_mu, n_f;    // of the model: what it has none of is not read
};

void read_beside(FirstSnapshots& s, const StoredArrays& file, const Beside& b) {
  const auto& prefix = b.prefix;
  if (const auto name = find_array(file, prefix, {"mu"}); name && b.n_mu > 0)
    s.mu = as_parameters(read_finite(file, *name).to(torch::kFloat), s.first.size(0), b.n_mu,
                         place(file, *name));
  if (const auto name = find_array(file, prefix, kForcingNames); name && b.n_f > 0)
    s.forcing = as_series(read_finite(file, *name), place(file, *name));
  if (const auto name = find_array(file, prefix, {"t"})) set_times(s, file, *name, b.n_snapshots);
}

// Of a forecast: when each trajectory begins, and how far its frames are apart.
void read_forecast_times(FirstSnapshots& s, const StoredArrays& file, int64_t n_snapshots) {
  const auto times = forecast_times(file, s.first.size(0), n_snapshots);
  if (!times) return;
  const auto start = times->select(1, 0).contiguous();
  s.start = {start.data_ptr<double>(), start.data_ptr<double>() + start.numel()};
  if (n_snapshots < 2) return;
  s.n_snapshots = n_snapshots;
  s.dt =
      ((*times)[0][n_snapshots - 1] - (*times)[0][0]).item<double>() / static_cast<double>(n_snapshots - 1);
  const auto t = times->contiguous();
  const double* values = t.data_ptr<double>();
  const auto where = file.path() + ": times";
  const auto spacing = spacing_of({values, values + t.numel()}, t.size(0), where, Stored::float64);
  if (!spacing.equal) s.dt = spacing.mean, s.times = t;
}

// DataError unless times of the forecast count as those of a model that reads dates from them.
void require_clock_of(const ModelSpec& spec, const StoredArrays& file) {
  if (spec.clock.empty() || !file.is_array("time")) return;
  const TimeUnits& expected = spec.labels.units.time;
  const auto got = file.text("time", "units").value_or(expected.units),
             calendar = file.text("time", "calendar").value_or(expected.calendar);
  if (got != expected.units || calendar != expected.calendar)
    throw DataError(fmt::format("{}: got times in '{}', {}, expected '{}', {} as the model was trained on",
                                file.path(), got, calendar, expected.units, expected.calendar));
}

// x and t as a dataset has them; nothing where they are first snapshots, which may have other shapes and times.
std::optional<SplitLayout> layout_or_none(const StoredArrays& file) try {
  return read_split_layout(file, "", /*fields_only=*/true);
} catch (const DataError&) {
  return std::nullopt;
}

// Whether x [T, C, *grid] or [N, T, C, *grid] and t are trajectories of the model's fields.
bool are_trajectories(const StoredArrays& file, const ModelSpec& spec) {
  constexpr double kSame = .01;  // of dt
  const auto layout = layout_or_none(file);
  if (!layout || layout->snapshot_shape().size() != spec.grid.shape.size() + 1) return false;
  if (layout->one_trajectory && !layout->equal_times) return false;
  const bool may_be_starts = layout->one_trajectory && layout->x[1] == 2;
  return !may_be_starts || std::abs(layout->dt - spec.dt) <= kSame * spec.dt;
}

}  // namespace

Layout layout_of(const std::string& path, const ModelSpec& spec) {
  require_file(path);
  FileProbe probe(path);
  const FieldFormat& format = format_of(probe);
  if (!format.open || !format.open_arrays) return format.open ? Layout::dataset : Layout::snapshots;
  const auto file = format.open_arrays(std::move(probe));
  if (file->is_array("x"))
    return are_trajectories(*file, spec) ? Layout::fields_with_times : Layout::snapshots;
  bool splits = false;
  for (const std::string split : {"train", "val", "test"}) splits = splits || file->has(split + "_x");
  const bool whole = file->has("test_x") && file->has("test_t") && file->shape("test_x").size() >= 4 &&
                     file->shape("test_t").size() == 2 && file->shape("test_x")[1] > 1;
  return !splits || whole ? Layout::dataset : Layout::snapshots;
}

void read_inputs_beside(FirstSnapshots& s, const std::string& path, const ModelSpec& spec) {
  read_beside(s, *open_arrays(path), {"", s.n_snapshots, spec.n_mu, spec.n_given_f()});
}

Tensor read_forcing(const std::string& path) {
  require_file(path);
  const auto file = open_arrays(path);
  auto name = find_array(*file, "", kForcingNames);
  if (const auto names = file->names(); !name && names.size() == 1 && file->is_array(names[0]))
    name = names[0];
  if (!name) throw DataError(path + ": expected a dataset f or forcing, or a single one");
  return as_series(read_finite(*file, *name), place(*file, *name));
}

FirstSnapshots read_first_snapshots(const std::string& path, const ModelSpec& spec) {
  const Grid& grid = spec.grid;
  require_file(path);
  const size_t axes = grid.shape.size();
  FileProbe probe(path);
  const FieldFormat& format = format_of(probe);
  const auto file = format.open_arrays ? format.open_arrays(std::move(probe)) : open_arrays(path);
  const std::string name = fields_of(*file, format.holds);
  Tensor x = read_fields(*file, name, axes);
  const std::vector<int64_t> stored = file->shape(name);
  const bool whole = stored.size() == axes + 3;
  if (whole && x.size(1) > 0) x = x.select(1, 0);

  std::vector<int64_t> snapshot = {grid.channels};
  snapshot.insert(snapshot.end(), grid.shape.begin(), grid.shape.end());
  if (x.dim() == static_cast<int64_t>(axes) && grid.channels == 1) x = x.unsqueeze(0);
  if (x.dim() == static_cast<int64_t>(axes) + 1)
    x = x.sizes() == at::IntArrayRef(snapshot) ? x.unsqueeze(0) : x.unsqueeze(1);
  if (x.dim() != static_cast<int64_t>(axes) + 2 || x.sizes().slice(1) != at::IntArrayRef(snapshot) ||
      x.size(0) == 0)
    throw DataError(path + ": got shape " + shape_text(stored) + ", expected first snapshots " +
                    shape_text(snapshot) +
                    " as the model was trained on, with or without a leading axis of trajectories");
  x = with_solid(x, grid, 0);
  check_snapshots(path, x, grid);

  FirstSnapshots s;
  s.first = x.contiguous();
  const int64_t N = x.size(0);
  s.understood = fmt::format("[{}] read as {} {}", fmt::join(stored, ", "), N,
                             whole ? (N > 1 ? "whole trajectories" : "whole trajectory")
                                   : (N > 1 ? "trajectories of one snapshot each" : "first snapshot"));
  if (!whole && N > 1)
    s.understood += fmt::format(" (one trajectory of {} snapshots would be [1, {}, {}])", N, N,
                                fmt::join(snapshot, ", "));
  read_beside(s, *file, {prefix_of(name), whole ? stored[1] : 0, spec.n_mu, spec.n_given_f()});
  if (format.holds == Holds::forecast && whole) {
    require_clock_of(spec, *file);
    read_forecast_times(s, *file, stored[1]);
  }
  return s;
}

}  // namespace msde
