// Descriptors 0, 1 and 2 as every program has a right to expect them.
#pragma once

namespace msde {

// Opens those that the caller left closed on /dev/null: otherwise the next file that is opened gets such a
// number, and what is meant for stdout or stderr is written into it. Call it first thing in main.
void open_standard_descriptors();

}  // namespace msde
