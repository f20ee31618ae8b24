// Where the forecasts of a trained model are to start.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace msde {

// From the first snapshots of a split of data, or from those of the file `from`; then mu, t0 and the file
// `forcing` win over what that file says. Messages name the flags of `msde predict`: --from, --mu, ..
struct StartRequest {
  std::string from, split = "test", forcing;
  std::optional<double> t_end, t0;
  std::vector<double> mu;
};

}  // namespace msde
