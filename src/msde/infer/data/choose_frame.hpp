// The frame in which a model sees its fields.
#pragma once

#include <optional>
#include <string>

#include "msde/field/dataset.hpp"
#include "msde/field/start_frame.hpp"

namespace msde {

// ConfigError: "start" of data that cannot be moved, as below.
void check_frame(const Dataset& data, const std::string& asked);
void check_frame(const Grid& grid, const std::string& asked);  // what the grid says of it

struct ChosenFrame {
  std::optional<StartFrame> frame;  // none: fields stay where they are
  std::string brief;                // a line for people; empty: nothing to say
};

// For model.frame = "start", "fixed" or "preset", from data without units, with noise of standard deviation `noise_std`. A
// frame needs a periodic axis on which nothing says where its origin is: no mask, no forcing that varies, which may act at a place, no
// clock; ConfigError where "start" is asked for without. Its reference is the mean of first training snapshots, each moved
// to be most like the mean before. "preset" takes it where modes of the moved training snapshots show those of validation as
// well as modes of them as they are do (their rms remainder at most a twentieth more); of fewer than 8 snapshots it does not.
ChosenFrame choose_frame(const Dataset& data, const std::string& asked, double noise_std);

// Of every axis the points that do not repeat others: one less than all where the last is the first again in training
// snapshots of all times, as like it as noise allows and clearly unlike its neighbour. Empty where that is so of no axis.
std::vector<int64_t> period_of_axes(const Dataset& data, double noise_std);

}  // namespace msde
