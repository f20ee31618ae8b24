// Whether a file that a flag names can be written: asked before the work whose result it gets.
#pragma once

#include <string>
#include <vector>

namespace msde {

// ConfigError naming `flag` where `path` is a folder, its own folder is absent or cannot be written, or it is
// one of `inputs`, which would be lost. An empty path is no file.
void require_output_file(const std::string& flag, const std::string& path,
                         const std::vector<std::string>& inputs);

// Makes the folder in which -o FILE will be written. ConfigError: FILE is a folder, or its own cannot be
// made.
void make_folder_of(const std::string& file);

}  // namespace msde
