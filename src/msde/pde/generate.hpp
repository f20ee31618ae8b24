// Writes a dataset of a benchmark case: the only part of pde that a program needs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "msde/pde/generate_options.hpp"

namespace msde {

// Writes {train,val,test}_{x,t,mu,f,x_clean} and the root attributes case, length, boundary, noise_std, seed,
// axes (field/dataset.hpp) to `path`, whole or not at all. x = x_clean + noise_std * N(0, 1), float32; mu [N,
// 1], f [N, T, 1], zeros where the case has none.
//
// A pure function of (case, options): trajectory i of a split draws its parameters and noise from keys of
// (seed, stream, split, i), so they depend neither on the number of threads nor on the size of any split, nor
// the parameters on n_steps. Trajectories are computed side by side on at::get_num_threads() threads; memory
// holds one trajectory per thread. `report(done, total)` counts trajectories and may be empty. Throws
// ConfigError (case, options), DataError (file), Stopped (between trajectories, nothing is left behind).
//
// Of a case in a stream (case_stream.hpp): also beyond_{x,t,mu,f,x_clean} where n_beyond > 0, and `mask`
// [*grid], uint8, 1 where there is a field; where there is none x and x_clean are NaN. Splits may be parts of
// one trajectory (split_plan.hpp), times count from its start and noise from the start of each part. Memory
// holds some snapshots; `report` counts snapshots, and Stopped comes between them.
void generate_case(const std::string& case_name, const GenerateOptions& options, const std::string& path,
                   const std::function<void(int64_t done, int64_t total)>& report);

}  // namespace msde
