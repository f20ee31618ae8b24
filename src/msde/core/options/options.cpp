#include "msde/core/options/options.hpp"

#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <stdexcept>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/options/nearest.hpp"
#include "msde/core/options/option_value.hpp"

namespace msde {
namespace {

// "data.generate.seed" is the entry "seed" of the section "data.generate".
std::string section(const std::string& key) {
  const size_t dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> keys(const std::vector<OptionTable::Option>& options) {
  std::vector<std::string> names;
  for (const auto& option : options) names.push_back(option.key);
  return names;
}

bool is_section(const std::string& name, const std::vector<OptionTable::Option>& options) {
  return std::any_of(options.begin(), options.end(),
                     [&](const auto& option) { return option.key.rfind(name + ".", 0) == 0; });
}

// A value of a TOML file with its dotted key and its place.
struct Leaf {
  std::string key;
  const toml::node* node;
  toml::source_position at;
};

// All values of a file. A table is entered unless it stands where a value should.
void collect(const toml::table& table, const std::string& prefix,
             const std::vector<OptionTable::Option>& options, std::vector<Leaf>& leaves) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const toml::table* inner = node.as_table();
    const bool is_key = inner && std::any_of(options.begin(), options.end(),
                                             [&](const auto& option) { return option.key == key; });
    const bool enter = inner && !is_key && (!inner->empty() || is_section(key, options));
    if (enter) {
      collect(*inner, key + ".", options, leaves);
    } else {
      leaves.push_back({key, &node, name.source().begin});
    }
  }
}

std::string place(const std::string& path, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", path, at.line, at.column);
}

const OptionTable::Option& find_at(const std::vector<OptionTable::Option>& options, const std::string& key,
                                   const std::string& where) {
  for (const auto& option : options) {
    if (option.key == key) return option;
  }
  const std::string prefix = where.empty() ? "" : where + ": ";
  if (is_section(key, options)) throw ConfigError(prefix + "'" + key + "' is a section, not a key");
  const std::string hint = did_you_mean(key, keys(options));
  throw ConfigError(prefix + "unknown key '" + key + "'" +
                    (hint.empty() ? "; `msde config explain` lists every key" : hint));
}

// Comments of one key: what it means, its unit and bounds.
std::string comment(const OptionTable::Option& option) {
  const auto& notes = option.notes;
  std::string text = "# " + notes.meaning;
  if (notes.unit != "-") text += " [" + notes.unit + "]";
  if (!notes.choices.empty()) text += fmt::format(" ({})", fmt::join(notes.choices, " | "));
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text + "\n";
}

}  // namespace

void OptionTable::add(const std::string& key, Target target, OptionNotes notes) {
  for (const Option& option : options_) {
    if (option.key == key) throw std::logic_error("option " + key + " is described twice");
  }
  options_.push_back({key, target, std::move(notes), ""});
  options_.back().default_value = value_as_toml(options_.back());
}

const std::vector<OptionTable::Option>& OptionTable::options() const {
  return options_;
}

namespace {

// Keys of many parts are tables in tables, through which parsers, and what takes them apart, go down part by part until
// the stack ends.
void require_shallow_keys(const std::string& path, const std::string& text) {
  constexpr int kPartsAtMost = 64;
  int line = 1, dots = 0;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line, dots = 0;
    if (quote) {
      if (c == '\\' && quote == '"') ++i;
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
    } else if (std::string_view("=,[]{}").find(c) != std::string_view::npos) {
      dots = 0;
    } else if (c == '.' && ++dots >= kPartsAtMost) {
      throw ConfigError(path + ":" + std::to_string(line) + ": a key of more than " +
                        std::to_string(kPartsAtMost) + " parts, expected names such as train.lr");
    }
  }
}

}  // namespace

void OptionTable::read_file(const std::string& path) {
  std::string text;
  try {
    text = read_text(path);
  } catch (const DataError& error) {  // a configuration is not data: another exit code
    throw ConfigError(error.what());
  }
  for (const std::string_view data :
       {"\x89HDF", "CDF", "\x93NUMPY", "PK\x03\x04", "MATLAB ", "<VTKFile", "<?xml"})
    if (text.compare(0, data.size(), data) == 0)
      throw ConfigError(path + ": is a file of data, expected a configuration; msde info " + path +
                        " shows how to read it: data.path names it in one");
  require_shallow_keys(path, text);
  toml::table file;
  try {
    file = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw ConfigError(place(path, error.source().begin) +
                      ": not valid TOML: " + std::string(error.description()));
  }
  std::vector<Leaf> leaves;
  collect(file, "", options_, leaves);
  std::sort(leaves.begin(), leaves.end(), [](const Leaf& a, const Leaf& b) {
    return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
  });
  for (const Leaf& leaf : leaves) {
    const std::string where = place(path, leaf.at);
    assign(find_at(options_, leaf.key, where), *leaf.node, where);
  }
}

void OptionTable::set(const std::string& assignment, const std::string& origin) {
  const std::string where = origin + " " + assignment;
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos) throw ConfigError(where + ": expected key=value");
  const Option& option = find_at(options_, trimmed(assignment.substr(0, equals)), where);
  const std::string value = trimmed(assignment.substr(equals + 1));

  toml::table parsed;
  try {
    parsed = toml::parse("value = " + value);
  } catch (const toml::parse_error&) {
  }
  // What is not one TOML value is a string, and so is anything given to a string: data.path=2024.
  const bool is_value = parsed.size() == 1 && parsed.contains("value");
  const bool wants_text = std::holds_alternative<std::string*>(option.target);
  if (!is_value || (wants_text && !parsed["value"].is_string())) parsed.insert_or_assign("value", value);
  assign(option, *parsed.get("value"), where);
}

std::string OptionTable::to_toml() const {
  std::vector<std::string> sections = {""};  // keys without a section must come first
  for (const Option& option : options_) {
    if (std::find(sections.begin(), sections.end(), section(option.key)) == sections.end()) {
      sections.push_back(section(option.key));
    }
  }
  std::string text;
  for (const std::string& name : sections) {
    if (!name.empty()) text += (text.empty() ? "[" : "\n[") + name + "]\n";
    for (const Option& option : options_) {
      if (section(option.key) != name) continue;
      const std::string entry = name.empty() ? option.key : option.key.substr(name.size() + 1);
      text += comment(option) + entry + " = " + value_as_toml(option) + "\n";
    }
  }
  return text;
}

const OptionTable::Option& OptionTable::find(const std::string& key) const {
  return find_at(options_, key, "");
}

}  // namespace msde
