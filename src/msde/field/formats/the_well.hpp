// Files and folders of The Well (Ohana et al., 2024; https://polymathic-ai.org/the_well/data_format): docs/formats.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/file_probe.hpp"
#include "msde/field/formats/joined.hpp"

namespace msde {

bool is_of_the_well(const FileProbe& probe);  // groups 'dimensions' and 't0_fields'
std::unique_ptr<FieldSource> open_of_the_well(FileProbe probe);

// The files of NAME/data/{train,valid,test} or NAME/{train,valid,test}, in natural order; nothing where the path is no
// such folder.
std::vector<FilesOfSplit> files_of_the_well(const std::string& path);

}  // namespace msde
