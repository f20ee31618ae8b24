// The stages of a run as library calls: data, training, evaluation, forecasts. A finished stage is recognised
// by the hash of what it was made from (fingerprint.hpp).
#pragma once

#include "msde/run/evaluate_run.hpp"
#include "msde/run/open_run.hpp"
#include "msde/run/predict_run.hpp"
#include "msde/run/run_data.hpp"
#include "msde/run/train_run.hpp"
