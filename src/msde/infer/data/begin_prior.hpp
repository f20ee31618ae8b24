// How a model with a prior begins: its coefficients, its steps, and what it makes of first snapshots, all chosen by roll-outs
// of the prior alone on validation.
#pragma once

#include <functional>
#include <string>

#include "msde/infer/data/prepared.hpp"

namespace msde {

using Tell = std::function<void(const std::string&)>;

// Mean relative error of roll-outs of the model as it is from the first validation snapshots; infinite where it is not finite, or
// where steps that are stable are too many to be made (is_affordable).
double validation_error(const Prepared& prepared);
// Whether stable steps reach the end of a trajectory in a time that one waits for.
bool is_affordable(const Prepared& prepared);

// The coefficients of a prior, if there is one: as they are, or with those of candidates fitted (fit_terms.hpp), or all that training may
// change; whichever errs least. `data` are those that were measured.
void begin_prior(Prepared& prepared, const Dataset& data, const Tell& tell);

// Spans of training's time of which a linear model of n numbers knows what first snapshots are like; 0: none.
int64_t spans_of_first_states(const ModelSpec& spec, int64_t n, int64_t n_snapshots);
// What is known of first snapshots, as wide as validation asks for, or nothing.
void choose_first_state(Prepared& prepared, const Tell& tell);

// Of a model that goes on with other data: the steps that are stable with its prior there, and what first snapshots are like.
void continue_prior(Prepared& prepared, const Tell& tell);

}  // namespace msde
