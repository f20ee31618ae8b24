#include <fmt/format.h>
#include <fmt/ranges.h>

#include "msde/library/call.hpp"
#include "msde/library/contents.hpp"

namespace msde {

Configuration::Configuration(const std::string& file, const std::vector<std::string>& assignments) {
  const Call call;
  if (!file.empty()) require_path(file, "file");
  contents_ = std::make_shared<const Contents>(Contents{load_settings(file, assignments)});
}

Configuration Configuration::of_case(const std::string& name, const std::vector<std::string>& assignments) {
  if (!has_case(name))
    throw ConfigError(fmt::format("no case '{}'; expected one of {}", name, fmt::join(case_names(), ", ")));
  auto all = assignments;
  all.insert(all.begin(), "case.name=" + name);
  return Configuration("", all);
}

std::string Configuration::value(const std::string& key) const {
  Settings copy = contents_->settings;
  return OptionTable::value_as_toml(option_table(copy).find(key));
}

std::string Configuration::to_toml() const {
  return msde::to_toml(contents_->settings);
}

}  // namespace msde
