// Coarse DNS: the known equation on as many unknowns as the macroscale has, and interpolation back.
#pragma once

#include "msde/baselines/baselines.hpp"

namespace msde {

// The published recipe: every sigma-th point of the noisy first snapshot, the case's published discretisation
// on these, rtol 1e-3 and atol 1e-6 (LSODA's place is taken by Dormand-Prince 5(4)), cubic spline back.
// ConfigError where no equation is known for the case or sigma is not an integer.
FittedBaseline fit_coarse_dns_reference(const BaselineContext& context);

// Restriction and interpolation by spectral truncation (all points of the noisy snapshot count), the case's
// best solver (kdv_1d: dealiased pseudo-spectral, with the stencils of the fine grid; wave_1d: exact shift of
// modes).
FittedBaseline fit_coarse_dns_strong(const BaselineContext& context);

}  // namespace msde
