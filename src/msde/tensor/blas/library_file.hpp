// Which shared library a function that was found at run time comes from.
#pragma once

#include <filesystem>

namespace msde {

// Its file, links resolved; empty for a null pointer and where the loader does not know.
std::filesystem::path library_file(void* function);

}  // namespace msde
