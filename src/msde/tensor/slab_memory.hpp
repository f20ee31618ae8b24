// Memory of slabs that are read one after the other.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// An uninitialised tensor on the CPU, contiguous, in the memory of the last slab that was let go where that
// is large enough and at most twice as large as needed: the C library gives large blocks back to the system,
// and clearing fresh pages takes longer than reading from the page cache. One block of kLeastKept to
// kMostKept bytes is kept. From any thread.
torch::Tensor slab_memory(at::IntArrayRef shape, torch::ScalarType dtype);

inline constexpr size_t kLeastKept = size_t{1} << 20, kMostKept = size_t{32} << 20;

}  // namespace msde
