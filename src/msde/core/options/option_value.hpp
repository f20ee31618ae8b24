// The value of one option between its plain field and TOML: types, bounds, text. A part of core/options/options.hpp.
#pragma once

#include <toml++/toml.h>

#include <string>

#include "msde/core/options/options.hpp"

namespace msde {

// Puts `node` into the option's field. `where` ("run.toml:3:1", "--set a=1") begins the message of the
// ConfigError that a wrong type, a value out of range or not among the choices gives; the field is then
// unchanged.
void assign(const OptionTable::Option& option, const toml::node& node, const std::string& where);

std::string quoted_toml(const std::string& text);  // a TOML basic string

}  // namespace msde
