#include "msde/run/assumptions.hpp"

#include "msde/core/report/log.hpp"
#include "msde/core/report/printable.hpp"
#include "msde/grid/boundary_words.hpp"

namespace msde {

void warn_of_assumptions(const Dataset& data, const std::string& boundary_option) {
  if (data.facts().boundary_is_assumed && !boundary_option.empty())
    spdlog::warn("{}: does not say its boundaries; {} is assumed, {} says otherwise", data.path(),
                 boundary_word(data.grid().boundary[0]), boundary_option);
  for (const auto& note : data.facts().notes) spdlog::warn("{}: {}", data.path(), printable(note));
}

}  // namespace msde
