#include "msde/core/files/natural_order.hpp"

#include <algorithm>

namespace msde {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The digits at the beginning of a name, without zeros before them.
std::string_view take_number(std::string_view& name) {
  const auto digits =
      static_cast<size_t>(std::find_if_not(name.begin(), name.end(), is_digit) - name.begin());
  auto number = name.substr(0, digits);
  name.remove_prefix(digits);
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

}  // namespace

bool in_natural_order(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const auto x = take_number(a), y = take_number(b);
      if (x != y) return x.size() != y.size() ? x.size() < y.size() : x < y;
    } else {
      if (a[0] != b[0]) return a[0] < b[0];
      a.remove_prefix(1), b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a.size() != whole_b.size() ? whole_a.size() < whole_b.size() : whole_a < whole_b;
}

}  // namespace msde
