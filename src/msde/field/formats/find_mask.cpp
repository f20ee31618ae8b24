#include "msde/field/formats/find_mask.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"
#include "msde/field/formats/cf/cf_file.hpp"
#include "msde/field/formats/cf/cf_series.hpp"
#include "msde/field/formats/hdf5_arrays.hpp"
#include "msde/field/formats/joined.hpp"
#include "msde/field/formats/npy_array.hpp"
#include "msde/field/formats/npz_arrays.hpp"

namespace msde {
namespace {

constexpr int64_t kLooks = 32;        // snapshots that must miss a point
constexpr int64_t kMostLooks = 1024;  // where ever fewer points are missing

// Without axes of one value.
std::vector<int64_t> squeezed(std::vector<int64_t> shape) {
  shape.erase(std::remove(shape.begin(), shape.end(), 1), shape.end());
  return shape;
}

// `array` of a file in its stored order, of "" the one called 'mask' or else its only one; nothing where it has no such
// array. NetCDF goes first: it knows what is missing in classic files, too.
std::optional<StaticArray> read_numbers(const std::string& path, const std::string& array, const Grid& grid) {
  const auto wanted = squeezed(grid.shape);
  FileProbe probe(path);
  if (is_netcdf(probe)) {
    const auto file = open_cf_file(std::move(probe));
    const CfVariable* found = file->find(array.empty() ? "mask" : array);
    if (!found || !found->is_numeric) return std::nullopt;
    const bool fit = squeezed(found->shape) == wanted;
    if (fit) file->require_readable(*found), file->require_whole(*found);
    return StaticArray{found->shape, fit, fit ? file->read(*found) : std::vector<double>{}};
  }
  std::unique_ptr<StoredArrays> file;
  if (is_npy(probe))
    file = open_npy_array(std::move(probe));
  else if (is_npz(probe))
    file = open_npz_arrays(std::move(probe));
  else if (probe.hdf5())
    file = open_hdf5_arrays(std::move(probe));
  else
    return std::nullopt;
  std::string name = array.empty() ? "mask" : array;
  if (const auto names = file->names(); array.empty() && !file->is_array(name) && names.size() == 1)
    name = names[0];
  if (!file->is_array(name) || !file->is_numeric(name)) return std::nullopt;
  const auto shape = file->shape(name);
  const bool fit = squeezed(shape) == wanted;
  return StaticArray{shape, fit, fit ? file->read(name) : std::vector<double>{}};
}

std::shared_ptr<const Mask> mask_of(const std::vector<double>& values, bool marks_fluid) {
  std::vector<uint8_t> fluid;
  fluid.reserve(values.size());
  for (const double x : values) fluid.push_back(marks_fluid ? x != 0 && !std::isnan(x) : x == 0);
  return make_mask(std::move(fluid));
}

// Of the file of the fields itself.
std::optional<StaticArray> own_numbers(const FieldSource& source, const std::string& array) {
  if (auto turned = source.on_grid(array)) return turned;
  const std::string file = files_of(source.path()).front();
  if (is_netcdf(FileProbe(file))) return std::nullopt;
  return read_numbers(file, array, source.facts().grid);
}

std::shared_ptr<const Mask> asked_mask(const FieldSource& source, const std::string& asked) {
  const auto [name, marks_fluid] = parse_mask(asked);
  const Grid& grid = source.facts().grid;
  auto numbers = own_numbers(source, name);
  const std::string other = mask_file(asked);
  const bool is_file = !numbers && !other.empty();
  if (is_file) numbers = read_numbers(other, "", grid);
  const auto refuse = [&](const std::string& why) {
    return DataError(fmt::format("data.mask = '{}': {}", printable(asked), why));
  };
  if (!numbers)
    throw refuse(is_file ? "the file has no array of numbers called 'mask', nor a single one"
                         : fmt::format("{} has no array of numbers of this name, and no file is called so",
                                       source.path()));
  if (!numbers->fit)
    throw refuse(fmt::format("got shape [{}], expected the grid's [{}]", fmt::join(numbers->shape, ", "),
                             fmt::join(grid.shape, ", ")));
  try {
    return mask_of(numbers->values, marks_fluid);
  } catch (const DataError& error) {
    throw refuse(std::string(error.what()) + "; '!' before the name where its numbers mark what is no fluid");
  }
}

// Narrows `absent`, a flag per value of a snapshot, to the values that this snapshot misses, too.
// Whether that is fewer.
bool look(const FieldSource& source, size_t set, const FrameRange& frame, std::vector<uint8_t>& absent) {
  std::vector<float> values(absent.size());
  source.read(set, frame, values.data());
  bool fewer = false;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool there = !std::isnan(values[i]);
    fewer = fewer || (there && absent[i]);
    absent[i] &= !there;
  }
  return fewer;
}

std::shared_ptr<const Mask> missing_throughout(const FieldSource& source) {
  const auto& facts = source.facts();
  std::vector<uint8_t> absent(static_cast<size_t>(facts.grid.size()), 1);
  const auto any = [&] { return std::find(absent.begin(), absent.end(), 1) != absent.end(); };
  // Spread by the golden ratio: no season, week or day of the data is in step with it.
  constexpr double kGolden = .6180339887498949;
  const auto per_set = std::max<int64_t>(2, kLooks / static_cast<int64_t>(facts.sets.size()));
  for (size_t set = 0; set < facts.sets.size(); ++set) {
    const int64_t T = facts.sets[set].n_snapshots, all = facts.sets[set].n_trajectories * T;
    int64_t last = per_set;  // on as long as there are fewer: values that are missing at random are no mask
    for (int64_t k = 0; k < std::min(last, all); ++k) {
      const double part = std::fmod(static_cast<double>(k) * kGolden, 1.);
      const int64_t frame = all <= per_set ? k : static_cast<int64_t>(part * static_cast<double>(all));
      if (look(source, set, {frame / T, frame % T, 1}, absent))
        last = std::min(kMostLooks, std::max(last, k + 1 + per_set));
      if (!any()) return nullptr;
    }
  }
  const auto points = static_cast<size_t>(facts.grid.points());
  std::vector<uint8_t> fluid(points, 1);
  for (size_t i = 0; i < absent.size(); ++i)
    if (absent[i]) fluid[i % points] = 0;
  // Channels that are missing altogether leave no field: training on them says so.
  if (std::find(fluid.begin(), fluid.end(), 1) == fluid.end()) return nullptr;
  return make_mask(std::move(fluid));
}

}  // namespace

std::pair<std::string, bool> parse_mask(const std::string& asked) {
  const bool marks_fluid = asked.empty() || asked[0] != '!';
  const std::string name = asked.substr(marks_fluid ? 0 : 1);
  if (name.empty() && !asked.empty())
    throw ConfigError("data.mask = '!': expected the name of an array or a file after it");
  return {name, marks_fluid};
}

std::string mask_file(const std::string& asked) {
  const auto name = parse_mask(asked).first;
  std::error_code ignored;
  return std::filesystem::is_regular_file(name, ignored) ? name : "";
}

void find_mask(FieldSource& source, const std::string& asked) {
  if (!asked.empty()) return source.set_mask(asked_mask(source, asked));
  if (const auto own = own_numbers(source, "mask"); own && own->fit) try {
      return source.set_mask(mask_of(own->values, true));
    } catch (const DataError& error) {
      throw DataError(fmt::format("{}: 'mask': {}", source.path(), error.what()));
    }
  if (auto found = missing_throughout(source)) source.set_mask(std::move(found), /*is_found=*/true);
}

}  // namespace msde
