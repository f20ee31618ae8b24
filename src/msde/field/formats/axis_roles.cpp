#include "msde/field/formats/axis_roles.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace msde {

AxisRole role_of(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  static const std::array<std::vector<std::string>, 4> names = {
      std::vector<std::string>{"member", "members", "realization", "realisation", "ensemble",
                               "ensemble_member"},
      {"sample", "samples", "trajectory", "trajectories", "batch", "simulation", "run", "case"},
      {"time", "t", "times", "snapshot", "snapshots", "frame", "tdim"},
      {"channel", "channels", "variable", "variables", "component", "components"}};
  for (size_t role = 0; role < names.size(); ++role)
    if (std::find(names[role].begin(), names[role].end(), name) != names[role].end())
      return static_cast<AxisRole>(role);
  return AxisRole::grid;
}

std::vector<size_t> axis_order(const std::vector<std::string>& names) {
  std::array<int, 5> seen = {};
  std::vector<AxisRole> roles;
  for (const auto& name : names) {
    if (name.empty()) return {};
    roles.push_back(role_of(name));
    ++seen[static_cast<size_t>(roles.back())];
  }
  for (size_t role = 0; role < static_cast<size_t>(AxisRole::grid); ++role)
    if (seen[role] > 1) return {};
  std::vector<size_t> order(names.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto as_stored = order;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return roles[a] < roles[b]; });
  return order == as_stored ? std::vector<size_t>{} : order;
}

}  // namespace msde
