// Training on several ranks starts from one model: rank 0's.
#pragma once

#include "msde/infer/record/checkpoint.hpp"
#include "msde/tensor/ranks/process_group.hpp"

namespace msde {

// Rank 0's model, with its basis and units, and where its training stands, on every rank; the others' are
// replaced, or made where they are null. Were each to prepare its own, their reduced bases could differ:
// modes of nearly equal energy turn with the last bits, which threads and processors decide.
void hand_over(Checkpoint& training, const RankedGroup& group);

}  // namespace msde
