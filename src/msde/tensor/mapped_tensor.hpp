// Tensors larger than memory ought to hold: in a file without a name that the system pages in and out.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// float32 zeros of `shape`, backed by a file in $TMPDIR, or /var/tmp, that is gone when the tensor is.
// DataError where the folder cannot hold it: the space is reserved first, so that a full disk is an error
// here and not a crash later.
torch::Tensor mapped_zeros(at::IntArrayRef shape);

}  // namespace msde
