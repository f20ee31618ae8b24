// Stage 2 of training: free-running roll-outs of the mean dynamics (docs/method.md section 7).
#pragma once

#include "msde/infer/session.hpp"

namespace msde {

// Says in the state how many steps were made and why it ended. NumericsError, Stopped, PeerLost.
void rollout_stage(Session& session);

}  // namespace msde
