// Stage 1 of training: the ELBO, without a forward solver (docs/method.md section 6).
#pragma once

#include "msde/infer/session.hpp"

namespace msde {

// Nothing where training stands beyond this stage. NumericsError, Stopped, PeerLost.
void elbo_stage(Session& session);

}  // namespace msde
