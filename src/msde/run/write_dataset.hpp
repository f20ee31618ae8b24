// Datasets as files, in the layout that --format names.
#pragma once

#include <string>

#include "msde/field/writers/write_native.hpp"
#include "msde/pde/generate_options.hpp"

namespace msde {

// Writes `data` in that layout, whole or not at all. A case that msde knows is stored by PDEBench's
// convention: of shallow_water_2d the depth, which is the field + 1.
void write_dataset(const Dataset& data, const std::string& format, const std::string& path,
                   const WriteReport& report);

// As generate_case(), in the layout of PDEBench: the clean fields, train, val and test one after the other.
void generate_pdebench(const std::string& case_name, const GenerateOptions& options, const std::string& path,
                       const WriteReport& report);

}  // namespace msde
