// What a finished stage was made from, as a hash: the stage is done again where the hash is another one.
#pragma once

#include <string>

#include "msde/run/run_directory.hpp"
#include "msde/run/settings.hpp"

namespace msde {

// Of everything that decides the trained weights, and nothing else: the data (by their hash) and how they are
// seen, the keys that decide training (decides_training()), the weights that training starts from. Not paths,
// not how often to save. DataError where the model of train.init_from cannot be read.
std::string train_fingerprint(const Settings& settings, const std::string& data_hash);

// Of everything that decides the scores of the run's model: its weights, the data and how they are seen, how
// many snapshots and members. DataError where the model cannot be read.
std::string evaluation_key(const RunLayout& run, const Settings& settings, const std::string& data_hash);

}  // namespace msde
