// Stage 2 of training: free-running roll-outs of the mean dynamics (docs/method.md section 7).
#pragma once

#include <string>

#include "msde/infer/session.hpp"

namespace msde {

// Why it ended, for people. NumericsError, Stopped, PeerLost.
std::string rollout_stage(Session& session);

}  // namespace msde
