#include "apps/msde/flags/apply_flags.hpp"

#include "msde/tensor/threads.hpp"

namespace msde {

void apply(const CommonFlags& flags) {
  start_log(flags);
  set_threads(flags.threads);
}

}  // namespace msde
