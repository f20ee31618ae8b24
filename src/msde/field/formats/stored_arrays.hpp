// Named arrays of a file as they are stored: what is scored, and what forecasts start from, whether or not the
// file says when its fields are. In plain memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "msde/field/dataset_attributes.hpp"
#include "msde/field/time_axis.hpp"

namespace msde {

// A box of an array: `count[i]` values from `start[i]` along axis i.
struct ArrayBox {
  std::vector<int64_t> start, count;
};

class StoredArrays {
 public:
  using Shape = std::vector<int64_t>;

  virtual ~StoredArrays() = default;
  const std::string& path() const { return path_; }

  virtual std::vector<std::string> names() const = 0;   // of all there is, sorted
  virtual bool has(const std::string& name) const = 0;  // an array, or whatever else is called so
  virtual std::string why_absent(const std::string&) const { return ""; }  // of a link that leads nowhere
  virtual bool is_array(const std::string& name) const = 0;
  virtual bool is_numeric(const std::string& array) const = 0;
  virtual Stored stored_as(const std::string& array) const = 0;  // what may round its values
  // DataError where the file cannot hold that many values: allocate from no other shape.
  virtual Shape shape(const std::string& array) const = 0;
  // Writes the product of counts values to `out`, in C order. DataError: no such array, no numbers, damaged.
  virtual void read(const std::string& array, const ArrayBox& box, double* out) const = 0;
  virtual void read(const std::string& array, const ArrayBox& box, float* out) const;
  std::vector<double> read(const std::string& array) const;  // all values

  // How messages call an array: "'train_x'".
  virtual std::string called(const std::string& array) const { return "'" + array + "'"; }
  // What marks missing values of an array, "" = nothing.
  virtual std::string missing_mark(const std::string&) const { return ""; }
  // What the file says of the grid and the data; nothing, unless it can. DataError: not as docs/formats.md has it.
  virtual DatasetAttributes attributes() const { return {}; }
  virtual std::optional<double> number(const std::string& attribute) const;
  // A text that an array has as attribute; nothing where absent or no text.
  virtual std::optional<std::string> text(const std::string& array, const std::string& attribute) const;

 protected:
  explicit StoredArrays(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// The values of a box of an array of this shape in C order, as runs of values that lie together: use(first, count) for
// each, in order. DataError naming `path`: the box is not inside.
void in_runs(const StoredArrays::Shape& shape, const ArrayBox& box, const std::string& path,
             const std::function<void(int64_t first, int64_t count)>& use);

}  // namespace msde
