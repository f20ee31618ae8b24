// HDF5 files by structure: bytes are a program that says what to make, so that every input is a file that HDF5 itself
// wrote, and mutations change what it says rather than HDF5's own bookkeeping.
#pragma once

#include <string>
#include <string_view>

namespace msde::fuzz {

// Makes one file, or two that know each other, in the folder; the path of the first. The first byte picks a layout to
// begin with (msde's own, x with t, PDEBench's two, a forecast, nothing), the rest are steps: datasets of any type, shape,
// storage and filter, attributes, groups, links, virtual datasets, scales, deletions.
std::string make_hdf5(const std::string& folder, std::string_view program);

}  // namespace msde::fuzz
