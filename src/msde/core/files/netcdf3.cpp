#include "msde/core/files/netcdf3.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "msde/core/error.hpp"
#include "msde/core/files/netcdf3_header.hpp"

namespace msde::netcdf3 {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return number_; }

 private:
  int number_;
};

// Big-endian bytes as a number.
template <class S>
S from_big_endian(const unsigned char* bytes) {
  using Bits = std::conditional_t<
      sizeof(S) == 1, uint8_t,
      std::conditional_t<sizeof(S) == 2, uint16_t, std::conditional_t<sizeof(S) == 4, uint32_t, uint64_t>>>;
  Bits bits = 0;
  for (size_t i = 0; i < sizeof(S); ++i) bits = static_cast<Bits>(bits << 8 | bytes[i]);
  S value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <class S, class T>
void convert(const unsigned char* bytes, int64_t n, T* out) {
  for (int64_t i = 0; i < n; ++i)
    out[i] = static_cast<T>(from_big_endian<S>(bytes + i * static_cast<int64_t>(sizeof(S))));
}

template <class T>
void convert(const Variable& variable, const unsigned char* bytes, int64_t n, T* out) {
  const StoredType& type = variable.type;
  if (variable.is_floating)
    return type.bytes == 4 ? convert<float>(bytes, n, out) : convert<double>(bytes, n, out);
  switch (type.bytes) {
    case 1:
      return type.is_signed ? convert<int8_t>(bytes, n, out) : convert<uint8_t>(bytes, n, out);
    case 2:
      return type.is_signed ? convert<int16_t>(bytes, n, out) : convert<uint16_t>(bytes, n, out);
    case 4:
      return type.is_signed ? convert<int32_t>(bytes, n, out) : convert<uint32_t>(bytes, n, out);
    default:
      return type.is_signed ? convert<int64_t>(bytes, n, out) : convert<uint64_t>(bytes, n, out);
  }
}

}  // namespace

struct File::Contents {
  Contents(std::string name, int number) : path(std::move(name)), file(number) {}

  std::string path;
  Descriptor file;
  Header header;

  void read_bytes(int64_t from, int64_t count, unsigned char* out) const {
    while (count > 0) {
      const ssize_t got = pread(file, out, static_cast<size_t>(count), from);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0)
        throw DataError(
            path + ": cannot be read: " + (got < 0 ? std::strerror(errno) : "it was cut short meanwhile"));
      from += got, count -= got, out += got;
    }
  }

  // `n` neighbouring values from byte `from` on.
  template <class T>
  void read_run(const Variable& variable, int64_t from, int64_t n, T* out) const {
    constexpr int64_t kBlock = int64_t{1} << 18;  // bytes
    std::vector<unsigned char> bytes(static_cast<size_t>(std::min(n * variable.type.bytes, kBlock)));
    std::vector<double> numbers;
    for (const int64_t step = kBlock / variable.type.bytes; n > 0; n -= step, out += step) {
      const int64_t count = std::min(n, step);
      read_bytes(from, count * variable.type.bytes, bytes.data());
      from += count * variable.type.bytes;
      if (variable.packing.only_marks() && variable.is_floating) {
        convert(variable, bytes.data(), count, out);
        remove_marks(variable.packing, out, count);
        continue;
      }
      numbers.resize(static_cast<size_t>(count));
      convert(variable, bytes.data(), count, numbers.data());
      unpack(variable.packing, numbers);
      std::transform(numbers.begin(), numbers.end(), out, [](double x) { return static_cast<T>(x); });
    }
  }

  template <class T>
  void read(const Variable& v, const Slab& slab, T* out) const {
    const size_t d = v.shape.size();
    if (v.is_text) throw DataError(fmt::format("{}: '{}': got text, expected numbers", path, v.name));
    bool inside = slab.start.size() == d && slab.count.size() == d;
    for (size_t i = 0; inside && i < d; ++i)
      inside = slab.start[i] >= 0 && slab.count[i] >= 0 && slab.start[i] <= v.shape[i] - slab.count[i];
    if (!inside)
      throw DataError(fmt::format("{}: '{}': asked for [{}] from [{}] of shape [{}]", path, v.name,
                                  fmt::join(slab.count, ", "), fmt::join(slab.start, ", "),
                                  fmt::join(v.shape, ", ")));
    if (std::find(slab.count.begin(), slab.count.end(), 0) != slab.count.end()) return;
    std::vector<int64_t> stride(d, v.type.bytes);  // bytes
    for (size_t i = d; i-- > 1;) stride[i - 1] = stride[i] * v.shape[i];
    if (v.record_stride > 0) stride[0] = v.record_stride;
    // Axes from `first` on are neighbours in the file: those after one of them are read whole, without gaps.
    size_t first = d;
    int64_t run = 1;
    for (; first > 0; --first) {
      const bool whole = first == d || slab.count[first] == v.shape[first];
      if (!whole || stride[first - 1] != run * v.type.bytes) break;
      run *= slab.count[first - 1];
    }
    std::vector<int64_t> at(first, 0);
    while (true) {
      int64_t from = v.begin;
      for (size_t i = 0; i < d; ++i) from += (slab.start[i] + (i < first ? at[i] : 0)) * stride[i];
      read_run(v, from, run, out);
      out += run;
      size_t axis = first;
      for (; axis > 0 && ++at[axis - 1] == slab.count[axis - 1]; --axis) at[axis - 1] = 0;
      if (axis == 0) return;
    }
  }
};

File::File(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;
File::~File() = default;

bool File::recognises(std::string_view first_bytes) {
  return first_bytes.size() >= 4 && first_bytes.substr(0, 3) == "CDF" &&
         (first_bytes[3] == 1 || first_bytes[3] == 2 || first_bytes[3] == 5);
}

File File::open(const std::string& path) {
  struct stat status {};
  auto contents = std::make_unique<Contents>(path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (contents->file < 0 || fstat(contents->file, &status) != 0)
    throw DataError(path + ": cannot be read: " + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) throw DataError(path + ": is no regular file; expected a file of NetCDF");
  const auto* raw = contents.get();
  contents->header = read_header(
      {path, static_cast<int64_t>(status.st_size),
       [raw](int64_t from, int64_t count, unsigned char* out) { raw->read_bytes(from, count, out); }});
  return File(std::move(contents));
}

const std::string& File::path() const {
  return contents_->path;
}
const std::vector<Dimension>& File::dimensions() const {
  return contents_->header.dimensions;
}
const std::vector<Variable>& File::variables() const {
  return contents_->header.variables;
}
const std::vector<Attribute>& File::attributes() const {
  return contents_->header.attributes;
}
void File::read(const Variable& variable, const Slab& slab, float* out) const {
  contents_->read(variable, slab, out);
}
void File::read(const Variable& variable, const Slab& slab, double* out) const {
  contents_->read(variable, slab, out);
}

}  // namespace msde::netcdf3
