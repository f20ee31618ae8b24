#include "msde/core/files/hdf5/text_lengths.hpp"

#include "msde/core/files/hdf5/handles.hpp"

namespace msde::hdf5 {
namespace {

constexpr size_t kBytes = 4;  // of a length

// A conversion of libhdf5 (H5Tregister), which is given what stands in the file: of a value of variable length its
// length in 4 bytes, the lowest first, and where its text is (HDF5 file format specification, "Disk Format: Level 2B").
// It keeps the length.
herr_t keep_length(hid_t from, hid_t, H5T_cdata_t* data, size_t n, size_t stride, size_t, void* values, void*,
                   hid_t) {
  if (data->command == H5T_CONV_INIT) data->need_bkg = H5T_BKG_NO;
  if (data->command != H5T_CONV_CONV) return 0;
  const size_t in_file = H5Tget_size(from), read = stride > 0 ? stride : in_file,
               write = stride > 0 ? stride : kBytes;
  auto* bytes = static_cast<unsigned char*>(values);
  for (size_t i = 0; i < n; ++i)
    for (size_t k = 0; k < kBytes; ++k) bytes[i * write + k] = bytes[i * read + k];
  return 0;
}

hid_t length_type() {
  static const hid_t type = [] {
    const hid_t opaque = H5Tcreate(H5T_OPAQUE, kBytes);
    const Id text(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(text, H5T_VARIABLE);
    return H5Tregister(H5T_PERS_SOFT, "length of a text", text, opaque, keep_length) < 0 ? H5I_INVALID_HID
                                                                                         : opaque;
  }();
  return type;
}

}  // namespace

std::vector<int64_t> text_lengths(hid_t attribute, int64_t elements) {
  std::vector<unsigned char> bytes(static_cast<size_t>(elements) * kBytes);
  if (length_type() < 0 || elements < 1 || H5Aread(attribute, length_type(), bytes.data()) < 0) return {};
  std::vector<int64_t> lengths;
  for (const auto* at = bytes.data(); at < bytes.data() + bytes.size(); at += kBytes)
    lengths.push_back(at[0] | int64_t{at[1]} << 8 | int64_t{at[2]} << 16 | int64_t{at[3]} << 24);
  return lengths;
}

}  // namespace msde::hdf5
