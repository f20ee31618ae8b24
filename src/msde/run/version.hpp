// Versions of msde and of what it stands on, for doctor and the manifest of a run.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace msde {

std::string version();  // "0.1.0"

// Name and value of every fact about program and machine that may change speed or digits: versions, threads,
// instruction set, BLAS and its kernels, devices.
std::vector<std::pair<std::string, std::string>> environment_facts();

}  // namespace msde
