// Where and how LibTorch computes: threads of the processor, the device, bitwise repeatability.
#pragma once

#include <string>

#include "msde/tensor/torch.hpp"

namespace msde {

// Processors this process may use: the affinity mask, which containers set, not the machine's count.
int64_t available_processors();

// Sets LibTorch's intra-op threads and returns their number; 0 = all available processors. Always call it:
// the default of LibTorch may be one thread on a virtual machine, and the BLAS may need care (blas.hpp): one
// that is not safe with several threads gets one, with a warning. ConfigError for a negative number and for
// more than most_threads.
inline constexpr int64_t most_threads = 4096;
int64_t set_threads(int64_t threads);

// What set_threads does of this for a program that does not call it: takes one thread where the BLAS is not
// safe with the number that there is. load_model() calls it.
void require_safe_threads();

// Groups that `rows` of a batch are worked on in at once: as many as there are threads, one inside a parallel
// region.
int64_t groups_of(int64_t rows);

// Makes LibTorch refuse operations that are not repeatable bit for bit. On the processor equal results also
// need an equal number of threads: sums are split by thread.
void set_deterministic(bool deterministic);

// "cpu" or "cuda". ConfigError for any other name, and for "cuda" where this LibTorch finds no such device.
torch::Device parse_device(const std::string& name);

}  // namespace msde
