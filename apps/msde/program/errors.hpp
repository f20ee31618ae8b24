// From an error to one line on stderr and an exit code (docs/errors.md).
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace msde {

// Call inside catch (...): prints "msde: error: ..." and returns the exit code of the exception in flight.
int report_current_exception();

// Of a command line that CLI11 refused. Help and --version go to stdout with code 0; anything else is one
// line on stderr, with the nearest known flag or command, and code 2.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error);

// The first line of a message: LibTorch's continue with a stack trace.
std::string first_line(const std::string& message);

}  // namespace msde
