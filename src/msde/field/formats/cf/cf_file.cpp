#include "msde/field/formats/cf/cf_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <string_view>

#include "msde/core/error.hpp"
#include "msde/core/files/netcdf3.hpp"
#include "msde/core/report/printable.hpp"

namespace msde {
namespace {

class Netcdf3 : public CfFile {
 public:
  explicit Netcdf3(netcdf3::File opened) : CfFile(opened.path()), file_(std::move(opened)) {
    for (const auto& v : file_.variables()) {
      CfVariable variable;
      variable.name = v.name;
      variable.shape = v.shape;
      for (const size_t d : v.dimensions) {
        const auto& dimension = file_.dimensions()[d];
        variable.dimensions.push_back(dimension.name);
        if (dimension.is_record) record_ = dimension.name;
      }
      variable.is_numeric = !v.is_text;
      const bool fine = v.is_floating ? v.type.bytes > 4 : v.type.bytes > 2 || v.packing.is_scaled();
      variable.stored = fine ? Stored::float64 : Stored::float32;
      add(std::move(variable));
    }
  }

  std::optional<std::string> text(const std::string& variable, const std::string& attribute) const override {
    const auto* found = attribute_of(variable, attribute);
    return found && found->is_text ? std::optional(found->text) : std::nullopt;
  }
  std::optional<double> number(const std::string& variable, const std::string& attribute) const override {
    const auto* found = attribute_of(variable, attribute);
    if (!found || found->numbers.size() != 1) return std::nullopt;
    return found->numbers.front();
  }
  std::string missing_mark(const std::string& variable) const override {
    return stored(variable).packing.words;
  }
  void read(const std::string& variable, const Slab& slab, float* out) const override {
    file_.read(stored(variable), slab, out);
  }
  void read(const std::string& variable, const Slab& slab, double* out) const override {
    file_.read(stored(variable), slab, out);
  }

 private:
  const netcdf3::Variable& stored(const std::string& name) const {
    return file_.variables()[number_of(name)];
  }
  const netcdf3::Attribute* attribute_of(const std::string& variable, const std::string& attribute) const {
    const auto& all = variable.empty() ? file_.attributes() : stored(variable).attributes;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& a) { return a.name == attribute; });
    return found == all.end() ? nullptr : &*found;
  }

  netcdf3::File file_;
};

class Netcdf4 : public CfFile {
 public:
  explicit Netcdf4(hdf5::File opened) : CfFile(opened.path()), file_(std::move(opened)) {
    for (const auto& name : file_.names()) {
      if (!file_.is_dataset(name) || is_dimension_alone(name)) continue;
      CfVariable variable;
      // A variable that is called like a dimension of others without being its coordinate.
      constexpr std::string_view kPrefix = "_nc4_non_coord_";
      variable.name = name.rfind(kPrefix, 0) == 0 ? name.substr(kPrefix.size()) : name;
      names_.push_back(name);
      look_at(variable, name);
      add(std::move(variable));
    }
  }

  std::optional<std::string> text(const std::string& variable, const std::string& attribute) const override {
    try {
      return file_.text(object(variable), attribute);
    } catch (const DataError&) {  // not text
      return std::nullopt;
    }
  }
  std::optional<double> number(const std::string& variable, const std::string& attribute) const override {
    return file_.scalar(object(variable), attribute);
  }
  std::string missing_mark(const std::string& variable) const override {
    return file_.missing_mark(object(variable));
  }
  void read(const std::string& variable, const Slab& slab, float* out) const override {
    file_.read(object(variable), slab, out);
  }
  void read(const std::string& variable, const Slab& slab, double* out) const override {
    file_.read(object(variable), slab, out);
  }

 private:
  // What is not all there may be a variable that nobody wants.
  void look_at(CfVariable& variable, const std::string& name) const try {
    variable.is_numeric = file_.is_numeric(name);
    variable.shape = file_.shape(name);
    variable.dimensions = dimensions_of(name, variable.shape.size());
    const bool fine = variable.is_numeric && file_.is_finer_than_float(name);
    variable.stored = fine ? Stored::float64 : Stored::float32;
  } catch (const DataError& error) {
    variable.shape.clear(), variable.dimensions.clear();
    variable.is_numeric = false, variable.unreadable = error.what();
  }

