// RAII over the HDF5 C API; only the files of hdf5/ include hdf5.h.
// Every failure is a DataError that names the file, the dataset, got and expected.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "msde/core/files/slab.hpp"

namespace msde::hdf5 {

using Shape = std::vector<int64_t>;

// Files that are there and hold values of this one: sources of virtual datasets and ends of external links, and theirs.
std::vector<std::string> linked_files(const std::string& path);

std::string version();  // of the library in use, "1.10.8"

using msde::Slab;

class File {
 public:
  static bool recognises(const std::string& path);  // by its first bytes; false where it cannot be read
  // Opens for reading; file locking is best effort, so read-only and network mounts work.
  static File open(const std::string& path);
  // Creates or truncates. For atomic results write to core/atomic_file's temporary path. A file that is also one of
  // NetCDF-4 keeps the order in which things are made, which its libraries ask for.
  enum class Kind { plain, netcdf };
  static File create(const std::string& path, Kind kind = Kind::plain);

  File(File&&) noexcept;
  File& operator=(File&&) noexcept;
  ~File();

  const std::string& path() const;
  void close();  // flushes; throws where the destructor could not (full disk)

  // --- looking
  bool has(const std::string& name) const;  // dataset or group
  // Of a name that is there but leads nowhere what it lacks: "is a link to values.h5, which is not there"; else "".
  std::string why_absent(const std::string& name) const;
  bool is_dataset(const std::string& name) const;
  bool is_group(const std::string& name) const;
  std::vector<std::string> names(const std::string& group = "/") const;  // sorted
  // DataError where the file cannot hold that many values: nothing is allocated from a shape that is not this. Of an
  // array of MATLAB (version 7.3) as MATLAB sees it, a vector as [n].
  Shape shape(const std::string& dataset) const;
  bool is_numeric(const std::string& dataset) const;  // integer or floating point
  // Whether float32 may round its values: doubles, integers of four bytes or more, and packed integers.
  bool is_finer_than_float(const std::string& dataset) const;

  // What marks missing values ("_FillValue = -9999"), "" where nothing does.
  std::string missing_mark(const std::string& dataset) const;

  // --- reading: values, not what stands for them (packing.hpp), missing ones as NaN; converted to T (float, double or int64_t); `out` holds the product of counts
  template <class T>
  void read(const std::string& dataset, const Slab& slab, T* out) const;
  template <class T>
  std::vector<T> read(const std::string& dataset) const;  // the whole dataset

  // The same of a dataset, whole; empty for other types. DataError: more values than 2^26.
  std::vector<bool> read_flags(const std::string& dataset) const;

  // --- writing (stored as T; chunk empty = contiguous; missing groups in the name are made)
  template <class T>
  void create_dataset(const std::string& name, const Shape& shape, const Shape& chunk = {});
  template <class T>
  void write(const std::string& dataset, const Slab& slab, const T* values);
  template <class T>
  void write(const std::string& name, const Shape& shape, const std::vector<T>& values);
  void write_texts(const std::string& name, const std::vector<std::string>& texts);  // one axis, UTF-8

  // --- attributes of an object ("/" = the file's root)
  std::vector<std::string> attributes(const std::string& object) const;  // names, sorted
  // The value of an attribute that holds exactly one number, nothing for any other or none.
  std::optional<double> scalar(const std::string& object, const std::string& attribute) const;
  std::optional<double> number(const std::string& object, const std::string& attribute) const;
  std::optional<std::vector<double>> numbers(const std::string& object, const std::string& attribute) const;
  std::optional<std::string> text(const std::string& object, const std::string& attribute) const;
  // Integers or an enumeration of them, as h5py has booleans: whether each is not 0. Nothing for other types or none.
  std::optional<std::vector<bool>> flags(const std::string& object, const std::string& attribute) const;
  bool is_empty(const std::string& object, const std::string& attribute) const;  // is there, with no value
  void set_attribute(const std::string& object, const std::string& attribute, double value);
  void set_attribute(const std::string& object, const std::string& attribute, int64_t value);
  void set_attribute(const std::string& object, const std::string& attribute,
                     const std::vector<double>& values);
  void set_attribute(const std::string& object, const std::string& attribute, const std::string& value);

  void make_scale(
      const std::string& dataset);  // a dimension scale of its own name, whether or not it is attached
  // --- named axes: makes `scale` (a 1D dataset) the dimension scale of `axis` of `dataset`
  void attach_scale(const std::string& dataset, int64_t axis, const std::string& scale,
                    const std::string& label);
  void label_axis(const std::string& dataset, int64_t axis, const std::string& label);
  // Of each axis its label, else the name of its scale, else "".
  std::vector<std::string> axis_names(const std::string& dataset) const;

 private:
  struct Handles;
  explicit File(std::unique_ptr<Handles>);
  std::unique_ptr<Handles> handles_;
};

}  // namespace msde::hdf5
