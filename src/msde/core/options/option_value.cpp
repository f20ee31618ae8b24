#include "msde/core/options/option_value.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/core/options/nearest.hpp"

namespace msde {
namespace {

std::string number_as_toml(double value) {
  const std::string text = fmt::format("{}", value);  // the shortest text that reads back to the same value
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string bounds(const OptionNotes& notes) {
  const bool below = std::isfinite(notes.min), above = std::isfinite(notes.max);
  const auto show = [](double bound) { return fmt::format("{}", bound); };
  if (below && above)
    return (notes.min_is_exclusive ? "above " : "") + show(notes.min) + " to " + show(notes.max);
  if (below) return (notes.min_is_exclusive ? "above " : "at least ") + show(notes.min);
  if (above) return "at most " + show(notes.max);
  return "a finite number";
}

// One visit puts one TOML value into one field.
class Assignment {
 public:
  Assignment(const OptionTable::Option& option, const toml::node& node, const std::string& where)
      : option_(option), node_(node), where_(where) {}

  void operator()(bool* target) const {
    if (!node_.is_boolean()) wrong_type();
    *target = node_.ref<bool>();
  }
  void operator()(int64_t* target) const { *target = integer(node_); }
  void operator()(double* target) const { *target = number(node_); }
  void operator()(std::string* target) const { *target = text(node_); }
  void operator()(Duration* target) const {
    const double seconds = node_.is_string() ? duration(node_.ref<std::string>()) : number(node_);
    check(seconds);
    *target = {seconds};
  }
  void operator()(std::vector<int64_t>* target) const {
    *target = list<int64_t>([&](const toml::node& item) { return integer(item); });
  }
  void operator()(std::vector<double>* target) const {
    *target = list<double>([&](const toml::node& item) { return number(item); });
  }
  void operator()(std::vector<std::string>* target) const {
    *target = list<std::string>([&](const toml::node& item) { return text(item); });
  }

 private:
  // A value alone is a list of one.
  template <class Value, class Read>
  std::vector<Value> list(Read read) const {
    std::vector<Value> values;
    if (const toml::array* items = node_.as_array()) {
      for (const toml::node& item : *items) values.push_back(read(item));
    } else {
      values.push_back(read(node_));
    }
    return values;
  }
  std::string text(const toml::node& node) const {
    if (!node.is_string()) wrong_type();
    const std::string value = node.ref<std::string>();
    const auto& choices = option_.notes.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
      fail(fmt::format("got '{}', expected one of {}{}", value, fmt::join(choices, ", "),
                       did_you_mean(value, choices)));
    }
    return value;
  }
  int64_t integer(const toml::node& node) const {
    if (!node.is_integer()) wrong_type();
    const int64_t value = node.ref<int64_t>();
    check(static_cast<double>(value));
    return value;
  }
  double number(const toml::node& node) const {
    if (!node.is_integer() && !node.is_floating_point()) wrong_type();
    const double value = node.is_integer() ? static_cast<double>(node.ref<int64_t>()) : node.ref<double>();
    check(value);
    return value;
  }
  double duration(const std::string& text) const {
    try {
      return parse_duration(text).seconds;
    } catch (const ConfigError& error) {
      fail(error.what());
    }
  }
  void check(double value) const {
    const OptionNotes& notes = option_.notes;
    const bool inside = notes.min_is_exclusive ? value > notes.min : value >= notes.min;
    if (!inside || !(value <= notes.max) || !std::isfinite(value)) {
      fail(fmt::format("got {}, expected {}", value, bounds(notes)));
    }
  }
  [[noreturn]] void wrong_type() const {
    fail(fmt::format("got {}, expected {}", node_.is_table() ? "a table" : type_of(node_),
                     OptionTable::type_name(option_)));
  }
  static std::string type_of(const toml::node& node) {
    switch (node.type()) {
      case toml::node_type::string:
        return "string '" + node.ref<std::string>() + "'";
      case toml::node_type::integer:
        return fmt::format("integer {}", node.ref<int64_t>());
      case toml::node_type::floating_point:
        return fmt::format("float {}", node.ref<double>());
      case toml::node_type::boolean:
        return node.ref<bool>() ? "boolean true" : "boolean false";
      case toml::node_type::array:
        return "a list";
      default:
        return "a date or time";
    }
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw ConfigError(where_ + ": " + option_.key + ": " + what);
  }

  const OptionTable::Option& option_;
  const toml::node& node_;
  const std::string& where_;
};

struct AsToml {
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const int64_t* value) const { return std::to_string(*value); }
  std::string operator()(const double* value) const { return number_as_toml(*value); }
  std::string operator()(const std::string* value) const { return quoted_toml(*value); }
  std::string operator()(const Duration* value) const { return '"' + to_string(*value) + '"'; }
  std::string operator()(const std::vector<int64_t>* value) const {
    return fmt::format("[{}]", fmt::join(*value, ", "));
  }
  std::string operator()(const std::vector<double>* value) const {
    std::vector<std::string> items;
    for (const double item : *value) items.push_back(number_as_toml(item));
    return fmt::format("[{}]", fmt::join(items, ", "));
  }
  std::string operator()(const std::vector<std::string>* value) const {
    std::vector<std::string> items;
    for (const auto& item : *value) items.push_back(quoted_toml(item));
    return fmt::format("[{}]", fmt::join(items, ", "));
  }
};

struct TypeName {
  std::string operator()(const bool*) const { return "boolean"; }
  std::string operator()(const int64_t*) const { return "integer"; }
  std::string operator()(const double*) const { return "float"; }
  std::string operator()(const std::string*) const { return "string"; }
  std::string operator()(const Duration*) const { return "duration"; }
  std::string operator()(const std::vector<int64_t>*) const { return "list of integers"; }
  std::string operator()(const std::vector<double>*) const { return "list of floats"; }
  std::string operator()(const std::vector<std::string>*) const { return "list of strings"; }
};

}  // namespace

void assign(const OptionTable::Option& option, const toml::node& node, const std::string& where) {
  std::visit(Assignment(option, node, where), option.target);
}

std::string quoted_toml(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 32 || c == 127) {
      out += fmt::format("\\u{:04X}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string OptionTable::type_name(const Option& option) {
  return std::visit(TypeName(), option.target);
}

std::string OptionTable::value_as_toml(const Option& option) {
  return std::visit(AsToml(), option.target);
}

}  // namespace msde
