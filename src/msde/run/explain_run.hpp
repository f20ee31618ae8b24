// What the model of a run has learned, as a document and for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "msde/run/run_directory.hpp"
#include "msde/run/settings.hpp"

namespace msde {

// explain() at the run's own training data (docs/formats.md). ModelFormatError: no trained model; DataError: data that are gone.
nlohmann::ordered_json explain_run(const RunLayout& run, const Settings& settings);

// The same in lines.
std::string explanation_text(const nlohmann::ordered_json& explanation);

}  // namespace msde
