#include "msde/grid/boundary_words.hpp"

#include <fmt/format.h>

#include "msde/core/error.hpp"

namespace msde {

std::string boundary_word(const AxisEnds& ends) {
  return ends.low == ends.high ? to_string(ends.low) : to_string(ends.low) + ":" + to_string(ends.high);
}

AxisEnds parse_boundary_word(const std::string& word) {
  const size_t colon = word.find(':');
  if (colon == std::string::npos) return parse_boundary(word);
  return {parse_boundary(word.substr(0, colon)), parse_boundary(word.substr(colon + 1))};
}

std::vector<AxisEnds> parse_boundaries(const std::string& words, size_t axes, const std::string& where) {
  std::vector<AxisEnds> boundary;
  for (size_t start = 0; start <= words.size();) {
    const size_t end = std::min(words.find(',', start), words.size());
    std::string word = words.substr(start, end - start);
    const size_t first = word.find_first_not_of(" \t"), last = word.find_last_not_of(" \t");
    word = first == std::string::npos ? "" : word.substr(first, last - first + 1);
    try {
      boundary.push_back(parse_boundary_word(word));
    } catch (const DataError& error) {
      throw DataError(where + ": " + error.what());
    }
    start = end + 1;
  }
  if (boundary.size() == 1) boundary.resize(axes, boundary[0]);
  if (boundary.size() != axes)
    throw DataError(fmt::format("{}: got {} words, expected {}, one per axis", where, boundary.size(), axes));
  return boundary;
}

std::string boundary_words(const std::vector<AxisEnds>& boundary) {
  std::string words;
  for (const AxisEnds& ends : boundary) words.append(words.empty() ? "" : ",").append(boundary_word(ends));
  return words;
}

}  // namespace msde
