#include "msde/core/files/vtk/collection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <unordered_set>

#include "msde/core/files/vtk/xml.hpp"
#include "msde/core/report/printable.hpp"

namespace msde::vtk {

std::vector<CollectedFile> read_collection(const std::string& path) {
  const XmlFile xml(ByteFile(path), "Collection");
  const auto folder = std::filesystem::path(path).parent_path();
  std::vector<CollectedFile> files;
  constexpr size_t kMost = 100000;
  std::unordered_set<std::string> names;
  for (const auto& element : xml.root().child("Collection").children("DataSet")) {
    const std::string name = element.attribute("file").value();
    const bool is_name =
        !name.empty() && std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < ' '; });
    if (!is_name) xml.fail(fmt::format("<DataSet> {}", files.size()), "names no file");
    const std::string where = "<DataSet file=\"" + printable(name) + "\">";
    if (!names.insert(name).second) xml.fail(where, "is there twice, expected one image for each time");
    if (names.size() > kMost) xml.fail("<Collection>", fmt::format("got more than {} files", kMost));
    const std::string part = element.attribute("part").as_string("0");
    if (part != "0" && !part.empty())
      xml.fail(where, "got part '" + printable(part) + "', expected 0 alone: one image for each time");
    const auto time = xml.numbers(element, "timestep", 1, {});
    if (time.empty() || !std::isfinite(time[0]))
      xml.fail(where, "has no timestep, expected the time of the file");
    files.push_back({time[0], (folder / name).string()});
  }
  if (files.empty()) xml.fail("<Collection>", "has no files, expected one <DataSet> for each time");
  std::stable_sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  for (size_t i = 1; i < files.size(); ++i)
    if (files[i].time == files[i - 1].time)
      xml.fail("<Collection>",
               fmt::format("got '{}' and '{}' at the same timestep {:g}, expected one image for each",
                           printable(files[i - 1].path), printable(files[i].path), files[i].time));
  return files;
}

}  // namespace msde::vtk
