// A file of fields, read as the program reads it: every harness of a format ends here.
#pragma once

#include <string>

namespace msde::fuzz {

// As msde info does, then as trajectories with their clean fields, then as arrays as they are stored. Each may answer with
// an error; what is accepted must keep the promises of FieldSource and StoredArrays.
void read_fields(const std::string& path);

}  // namespace msde::fuzz
