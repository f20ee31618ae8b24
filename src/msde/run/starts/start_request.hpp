// What the command line of `msde predict` says about where forecasts start.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace msde {

// --mu, --t0 and --forcing win over what the file --from says.
struct StartFlags {
  std::string from, split = "test", forcing;
  std::optional<double> t_end, t0;
  std::vector<double> mu;
};

}  // namespace msde
