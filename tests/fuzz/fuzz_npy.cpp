// Arrays of NumPy.
#include "tests/fuzz/harness.hpp"
#include "tests/fuzz/read_fields.hpp"

void msde::fuzz::one_input(std::string_view bytes) {
  read_fields(scratch_file("array.npy", bytes));
}
