// Whether a file that a flag names can be written: asked before the work whose result it gets.
#pragma once

#include <string>
#include <vector>

namespace msde {

// A file of results that `flag` names must not be there yet, unless `force`: ConfigError, before any work. Special
// files (a pipe, a device, /dev/stdout, whatever it is) are none that could be lost. An empty path is no file.
void require_absent(const std::string& flag, const std::string& path, bool force);

// ConfigError naming `flag` where `path` is a folder, its own folder is absent or cannot be written, or it is
// one of `inputs`, which would be lost. An empty path is no file.
void require_output_file(const std::string& flag, const std::string& path,
                         const std::vector<std::string>& inputs);

// Text to the file of --json: whole or not at all (core/files/atomic_file.hpp), to a special file as it is. An empty
// path is no file. DataError where it cannot be written.
void write_result(const std::string& path, const std::string& text);

// Makes the folder in which -o FILE will be written. ConfigError: FILE is a folder, or its own cannot be
// made.
void make_folder_of(const std::string& file);

}  // namespace msde
