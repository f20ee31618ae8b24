// The names of the rows that `msde compare` can make, for its help: known without LibTorch.
#pragma once

#include <string>
#include <vector>

namespace msde {

// Every name a row may have, in the order of the table: those of baselines(), which a test compares with
// these, then the learned ones.
std::vector<std::string> row_names();

}  // namespace msde
