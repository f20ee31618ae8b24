#include "msde/core/files/vtk/xml.hpp"

#include <fmt/format.h>

#include <charconv>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"

namespace msde::vtk {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

template <class T>
std::optional<T> parsed(std::string_view word) {
  if (!word.empty() && word[0] == '+') word.remove_prefix(1);
  T value{};
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (problem != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::vector<double>> numbers_in(std::string_view text, size_t most) {
  std::vector<double> numbers;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    const auto word = text.substr(0, text.find_first_of(" \t\r\n"));
    const auto value = parsed<double>(word);
    if (!value) return std::nullopt;
    numbers.push_back(*value);
    if (numbers.size() > most) return numbers;
    text.remove_prefix(word.size());
  }
  return numbers;
}

XmlFile::XmlFile(const ByteFile& file, const std::string& type)
    : path_(file.path()), outline_(read_outline(file)) {
  const auto result = document_.load_buffer(outline_.markup.data(), outline_.markup.size());
  if (!result)
    throw DataError(fmt::format("{}: is damaged: its XML cannot be read: {}", path_, result.description()));
  if (!root()) throw DataError(path_ + ": is XML, but no file of VTK: expected <VTKFile>");
  const std::string got = root().attribute("type").value();
  if (got != type)
    throw DataError(fmt::format("{}: got VTK data of type '{}', expected '{}'", path_, printable(got), type));
}

void XmlFile::fail(const std::string& where, const std::string& why) const {
  throw DataError(path_ + ": " + where + ": " + why);
}

std::vector<double> XmlFile::numbers(const pugi::xml_node& element, const char* name, size_t count,
                                     const std::vector<double>& fallback) const {
  const auto attribute = element.attribute(name);
  if (!attribute) return fallback;
  const auto numbers = numbers_in(attribute.value(), count);
  if (!numbers || numbers->size() != count)
    fail(fmt::format("<{} {}>", element.name(), name),
         fmt::format("got '{}', expected {} numbers", printable(std::string(attribute.value()).substr(0, 80)),
                     count));
  return *numbers;
}

int64_t XmlFile::whole(const pugi::xml_node& element, const char* name, int64_t fallback) const {
  const auto attribute = element.attribute(name);
  if (!attribute) return fallback;
  const auto value = parsed<int64_t>(trimmed(attribute.value()));
  if (!value || *value < 0)
    fail(fmt::format("<{} {}>", element.name(), name),
         fmt::format("got '{}', expected a whole number",
                     printable(std::string(attribute.value()).substr(0, 80))));
  return *value;
}

Span XmlFile::text(const pugi::xml_node& element) const {
  Span found;
  bool seen = false;
  for (const auto& child : element.children()) {
    if (child.type() != pugi::node_pcdata) continue;
    const auto number = parsed<size_t>(trimmed(child.value()));
    if (seen || !number || *number >= outline_.texts.size())
      fail(fmt::format("<{} Name=\"{}\">", element.name(), printable(element.attribute("Name").value())),
           "its values are in several pieces, expected them together");
    found = outline_.texts[*number], seen = true;
  }
  return found;
}

}  // namespace msde::vtk
