// Attributes of elements of VTK's XML, with messages that say where.
#pragma once

#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "msde/core/files/vtk/outline.hpp"

namespace msde::vtk {

// A parsed outline.
class XmlFile {
 public:
  // DataError: no XML, or its root is not <VTKFile type="`type`">.
  XmlFile(const ByteFile& file, const std::string& type);

  const std::string& path() const { return path_; }
  const Outline& outline() const { return outline_; }
  pugi::xml_node root() const { return document_.child("VTKFile"); }

  // The numbers of an attribute, exactly `count`; `fallback` where it is absent. DataError.
  std::vector<double> numbers(const pugi::xml_node& element, const char* attribute, size_t count,
                              const std::vector<double>& fallback) const;
  // A whole number of at least 0; DataError.
  int64_t whole(const pugi::xml_node& element, const char* attribute, int64_t fallback) const;
  // Where the text of an element is; empty where it has none. DataError: in several pieces.
  Span text(const pugi::xml_node& element) const;
  [[noreturn]] void fail(const std::string& where, const std::string& why) const;

 private:
  std::string path_;
  Outline outline_;
  pugi::xml_document document_;
};

// The numbers in a text, separated by blanks; nothing where something else stands there.
std::optional<std::vector<double>> numbers_in(std::string_view text, size_t most);

}  // namespace msde::vtk
