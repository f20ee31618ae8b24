// What a fuzzing harness is: one function that gives untrusted bytes to a reader, as the program does.
//
// An error of core/error.hpp that fits the reader is an answer. Any other exception, a signal, a sanitizer's report, more than 10 s or 1 GiB
// are findings. One main calls the harnesses in ./test (standalone.cpp: corpus and deterministic mutations), libFuzzer's
// in .ci/fuzz.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "msde/core/error.hpp"

namespace msde::fuzz {

// Defined by each harness, fuzz_NAME.cpp.
void one_input(std::string_view bytes);

// Does work that may end with an error of this code; MSDE_FUZZ_SAY in the environment shows it.
void answered(ExitCode code, const std::function<void()>& work);

// Ends the process with a message: the reader broke a promise.
[[noreturn]] void finding(const std::string& what);

// A folder in memory of this process alone, removed when the process ends well.
const std::string& scratch_folder();
// The bytes as a file of that name in it, in place of what was there; its path.
std::string scratch_file(const std::string& name, std::string_view bytes);

}  // namespace msde::fuzz
