// Images of VTK, and collections of them: each input is both, and a collection finds itself under the name of an image.
#include "tests/fuzz/harness.hpp"
#include "tests/fuzz/read_fields.hpp"

void msde::fuzz::one_input(std::string_view bytes) {
  read_fields(scratch_file("image.vti", bytes));
}
