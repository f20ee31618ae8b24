// A collection of ParaView (.pvd): files with their times.
#pragma once

#include <string>
#include <vector>

namespace msde::vtk {

struct CollectedFile {
  double time = 0;
  std::string path;  // from where the collection is looked at
};

// In the order of their times. DataError: no collection, a time that is no finite number or is there twice, a file in
// several parts.
std::vector<CollectedFile> read_collection(const std::string& path);

}  // namespace msde::vtk
