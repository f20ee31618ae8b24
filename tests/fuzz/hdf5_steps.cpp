#include "tests/fuzz/hdf5_steps.hpp"

#include <hdf5_hl.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace msde::fuzz {
namespace {

constexpr hsize_t kWrittenAtMost = 1 << 14;  // values; more are claimed only
constexpr const char* kNames[] = {"train_x",
                                  "train_t",
                                  "train_mu",
                                  "train_f",
                                  "train_x_clean",
                                  "val_x",
                                  "val_t",
                                  "test_x",
                                  "test_t",
                                  "x",
                                  "t",
                                  "mu",
                                  "f",
                                  "forcing",
                                  "x_clean",
                                  "point",
                                  "mean",
                                  "std",
                                  "members",
                                  "tensor",
                                  "density",
                                  "Vx",
                                  "pressure",
                                  "x-coordinate",
                                  "t-coordinate",
                                  "y-coordinate",
                                  "nu",
                                  "0000",
                                  "0000/data",
                                  "0000/grid",
                                  "0000/grid/x",
                                  "0000/grid/t",
                                  "0001/data",
                                  "0001/grid/t",
                                  "0002/data",
                                  "group",
                                  "group/deep/x",
                                  "zeta",
                                  "/",
                                  "scale"};
constexpr const char* kAttributes[] = {"length",
                                       "boundary",
                                       "axes",
                                       "noise_std",
                                       "seed",
                                       "case",
                                       "origin",
                                       "spacing",
                                       "channels",
                                       "parameters",
                                       "scale_factor",
                                       "add_offset",
                                       "_FillValue",
                                       "missing_value",
                                       "valid_range",
                                       "valid_min",
                                       "valid_max",
                                       "_Unsigned",
                                       "MATLAB_class",
                                       "config",
                                       "Nu",
                                       "beta",
                                       "DIMENSION_LABELS",
                                       "CLASS",
                                       "NAME",
                                       "DIMENSION_LIST",
                                       "REFERENCE_LIST",
                                       "units",
                                       "start",
                                       "observation_noise"};
constexpr const char* kTexts[] = {"periodic",
                                  "wall",
                                  "open",
                                  "wall:open",
                                  "x",
                                  "y,x",
                                  "x,x",
                                  "time",
                                  "channel",
                                  "true",
                                  "single",
                                  "",
                                  "a/b",
                                  "boundary: periodic\ncase: wave_1d\nsubtract: 1",
                                  "sample,time,channel,x",
                                  "DIMENSION_SCALE",
                                  "\xff\xfe",
                                  "u,v,w",
                                  "t,x"};
constexpr hsize_t kLengths[] = {
    0, 1, 2, 3, 4, 5, 8, 13, 64, 1000, 1 << 20, hsize_t{1} << 31, hsize_t{1} << 40, hsize_t{1} << 62};

hsize_t count(const Lengths& shape) {
  hsize_t n = 1;
  for (const hsize_t length : shape)
    if (__builtin_mul_overflow(n, length, &n)) return std::numeric_limits<hsize_t>::max();
  return n;
}

template <size_t N>
const char* pick(const char* const (&words)[N], Bytes& bytes) {
  return words[bytes.below(N)];
}

// A dataset with what is missing of its path.
hid_t create(hid_t file, const std::string& name, hid_t type, hid_t space, hid_t properties) {
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  const hid_t made = H5Dcreate2(file, name.c_str(), type, space, links, properties, H5P_DEFAULT);
  H5Pclose(links);
  return made;
}

void write(hid_t file, const std::string& name, const Lengths& shape, const std::vector<double>& values,
           hid_t type) {
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  const hid_t made = create(file, name, type, space, H5P_DEFAULT);
  if (made >= 0)
    H5Dwrite(made, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), H5Dclose(made);
  H5Sclose(space);
}

}  // namespace

std::string Bytes::word(size_t longest) {
  std::string text;
  for (size_t n = below(longest + 1); text.size() < n && !empty();) text += static_cast<char>(byte());
  return text;
}

double Bytes::number() {
  constexpr double kAbsurd[] = {0,     1,      -1,     2,   .5,   1e-3, 1e30,  -1e30,
                                1e300, 1e-300, 5e-324, -0., 3e38, 1e37, 9.3e18};
  const size_t which = below(32);
  if (which < std::size(kAbsurd)) return kAbsurd[which];
  if (which == 29) return std::numeric_limits<double>::quiet_NaN();
  if (which >= 30) return (which == 30 ? 1 : -1) * std::numeric_limits<double>::infinity();
  return static_cast<double>(byte()) / 16;
}

