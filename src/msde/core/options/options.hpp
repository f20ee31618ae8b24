// One description of every option: it reads TOML and --set, checks ranges, prints help and
// writes the resolved configuration. Order of precedence: defaults < file < --set < flags.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace msde {

// A length of time, written "30s", "10m", "1.5h" or as a number of seconds.
struct Duration {
  double seconds = 0;
};
Duration parse_duration(const std::string& text);  // throws ConfigError
std::string to_string(Duration duration);

// What `msde config explain` says of a key, and the bounds that are enforced.
struct OptionNotes {
  std::string meaning;
  std::string unit = "-";
  double min = -std::numeric_limits<double>::infinity();  // inclusive, for numbers, list items, durations
  double max = std::numeric_limits<double>::infinity();
  bool min_is_exclusive = false;
  std::vector<std::string> choices = {};  // for strings and lists of them: the allowed values, empty = any
};

class OptionTable {
 public:
  using Target = std::variant<bool*, int64_t*, double*, std::string*, Duration*, std::vector<int64_t>*,
                              std::vector<double>*, std::vector<std::string>*>;
  struct Option {
    std::string key;  // "train.lr"
    Target target;    // the field of a plain struct that holds the value
    OptionNotes notes;
    std::string default_value;  // as TOML
  };

  // The current value of `target` becomes the documented default. The struct must outlive the table.
  void add(const std::string& key, Target target, OptionNotes notes);

  // Strict: an unknown key is a ConfigError with file:line:column and the nearest valid key.
  void read_file(const std::string& path);
  // "key=value"; a value that is not valid TOML is a string. An integer is accepted for a float and
  // one number for a list. `origin` is named in errors, e.g. "--set".
  void set(const std::string& assignment, const std::string& origin);
  // The values in force, as TOML with the meaning of each key as comment.
  std::string to_toml() const;
  const std::vector<Option>& options() const;
  const Option& find(const std::string& key) const;  // ConfigError with the nearest valid key
  static std::string type_name(const Option& option);
  static std::string value_as_toml(const Option& option);

 private:
  std::vector<Option> options_;
};

}  // namespace msde
