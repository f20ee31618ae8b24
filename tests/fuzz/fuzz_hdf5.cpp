// HDF5 files of every layout that is recognised, made by a program of bytes.
#include "tests/fuzz/harness.hpp"
#include "tests/fuzz/hdf5_program.hpp"
#include "tests/fuzz/read_fields.hpp"

void msde::fuzz::one_input(std::string_view bytes) {
  read_fields(make_hdf5(scratch_folder(), bytes));
}
