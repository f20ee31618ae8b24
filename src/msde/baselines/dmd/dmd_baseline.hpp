// DMD as a forecaster: the published recipe, and what an expert would run.
#pragma once

#include "msde/baselines/baselines.hpp"

namespace msde {

// Projected DMD of training trajectory 0 alone, all its snapshots, rank n_zeta + n_eta, Tikhonov term .01,
// applied snapshot by snapshot to the noisy first one. Luck of that one trajectory decides much: on kdv_1d
// (published .163) the relative error is .244, .159, .144, .209, .159 on data of seeds 0 to 4, mean .183;
// without the Tikhonov term .193, .118, .085, .160, .107.
FittedBaseline fit_dmd_reference(const BaselineContext& context);

// All pairs of all training trajectories in POD coordinates; least squares or total least squares, the rank,
// and whether eigenvalues outside the unit circle are moved onto it: whichever forecasts validation data
// best, from its first snapshots alone. The facts hold the best of both with and without that clipping.
FittedBaseline fit_dmd_strong(const BaselineContext& context);

}  // namespace msde
