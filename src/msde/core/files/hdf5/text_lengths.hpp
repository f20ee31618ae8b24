// How long texts of an attribute are, before libhdf5 reads them. Internal to core/files/hdf5/.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <vector>

namespace msde::hdf5 {

// Bytes of each of `elements` texts of variable length, as the file claims them; nothing where they cannot be found.
// libhdf5 tells of them only by reading, which takes five times their memory: a text of 500 MB took 2.6 GiB.
std::vector<int64_t> text_lengths(hid_t attribute, int64_t elements);

}  // namespace msde::hdf5
