// A dataset in msde's own layout.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "msde/field/dataset.hpp"

namespace msde {

// done and total of a long write, in slabs; may be empty.
using WriteReport = std::function<void(int64_t done, int64_t total)>;

// Writes what `data` shows, through its view, to `path`, whole or not at all: {split}_{x,t}, {split}_x_clean
// where there are clean fields, {split}_{mu,f} where there are any, and every root attribute that is known. A
// slab is at most 64 MiB, of float64 128, or one snapshot, and that is all that is held. Reading the file gives the same bits
// as `data`. DataError (either file), Stopped on a signal.
void write_native(const Dataset& data, const std::string& path, const WriteReport& report);

}  // namespace msde
