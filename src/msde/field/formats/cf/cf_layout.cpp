#include "msde/field/formats/cf/cf_layout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"

namespace msde {
namespace {

bool is_one_of(const std::string& word, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_lead_time(const CfFile& file, const std::string& dimension) {
  const auto* c = coordinate_of(file, dimension);
  return is_one_of(dimension,
                   {"lead", "lead_time", "leadtime", "step", "prediction_timedelta", "forecast_period"}) ||
         (c && file.text(c->name, "standard_name").value_or("") == "forecast_period");
}

// By what the file says of the dimension alone.
AxisRole said_role(const CfFile& file, const std::string& dimension) {
  if (const auto* c = coordinate_of(file, dimension)) {
    const auto axis = file.text(c->name, "axis").value_or("");
    if (axis == "T") return AxisRole::time;
    if (is_one_of(axis, {"X", "Y", "Z"})) return AxisRole::grid;
    const auto standard_name = file.text(c->name, "standard_name").value_or("");
    if (standard_name == "time") return AxisRole::time;
    if (standard_name == "realization") return AxisRole::member;
    if (file.text(c->name, "units").value_or("").find(" since ") != std::string::npos) return AxisRole::time;
  }
  return role_of(dimension);
}

// A record dimension is time where nothing else is, and so are lead times.
std::map<std::string, AxisRole> roles_of_dimensions(const CfFile& file) {
  std::map<std::string, AxisRole> roles;
  for (const auto& v : file.variables())
    for (const auto& dimension : v.dimensions)
      if (!roles.count(dimension)) roles[dimension] = said_role(file, dimension);
  const bool has_time =
      std::any_of(roles.begin(), roles.end(), [](const auto& role) { return role.second == AxisRole::time; });
  for (auto& [dimension, role] : roles) {
    if (role == AxisRole::time) continue;
    if (is_lead_time(file, dimension)) {
      if (has_time)
        throw DataError(
            fmt::format("{0}: '{1}' is a lead time beside times: forecasts from several starts; keep one "
                        "of both dimensions, as with ncks -d {1},0",
                        file.path(), printable(dimension)));
      role = AxisRole::time;
    } else if (!has_time && dimension == file.record_dimension()) {
      role = AxisRole::time;
    }
  }
  return roles;
}

// Variables that others name as what describes them: bounds, coordinates, areas.
std::set<std::string> auxiliary(const CfFile& file) {
  std::set<std::string> names;
  for (const auto& v : file.variables())
    for (const char* attribute : {"bounds", "climatology", "coordinates", "cell_measures",
                                  "ancillary_variables", "grid_mapping", "formula_terms"}) {
      std::istringstream words(file.text(v.name, attribute).value_or(""));
      for (std::string word; words >> word;) names.insert(word);
    }
  return names;
}

// Dimensions with more than one point, as a set.
std::set<std::string> extent(const CfVariable& v) {
  std::set<std::string> names;
  for (size_t i = 0; i < v.shape.size(); ++i)
    if (v.shape[i] != 1) names.insert(v.dimensions[i]);
  return names;
}

class Chooser {
 public:
  Chooser(const CfFile& file, const std::vector<std::string>& chosen) : file_(file), chosen_(chosen) {}

  CfLayout layout() {
    chosen_.empty() ? find_channels() : take_chosen();
    constexpr size_t kMostChannels = 4096;
    if (channels_.size() > kMostChannels)
      fail(fmt::format("has {} fields, expected {} channels at most; choose some: data.variables",
                       channels_.size(), kMostChannels));
    for (const auto* v : channels_) require_dimensions_once(*v);
    known_ = {channels_.begin(), channels_.end()};
    CfLayout layout;
    for (const auto* v : channels_) layout.channels.push_back(v->name);
    for (const auto& dimension : channels_.front()->dimensions) take_dimension(layout, dimension);
    for (const auto& v : file_.variables())
      if (!v.unreadable.empty())
        layout.left_out.push_back(fmt::format("{} (not all there)", printable(v.name)));
      else if (v.is_numeric && !is_channel(v) && !coordinate_of(file_, v.name) && !auxiliary_.count(v.name))
        layout.left_out.push_back(shown(v));
    return layout;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { throw DataError(file_.path() + ": " + why); }

  bool is_channel(const CfVariable& v) const { return known_.count(&v) > 0; }

  void require_dimensions_once(const CfVariable& v) const {
    if (std::set<std::string>(v.dimensions.begin(), v.dimensions.end()).size() != v.dimensions.size())
      fail(fmt::format("{}: a dimension comes twice, expected an axis for each", shown(v)));
  }

  std::string all_variables() const {
    constexpr size_t kShown = 12;
    std::vector<std::string> all;
    for (const auto& v : file_.variables()) all.push_back(shown(v));
    const size_t n = all.size();
    if (n > kShown) all.resize(kShown), all.push_back(fmt::format(".. {} in all", n));
    return all.empty() ? "nothing" : fmt::format("{}", fmt::join(all, ", "));
  }

  bool is_field_in_time(const CfVariable& v) const {
    bool in_time = false, in_space = false;
    for (size_t i = 0; i < v.shape.size(); ++i) {
      const auto role = roles_.at(v.dimensions[i]);
      in_time = in_time || role == AxisRole::time;
      in_space = in_space || (role == AxisRole::grid && v.shape[i] > 1);
    }
    return in_time && in_space;
  }

  void find_channels() {
    for (const auto& v : file_.variables())
      if (v.is_numeric && !auxiliary_.count(v.name) && is_field_in_time(v)) channels_.push_back(&v);
    if (channels_.empty())
      for (const auto& v : file_.variables()) file_.require_readable(v);
    if (channels_.empty())
      fail(
          fmt::format("has no variable over time and space: looked for dimensions like time and x, got {}; a "
                      "dimension of time is called so, or its coordinate has units = \"days since ..\"",
                      all_variables()));
    for (const auto* v : channels_)
      if (extent(*v) != extent(*channels_.front())) {
        std::vector<std::string> all;
        for (const auto* one : channels_) all.push_back(shown(*one));
        fail(fmt::format(
            "has fields over different dimensions: {}; say which are the channels: data.variables = "
            "\"{}\", or --variables {}",
            fmt::join(all, ", "), channels_.front()->name, channels_.front()->name));
      }
  }

  void take_chosen() {
    for (const auto& name : chosen_) {
      const auto* v = file_.find(name);
      if (!v)
        fail(fmt::format("has no variable '{}' (data.variables, --variables); it has {}", printable(name),
                         all_variables()));
      file_.require_readable(*v);
      if (!v->is_numeric) fail(fmt::format("'{}' holds text, expected the numbers of a field", name));
      if (!is_field_in_time(*v))
        fail(fmt::format("{}: is no field in time: expected dimensions of time and of space", shown(*v)));
      if (!channels_.empty() && extent(*v) != extent(*channels_.front()))
        fail(fmt::format("{} and {} have different dimensions; expected one grid for all channels", shown(*v),
                         shown(*channels_.front())));
      channels_.push_back(v);
    }
  }

  void take_dimension(CfLayout& layout, const std::string& dimension) const {
    const auto& v = *channels_.front();
    const size_t axis = std::find(v.dimensions.begin(), v.dimensions.end(), dimension) - v.dimensions.begin();
    const auto only_one = [&](std::string& place, const char* what) {
      if (!place.empty())
        fail(fmt::format("{}: '{}' and '{}' are both {}", shown(v), place, dimension, what));
      place = dimension;
    };
    switch (roles_.at(dimension)) {
      case AxisRole::member:
        return only_one(layout.member, "members");
      case AxisRole::sample:
        return only_one(layout.sample, "trajectories");
      case AxisRole::time:
        return only_one(layout.time, "time");
      case AxisRole::channel:
        return only_one(layout.component, "channels");
      case AxisRole::grid:
        if (v.shape[axis] > 1) layout.grid.push_back(dimension);
    }
  }

  const CfFile& file_;
  const std::vector<std::string>& chosen_;
  const std::set<std::string> auxiliary_ = auxiliary(file_);
  const std::map<std::string, AxisRole> roles_ = roles_of_dimensions(file_);
  std::vector<const CfVariable*> channels_;
  std::set<const CfVariable*> known_;  // channels_
};

}  // namespace

std::string shown(const CfVariable& variable) {
  return fmt::format("{} [{}]", printable(variable.name),
                     printable(fmt::format("{}", fmt::join(variable.dimensions, ", "))));
}

const CfVariable* coordinate_of(const CfFile& file, const std::string& dimension) {
  const auto* v = file.find(dimension);
  if (v) file.require_readable(*v);
  return v && v->is_over({dimension}) ? v : nullptr;
}

CfLayout cf_layout(const CfFile& file, const std::vector<std::string>& chosen) {
  return Chooser(file, chosen).layout();
}

}  // namespace msde