void Maker::numbers(const std::string& name, const Lengths& shape, hid_t type) {
  std::vector<double> values(count(shape));
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(.7 * static_cast<double>(i) + .1);
  write(file_, name, shape, values, type);
}

void Maker::ramp(const std::string& name, const Lengths& shape, hsize_t period) {
  std::vector<double> values(count(shape));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i % period);
  write(file_, name, shape, values, H5T_NATIVE_FLOAT);
}

std::string Maker::name() {
  const size_t which = bytes_.below(std::size(kNames) + 3);
  return which < std::size(kNames) ? kNames[which] : bytes_.word(12);
}

Lengths Maker::shape() {
  constexpr hsize_t kOwn[][4] = {{2, 4, 1, 8}, {2, 4, 8, 1}, {2, 4, 2, 8}, {3, 2, 4, 1}};
  const size_t kind = bytes_.below(12);
  if (kind < 4) return {std::begin(kOwn[kind]), std::end(kOwn[kind])};
  Lengths shape(kind < 11 ? kind - 4 : bytes_.below(33));
  for (hsize_t& length : shape)
    length = kLengths[bytes_.below(bytes_.below(4) == 0 ? std::size(kLengths) : 9)];
  return shape;
}

hid_t Maker::type() {
  const auto copy = [](hid_t type) { return H5Tcopy(type); };
  switch (bytes_.below(24)) {
    case 0:
      return copy(H5T_IEEE_F32BE);
    case 1:
      return copy(H5T_IEEE_F64LE);
    case 2:
      return copy(H5T_STD_I8LE);
    case 3:
      return copy(H5T_STD_U16BE);
    case 4:
      return copy(H5T_STD_I32LE);
    case 5:
      return copy(H5T_STD_U64LE);
    case 6:
      return copy(H5T_NATIVE_LDOUBLE);
    case 7:
      return copy(H5T_STD_B8LE);
    case 8:
      return copy(H5T_STD_REF_OBJ);
    case 9: {
      const hid_t text = copy(H5T_C_S1);
      H5Tset_size(text, bytes_.below(2) ? H5T_VARIABLE : 1 + bytes_.below(40));
      return text;
    }
    case 10: {
      const hid_t pair = H5Tcreate(H5T_COMPOUND, 16);
      H5Tinsert(pair, "r", 0, H5T_NATIVE_DOUBLE), H5Tinsert(pair, "i", 8, H5T_NATIVE_DOUBLE);
      return pair;
    }
    case 11: {
      const hid_t truth = H5Tenum_create(H5T_NATIVE_INT8);
      const int8_t no = 0, yes = 1;
      H5Tenum_insert(truth, "FALSE", &no), H5Tenum_insert(truth, "TRUE", &yes);
      return truth;
    }
    case 12:
      return H5Tcreate(H5T_OPAQUE, 1 + bytes_.below(64));
    case 13: {
      const hsize_t length = 1 + bytes_.below(8);
      return H5Tarray_create2(H5T_NATIVE_FLOAT, 1, &length);
    }
    case 14:
      return H5Tvlen_create(H5T_NATIVE_FLOAT);
    case 15: {  // numbers of odd widths
      const hid_t odd = copy(H5T_STD_I32LE);
      H5Tset_precision(odd, 1 + bytes_.below(32));
      return odd;
    }
    case 16: {
      const hid_t half = copy(H5T_IEEE_F32LE);
      H5Tset_fields(half, 15, 10, 5, 0, 10), H5Tset_size(half, 2), H5Tset_ebias(half, 15);
      return half;
    }
    default:
      return copy(H5T_IEEE_F32LE);
  }
}

