// Checks at public entry: one-line errors that name what, got and expected.
#pragma once

#include <string>
#include <vector>

#include "msde/core/error.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// An axis whose size is free in check_shape.
inline constexpr int64_t any_size = -1;

std::string shape_text(at::IntArrayRef shape);  // "[2, 3, *]", * for any_size

// What is wrong, in one line, or "" if nothing is.
// Shape: every axis equals its expected size, any_size matches everything; an undefined tensor never fits.
std::string shape_problem(const std::string& what, const torch::Tensor& values, at::IntArrayRef expected);
// Finiteness: names the first value (C order) that is not finite, its index and how many there are.
std::string finite_problem(const std::string& what, const torch::Tensor& values);

// Throw E (one of core/error.hpp) with that line. Shapes default to DataError, values to NumericsError.
template <class E = DataError>
void check_shape(const std::string& what, const torch::Tensor& values, at::IntArrayRef expected) {
  if (const auto problem = shape_problem(what, values, expected); !problem.empty()) throw E(problem);
}
template <class E = NumericsError>
void check_finite(const std::string& what, const torch::Tensor& values) {
  if (const auto problem = finite_problem(what, values); !problem.empty()) throw E(problem);
}

}  // namespace msde
