// A file of variables over named dimensions, as NetCDF has them, whichever format holds it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "msde/core/files/slab.hpp"
#include "msde/field/formats/file_probe.hpp"
#include "msde/field/time_axis.hpp"

namespace msde {

struct CfVariable {
  std::string name;
  std::vector<std::string> dimensions;  // names, one an axis
  std::vector<int64_t> shape;
  bool is_numeric = true;
  std::string unreadable = "";  // why its values are not all there; then it has neither shape nor dimensions
  Stored stored = Stored::float32;  // what may round its values

  bool is_over(const std::vector<std::string>& names) const { return dimensions == names; }
};

class CfFile {
 public:
  virtual ~CfFile() = default;
  const std::string& path() const { return path_; }
  const std::vector<CfVariable>& variables() const {
    return variables_;
  }  // in the order of the file or of names
  const CfVariable* find(const std::string& name) const;
  int64_t length(const std::string& dimension) const { return lengths_.at(dimension); }
  // Along a dimension that grows a variable of NetCDF-4 ends where nobody wrote on. DataError naming both lengths.
  void require_whole(const CfVariable& variable) const;
  void require_readable(const CfVariable& variable) const;         // DataError as it is unreadable
  const std::string& record_dimension() const { return record_; }  // one that may grow, "" = none

  // Attributes of a variable, of "" those of the file; nothing where absent or of another type.
  virtual std::optional<std::string> text(const std::string& variable,
                                          const std::string& attribute) const = 0;
  virtual std::optional<double> number(const std::string& variable, const std::string& attribute) const = 0;
  virtual std::string missing_mark(const std::string& variable) const = 0;
  // Values in C order, missing ones as NaN. DataError.
  virtual void read(const std::string& variable, const Slab& slab, float* out) const = 0;
  virtual void read(const std::string& variable, const Slab& slab, double* out) const = 0;
  std::vector<double> read(const CfVariable& variable) const;  // all values of a whole one

 protected:
  explicit CfFile(std::string path) : path_(std::move(path)) {}
  void add(CfVariable variable);  // DataError: another one has this name
  size_t number_of(const std::string& variable) const { return numbers_.at(variable); }
  std::string path_, record_;

 private:
  std::vector<CfVariable> variables_;
  std::map<std::string, size_t> numbers_;   // of each by its name
  std::map<std::string, int64_t> lengths_;  // of dimensions: the longest of a variable
};

bool is_netcdf3(const FileProbe& probe);
// HDF5 that a library of NetCDF wrote, or that says that it follows the conventions.
bool is_netcdf4(const FileProbe& probe);
// DataError: neither, or damaged.
std::unique_ptr<CfFile> open_cf_file(FileProbe probe);

}  // namespace msde