hid_t Maker::properties(const Lengths& shape, bool of_numbers) {
  const hid_t p = H5Pcreate(H5P_DATASET_CREATE);
  const size_t layout = bytes_.below(8);
  if (layout == 0) H5Pset_layout(p, H5D_COMPACT);
  if (layout == 1)
    H5Pset_external(p, bytes_.below(2) ? "b.h5" : "/dev/zero", 0, bytes_.below(2) ? H5F_UNLIMITED : 64);
  if (layout >= 4 && !shape.empty()) {
    Lengths chunk;
    for (const hsize_t length : shape)
      chunk.push_back(std::clamp<hsize_t>(1 + bytes_.below(8), 1, std::max<hsize_t>(1, length)));
    if (bytes_.below(4) == 0)
      for (size_t i = 0; i < shape.size(); ++i) chunk[i] = std::clamp<hsize_t>(shape[i], 1, 1 << 28);
    H5Pset_chunk(p, static_cast<int>(chunk.size()), chunk.data());
    const size_t filters = bytes_.below(64);
    // First, or HDF5 writes beyond the end of a block.
    if (of_numbers && (filters & 24) == 8)
      H5Pset_scaleoffset(p, H5Z_SO_INT, static_cast<int>(bytes_.below(8)));
    if (of_numbers && (filters & 24) == 16) H5Pset_nbit(p);
    if (filters & 1) H5Pset_shuffle(p);
    if (filters & 2) H5Pset_deflate(p, 1);
    if (filters & 4) H5Pset_fletcher32(p);
    if (filters & 32)
      H5Pset_filter(p, 32000 + static_cast<int>(bytes_.below(20)), H5Z_FLAG_OPTIONAL, 0, nullptr);
  }
  if (bytes_.below(4) == 0) {
    const double fill = bytes_.number();
    H5Pset_fill_value(p, H5T_NATIVE_DOUBLE, &fill);
  }
  return p;
}

void Maker::dataset() {
  const std::string called = name();
  const Lengths lengths = shape();
  const hid_t kind = type();
  const bool plain = H5Tget_class(kind) <= H5T_FLOAT && H5Tget_precision(kind) == 8 * H5Tget_size(kind) &&
                     H5Tget_size(kind) <= 8;
  const hid_t how = properties(lengths, plain);
  H5Ldelete(file_, called.c_str(), H5P_DEFAULT);
  const hid_t space = bytes_.below(16) == 0
                          ? H5Screate(bytes_.below(2) ? H5S_NULL : H5S_SCALAR)
                          : H5Screate_simple(static_cast<int>(lengths.size()), lengths.data(), nullptr);
  // What is contiguous takes its room on the disk at once where the type or a fill value asks for it.
  const bool small = count(lengths) <= kWrittenAtMost;
  if (!small && H5Pget_layout(how) != H5D_CHUNKED)
    H5Pset_alloc_time(how, H5D_ALLOC_TIME_LATE), H5Pset_fill_time(how, H5D_FILL_TIME_NEVER);
  const hid_t made = create(file_, called, kind, space, how);
  if (made >= 0 && small && H5Tget_class(kind) <= H5T_FLOAT && bytes_.below(8) != 0) {
    std::vector<double> values(static_cast<size_t>(std::max<hsize_t>(1, count(lengths))));
    const double first = bytes_.number(), more = bytes_.number();
    for (size_t i = 0; i < values.size(); ++i) values[i] = first + more * static_cast<double>(i % 8);
    H5Dwrite(made, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  if (made >= 0) H5Dclose(made);
  H5Sclose(space), H5Tclose(kind), H5Pclose(how);
}

void Maker::virtual_dataset() {
  const std::string called = name();
  const Lengths lengths = shape();
  const hid_t space = H5Screate_simple(static_cast<int>(lengths.size()), lengths.data(), nullptr);
  const hid_t p = H5Pcreate(H5P_DATASET_CREATE);
  for (size_t i = bytes_.below(4) + 1; i > 0 && !lengths.empty(); --i) {
    Lengths from = bytes_.below(2) ? lengths : shape(), start(lengths.size(), 0), some = lengths;
    some[0] = std::max<hsize_t>(1, std::min<hsize_t>(lengths[0], bytes_.below(4)));
    start[0] = std::min<hsize_t>(lengths[0] - std::min(some[0], lengths[0]), bytes_.below(4));
    if (bytes_.below(2))
      H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, some.data(), nullptr), from = some;
    const hid_t source = H5Screate_simple(static_cast<int>(from.size()), from.data(), nullptr);
    constexpr const char* kFiles[] = {".", "b.h5", "a.h5", "absent.h5", "b%b.h5", "/dev/zero", ""};
    H5Pset_virtual(p, space, pick(kFiles, bytes_), name().c_str(), source);
    H5Sclose(source);
    H5Sselect_all(space);
  }
  H5Ldelete(file_, called.c_str(), H5P_DEFAULT);
  const hid_t made = create(file_, called, H5T_IEEE_F32LE, space, p);
  if (made >= 0) H5Dclose(made);
  H5Sclose(space), H5Pclose(p);
}

void Maker::attribute() {
  const std::string owner = bytes_.below(2) ? "/" : name(), called = pick(kAttributes, bytes_);
  const hid_t object = H5Oopen(file_, owner.c_str(), H5P_DEFAULT);
  if (object < 0) return;
  const hsize_t n = bytes_.below(4) == 0 ? bytes_.below(200) : bytes_.below(3) + 1;
  const hid_t space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, nullptr);
  for (const char* of_scales : {"DIMENSION_LABELS", "DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME"})
    has_odd_scales_ = has_odd_scales_ || called == of_scales;
  H5Adelete(object, called.c_str());
  if (bytes_.below(2)) {
    const std::string text = bytes_.below(3) ? pick(kTexts, bytes_) : bytes_.word(40);
    const hid_t kind = H5Tcopy(H5T_C_S1);
    const bool varies = bytes_.below(2);
    H5Tset_size(kind, varies ? H5T_VARIABLE : std::max<size_t>(1, text.size()));
    const hid_t made = H5Acreate2(object, called.c_str(), kind, space, H5P_DEFAULT, H5P_DEFAULT);
    const std::vector<const char*> texts(n + 1, text.c_str());
    std::string fixed;
    for (hsize_t i = 0; i <= n; ++i) fixed += text + std::string(text.empty() ? 1 : 0, '\0');
    if (made >= 0)
      H5Awrite(made, kind, varies ? static_cast<const void*>(texts.data()) : fixed.data()), H5Aclose(made);
    H5Tclose(kind);
  } else {
    const hid_t kind = type();
    const hid_t made = H5Acreate2(object, called.c_str(), kind, space, H5P_DEFAULT, H5P_DEFAULT);
    std::vector<double> values(n + 1);
    for (double& value : values) value = bytes_.number();
    if (made >= 0 && H5Tget_class(kind) <= H5T_FLOAT) H5Awrite(made, H5T_NATIVE_DOUBLE, values.data());
    if (made >= 0) H5Aclose(made);
    H5Tclose(kind);
  }
  H5Sclose(space), H5Oclose(object);
}

