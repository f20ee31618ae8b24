#include "msde/field/formats/recognise.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "msde/core/error.hpp"
#include "msde/field/formats/native_splits.hpp"
#include "msde/field/formats/pdebench_flat.hpp"
#include "msde/field/formats/seed_groups.hpp"

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

}  // namespace

// A new format is one row here and one file. A file in which two formats see themselves belongs to the first.
const std::vector<FieldFormat>& field_formats() {
  static const std::vector<FieldFormat> table = {
      {.name = "msde dataset",
       .looks_for = "'train_x', 'val_x' or 'test_x' (msde)",
       .recognises = has_native_splits,
       .open = open_native_splits},
      {.name = "PDEBench, a group per trajectory",
       .looks_for = "groups with 'data' and 'grid' (PDEBench)",
       .recognises = has_seed_groups,
       .open = open_seed_groups},
      {.name = "PDEBench, flat arrays",
       .looks_for = "'tensor', 'density', 'pressure' or 'Vx' with coordinates (PDEBench)",
       .recognises = has_flat_arrays,
       .open = open_flat_arrays},
  };
  return table;
}

const FieldFormat* find_format(const hdf5::File& file) {
  for (const FieldFormat& format : field_formats())
    if (format.recognises(file)) return &format;
  return nullptr;
}

std::unique_ptr<FieldSource> open_fields(const std::string& path) {
  auto file = hdf5::File::open(path);
  const FieldFormat* format = find_format(file);
  if (format) return format->open(std::move(file));
  std::vector<std::string> wanted;
  for (const FieldFormat& row : field_formats()) wanted.push_back(row.looks_for);
  throw DataError(
      fmt::format("{}: is no file of trajectories that msde knows: looked for {}; the file has {}", path,
                  fmt::join(wanted, ", "), contents(file)));
}

}  // namespace msde
