// The scores of a run, for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace msde {

// A metric a line, of the document of metrics.json.
std::string score_table(const nlohmann::ordered_json& evaluation);

}  // namespace msde