void Maker::link() {
  const std::string from = name(), to = name();
  H5Ldelete(file_, from.c_str(), H5P_DEFAULT);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  constexpr const char* kFiles[] = {"b.h5", "a.h5", "absent.h5", "/dev/zero", "."};
  switch (bytes_.below(4)) {
    case 0:
      H5Lcreate_hard(file_, to.c_str(), file_, from.c_str(), links, H5P_DEFAULT);
      break;
    case 1:
      H5Lcreate_soft(to.c_str(), file_, from.c_str(), links, H5P_DEFAULT);
      break;
    case 2:
      H5Lcreate_external(pick(kFiles, bytes_), to.c_str(), file_, from.c_str(), links, H5P_DEFAULT);
      break;
    default:
      H5Gclose(H5Gcreate2(file_, from.c_str(), links, H5P_DEFAULT, H5P_DEFAULT));
  }
  H5Pclose(links);
}

// A label of an axis, or a dataset as its scale.
void Maker::dimension() {
  const std::string called = name();
  if (has_odd_scales_) return;
  const hid_t dataset = H5Dopen2(file_, called.c_str(), H5P_DEFAULT);
  if (dataset < 0) return;
  const auto axis = static_cast<unsigned>(bytes_.below(6));
  constexpr const char* kLabels[] = {"time",       "t",           "x",      "y", "channel", "sample",
                                     "trajectory", "realization", "member", "",  "\xff"};
  if (bytes_.below(2)) {
    H5DSset_label(dataset, axis, pick(kLabels, bytes_));
  } else {
    const hid_t scale = H5Dopen2(file_, name().c_str(), H5P_DEFAULT);
    if (scale >= 0)
      H5DSset_scale(scale, pick(kLabels, bytes_)), H5DSattach_scale(dataset, scale, axis), H5Dclose(scale);
  }
  H5Dclose(dataset);
}

void Maker::remove() {
  const std::string called = name();
  if (called != "/") H5Ldelete(file_, called.c_str(), H5P_DEFAULT);
}

void Maker::step() {
  switch (bytes_.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      dataset();
      break;
    case 4:
      virtual_dataset();
      break;
    case 5:
    case 6:
    case 7:
      attribute();
      break;
    case 8:
      link();
      break;
    case 9:
    case 10:
      dimension();
      break;
    default:
      remove();
  }
}

}  // namespace msde::fuzz
