// A lock around the buffers of an OpenBLAS that was built without threads.
#pragma once

namespace msde {

// True where its products and factorisations get their buffers through the lock; false for an OpenBLAS that
// calls its own functions directly. Tries one of each, of 512 x 512.
bool openblas_memory_is_guarded();

}  // namespace msde
