// The trained model of a run, as a public value.
#pragma once

#include "msde/library/msde.hpp"
#include "msde/run/run_directory.hpp"

namespace msde {

Model model_of_run(const RunLayout& run);  // DataError where there is none, ModelFormatError

}  // namespace msde