  std::string object(const std::string& variable) const {
    return variable.empty() ? "/" : names_[number_of(variable)];
  }
  bool is_dimension_alone(const std::string& name) const {
    const auto words = attribute_text(name, "NAME");
    return words && words->rfind("This is a netCDF dimension but not a netCDF variable", 0) == 0;
  }
  std::optional<std::string> attribute_text(const std::string& object, const char* attribute) const {
    try {
      return file_.text(object, attribute);
    } catch (const DataError&) {
      return std::nullopt;
    }
  }
  // A scale is the coordinate of the dimension that is called like it.
  std::vector<std::string> dimensions_of(const std::string& name, size_t axes) const {
    auto names = file_.axis_names(name);
    names.resize(axes);
    if (axes == 1 && names[0].empty() && attribute_text(name, "CLASS").value_or("") == "DIMENSION_SCALE")
      names[0] = name;
    for (size_t axis = 0; axis < axes; ++axis)
      if (names[axis].empty()) names[axis] = name + "_axis_" + std::to_string(axis);
    return names;
  }

  hdf5::File file_;
  std::vector<std::string> names_;  // of each variable in the file
};

}  // namespace

const CfVariable* CfFile::find(const std::string& name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? nullptr : &variables_[found->second];
}

void CfFile::add(CfVariable variable) {
  if (!numbers_.emplace(variable.name, variables_.size()).second)
    throw DataError(path_ + ": has two variables called '" + printable(variable.name) + "'");
  for (size_t axis = 0; axis < variable.shape.size(); ++axis) {
    int64_t& length = lengths_.try_emplace(variable.dimensions[axis], 0).first->second;
    length = std::max(length, variable.shape[axis]);
  }
  variables_.push_back(std::move(variable));
}

void CfFile::require_readable(const CfVariable& variable) const {
  if (!variable.unreadable.empty()) throw DataError(variable.unreadable);
}

void CfFile::require_whole(const CfVariable& variable) const {
  require_readable(variable);
  for (size_t axis = 0; axis < variable.shape.size(); ++axis)
    if (const int64_t all = length(variable.dimensions[axis]); variable.shape[axis] != all)
      throw DataError(fmt::format(
          "{}: '{}': has {} of the {} points along '{}'; the others were never written", path_,
          printable(variable.name), variable.shape[axis], all, printable(variable.dimensions[axis])));
}

std::vector<double> CfFile::read(const CfVariable& variable) const {
  require_whole(variable);
  std::vector<double> values(static_cast<size_t>(
      std::accumulate(variable.shape.begin(), variable.shape.end(), int64_t{1}, std::multiplies<>())));
  read(variable.name, {std::vector<int64_t>(variable.shape.size(), 0), variable.shape}, values.data());
  return values;
}

bool is_netcdf3(const FileProbe& probe) {
  return netcdf3::File::recognises(probe.first_bytes());
}

bool is_netcdf4(const FileProbe& probe) {
  const hdf5::File* file = probe.hdf5();
  if (!file) return false;
  const auto attributes = file->attributes("/");
  const auto has = [&](const char* name) {
    return std::find(attributes.begin(), attributes.end(), name) != attributes.end();
  };
  if (has("_NCProperties")) return true;
  try {
    return has("Conventions") && file->text("/", "Conventions").value_or("").find("CF") != std::string::npos;
  } catch (const DataError&) {
    return false;
  }
}

std::unique_ptr<CfFile> open_cf_file(FileProbe probe) {
  if (is_netcdf3(probe)) return std::make_unique<Netcdf3>(netcdf3::File::open(probe.path()));
  return std::make_unique<Netcdf4>(probe.take_hdf5());
}

}  // namespace msde
