// POD-SINDy: polynomial dynamics of POD coordinates, da/dt = library(a) C.
#pragma once

#include "msde/baselines/baselines.hpp"

namespace msde {

// The published recipe: n_zeta + n_eta modes of all noisy training snapshots (uncentred), forward
// differences, STLSQ with the published threshold and degree of the case (.1 and 1 where there is none), no
// constant term, RK45 with rtol 1e-3 and atol 1e-6. What the recipe leaves open was tried
// (pod_sindy_reference.cpp) and the closest is used: coordinates of unit variance, ridge 1, no refit. A
// forecast that ends early is a blow-up here; the scripts counted error 0 from there on.
FittedBaseline fit_pod_sindy_reference(const BaselineContext& context);

// Weak-form regression (operator inference with a constant, a linear and a quadratic part, ridge, then
// thresholds). Degree, window and rank, then ridge, then threshold are chosen in turn by free-running
// forecasts of validation data from its first snapshots; candidates whose forecasts blow up are dropped and
// counted.
FittedBaseline fit_pod_sindy_strong(const BaselineContext& context);

}  // namespace msde
