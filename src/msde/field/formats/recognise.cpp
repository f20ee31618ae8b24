#include "msde/field/formats/recognise.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "msde/core/error.hpp"
#include "msde/field/formats/cf/cf_series.hpp"
#include "msde/field/formats/chosen_channels.hpp"
#include "msde/field/formats/find_mask.hpp"
#include "msde/field/formats/foreign.hpp"
#include "msde/field/formats/hdf5_arrays.hpp"
#include "msde/field/formats/joined.hpp"
#include "msde/field/formats/native_splits.hpp"
#include "msde/field/formats/npy_array.hpp"
#include "msde/field/formats/npz_arrays.hpp"
#include "msde/field/formats/pdebench_flat.hpp"
#include "msde/field/formats/plausible.hpp"
#include "msde/field/formats/seed_groups.hpp"
#include "msde/field/formats/the_well.hpp"
#include "msde/field/formats/vtk_image.hpp"
#include "msde/field/formats/vtk_series.hpp"

namespace msde {
namespace {

// The names at the root, the first few of them, as an error message lists them.
std::string contents(const hdf5::File& file) {
  constexpr size_t kShown = 8;
  std::vector<std::string> shown;
  const auto names = file.names();
  for (size_t i = 0; i < std::min(kShown, names.size()); ++i) {
    std::string name = names[i];
    for (char& c : name)
      if (static_cast<unsigned char>(c) < ' ') c = '?';
    shown.push_back(name + (file.is_group(names[i]) ? "/" : ""));
  }
  if (names.empty()) return "nothing";
  return fmt::format("[{}{}]", fmt::join(shown, ", "),
                     names.size() > kShown ? fmt::format(", .. {} in all", names.size()) : "");
}

// What the table has for one use of it.
const FieldFormat* find(const FileProbe& probe, bool (*fits)(const FieldFormat&)) {
  for (const FieldFormat& format : field_formats())
    if (fits(format) && format.recognises(probe)) return &format;
  return nullptr;
}

bool is_dataset_format(const FieldFormat& format) {
  return format.open != nullptr;
}

bool has_arrays(const FieldFormat& format) {
  return format.open_arrays != nullptr;
}

// Says why a file that is in none of the formats cannot be opened.
[[noreturn]] void refuse(FileProbe probe) {
  if (const auto what = foreign_format(probe); !what.empty()) throw DataError(probe.path() + ": " + what);
  probe.take_hdf5();  // not there, a folder, empty, no HDF5
  throw DataError(probe.path() + ": is no file of fields that msde knows");
}

// A file that can be read, if at all, as something else than a dataset.
[[noreturn]] void refuse_as_dataset(FileProbe probe) {
  std::vector<std::string> wanted;
  for (const FieldFormat& row : field_formats())
    if (is_dataset_format(row) && !row.looks_for.empty()) wanted.push_back(row.looks_for);
  const std::string path = probe.path();
  const auto no_dataset = [&](const std::string& rest) {
    return DataError(fmt::format("{}: is no file of trajectories that msde knows: looked for {}; {}", path,
                                 fmt::join(wanted, ", "), rest));
  };
  if (const hdf5::File* file = probe.hdf5()) throw no_dataset("the file has " + contents(*file));
  const FieldFormat* format = find(probe, has_arrays);
  if (!format) refuse(std::move(probe));
  format->open_arrays(std::move(probe));  // damaged before it is of no use
  throw no_dataset(fmt::format(
      "this is {}, which does not say when its fields are: msde score and msde predict --from read it",
      format->name));
}

}  // namespace

// A new format is one row here and one file. A file in which two formats see themselves belongs to the first.
const std::vector<FieldFormat>& field_formats() {
  static const std::vector<FieldFormat> table = {
      {.name = "an array of NumPy",
       .holds = Holds::array,
       .recognises = is_npy,
       .open_arrays = open_npy_array},
      {.name = "a forecast of msde",
       .holds = Holds::forecast,
       .recognises = has_point_forecast,
       .open_arrays = open_hdf5_arrays},
      {.name = "msde dataset",
       .looks_for = "'train_x', 'val_x' or 'test_x' (msde)",
       .holds = Holds::dataset,
       .recognises = has_native_splits,
       .open = open_native_splits,
       .open_arrays = open_named_arrays},
      {.name = "NetCDF",
       .looks_for = "variables over time and space (NetCDF)",
       .holds = Holds::dataset,
       .takes_choice = true,
       .recognises = is_netcdf,
       .open = open_netcdf},
      {.name = "fields x with times t",
       .looks_for = "'x' with 't' (fields without splits)",
       .holds = Holds::dataset,
       .recognises = has_fields_with_times,
       .open = open_fields_with_times,
       .open_arrays = open_named_arrays},
      {.name = "an array x in HDF5",
       .holds = Holds::array,
       .recognises = has_array_x,
       .open_arrays = open_hdf5_arrays},
      {.name = "The Well",
       .looks_for = "groups 'dimensions' and 't0_fields' (The Well)",
       .holds = Holds::dataset,
       .recognises = is_of_the_well,
       .open = open_of_the_well},
      {.name = "PDEBench, a group per trajectory",
       .looks_for = "groups with 'data' and 'grid' (PDEBench)",
       .holds = Holds::dataset,
       .recognises = has_seed_groups,
       .open = open_seed_groups},
      {.name = "PDEBench, flat arrays",
       .looks_for = "'tensor', 'density', 'pressure' or 'Vx' with coordinates (PDEBench)",
       .holds = Holds::dataset,
       .recognises = has_flat_arrays,
       .open = open_flat_arrays},
      {.name = "VTK image, time along z",
       .looks_for = "a .vti of three axes or a .pvd (VTK)",
       .holds = Holds::dataset,
       .takes_choice = true,
       .recognises = has_time_along_z,
       .open = open_time_along_z},
      {.name = "VTK images of a .pvd",
       .holds = Holds::dataset,
       .takes_choice = true,
       .recognises = is_vtk_series,
       .open = open_vtk_series},
      {.name = "a VTK image of one snapshot",
       .holds = Holds::array,
       .recognises = is_vtk_snapshot,
       .open_arrays = open_vtk_snapshot},
      {.name = "arrays of NumPy",
       .holds = Holds::array,
       .recognises = is_npz,
       .open_arrays = open_npz_arrays},
      {.name = "an array in HDF5",
       .holds = Holds::array,
       .recognises = is_hdf5,
       .open_arrays = open_hdf5_arrays},
  };
  return table;
}

const FieldFormat* find_format(const FileProbe& probe) {
  return find(probe, [](const FieldFormat&) { return true; });
}

const FieldFormat& format_of(const FileProbe& probe) {
  if (const auto* format = find_format(probe)) return *format;
  refuse(FileProbe(probe.path()));
}

std::unique_ptr<FieldSource> open_fields(const std::string& path, const FieldChoice& choice) {
  std::unique_ptr<FieldSource> source;
  if (is_pattern(path)) {
    source = open_joined(path, {{"", files_of(path)}}, choice);
  } else {
    FileProbe probe(path, choice);
    const auto* format = find(probe, is_dataset_format);
    if (!format) refuse_as_dataset(std::move(probe));
    source = format->open(std::move(probe));
    if (!format->takes_choice && !choice.variables.empty())
      source = choose_channels(std::move(source), choice.variables);
  }
  check_plausible(source->facts(), path);
  if (choice.looks_for_mask) find_mask(*source, choice.mask);
  return source;
}

std::unique_ptr<StoredArrays> open_arrays(const std::string& path) {
  FileProbe probe(path);
  if (const auto* format = find(probe, has_arrays)) return format->open_arrays(std::move(probe));
  refuse(std::move(probe));
}

}  // namespace msde
