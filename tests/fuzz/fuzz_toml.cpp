// Configurations, and after a zero byte one assignment of --set.
#include "msde/run/settings.hpp"
#include "tests/fuzz/harness.hpp"

void msde::fuzz::one_input(std::string_view bytes) {
  answered(ExitCode::config, [&] {
    const bool is_assignment = !bytes.empty() && bytes[0] == '\0';
    const Settings settings = is_assignment ? load_settings("", {std::string(bytes.substr(1))})
                                            : load_settings(scratch_file("a.toml", bytes), {});
    // A run is found again by its resolved configuration.
    const Settings again = load_settings(scratch_file("resolved.toml", to_toml(settings)), {});
    if (const auto key = first_difference(settings, again, {""}); !key.empty())
      finding("config.resolved.toml says something else of " + key);
  });
}
