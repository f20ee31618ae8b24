// What kernels have in common (those that say so by a static_assert): a function and its adjoint on blocks of rows, in plain memory.
//
// A kernel is a value that views weights which live elsewhere. On a block of rows
//   forward(rows, inputs.., outputs.., tape, scratch)     computes the function and fills `tape`, floats
//                                                         [rows * tape_width()] that `backward` reads;
//   backward(rows, .., tape, gradients, scratch)          multiplies the outputs' gradient by the transposed
//                                                         Jacobian and adds the parameters' gradients.
// Both work in scratch_size(rows) floats, allocate nothing and know nothing of threads: callers share rows
// out. Parameters have one order, the kernel's own: gradient_size() floats, part after part as the kernel's
// comment lists them. transposed_weights() is what `backward` multiplies by, made once for many blocks.
#pragma once

#include <concepts>
#include <cstdint>

namespace msde {

template <class K>
concept Kernel = requires(const K& kernel, int64_t rows) {
  { kernel.tape_width() } -> std::same_as<int64_t>;
  { kernel.scratch_size(rows) } -> std::same_as<int64_t>;
  { kernel.gradient_size() } -> std::same_as<int64_t>;
  kernel.transposed_weights();
};

}  // namespace msde
