// Training data of which values are missing.
#pragma once

#include "msde/field/dataset.hpp"
#include "msde/infer/data/training_data.hpp"
#include "msde/model/multiscale.hpp"

namespace msde {

// The data, of which values are missing, with these filled: by their conditional means given the other values of their
// snapshot under a FieldPrior of the training snapshots (scales/field_prior.hpp), without units. That is learnt in
// rounds of more and more modes, of stretches of time that are evenly spread: from snapshots filled by lines between the nearest values of the same point, then from those that the
// prior before has filled (Everson & Sirovich, J. Opt. Soc. Am. A 12 (1995)). A function of data and seed alone.
Dataset with_gaps_filled(const Dataset& data, uint64_t seed);

// Of a model in preparation, from its training data: its prior of a snapshot.
void set_snapshot_prior(MultiscaleModel& model, const TrainingData& train, uint64_t seed);

// Modes of that prior.
int64_t prior_modes(int64_t n_coordinates, int64_t n_snapshots);

}  // namespace msde
