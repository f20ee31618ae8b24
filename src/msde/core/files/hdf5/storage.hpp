// Whether all values that the header of a dataset claims are there. Internal to core/files/hdf5/.
#pragma once

#include <hdf5.h>

#include <string>

#include "msde/core/files/hdf5.hpp"

namespace msde::hdf5 {

// A header may claim any shape, and HDF5 reads what is not there as zeros; so believe it only where
//   the file holds enough bytes: deflate compresses at most 1032-fold, others (scale-offset) any amount, but then no
//   chunk may be missing;
//   no chunk is missing: a writer at work, or killed, leaves some out;
//   filters are known to this HDF5;
//   every value of a virtual dataset comes from a dataset that is there, itself whole, and not made of this one.
// DataError naming the file, filter or writer, and what to do.
void check_storage(const std::string& path, const std::string& name, hid_t dataset, const Shape& shape);

// "is a link to values.h5, which is not there": what a link to another file lacks, "" for one that leads somewhere and
// for whatever else has that name.
std::string dangling_link(const std::string& path, hid_t file, const std::string& name);

// A file named in another one, looked for where HDF5 looks, in its order: beside that, from here, beside what that is a
// link to. "" where the first that is there is no ordinary file (HDF5 would wait for a pipe), or none is there.
std::string find_named(const std::string& path, const std::string& name);

}  // namespace msde::hdf5
