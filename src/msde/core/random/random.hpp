// Random numbers as pure functions of a key: no state, so the same for any thread count and after any resume.
#pragma once

#include <cstdint>

namespace msde {

// What each stream of random numbers is for; the number is part of every key, so never renumber.
enum class Stream : uint32_t {
  data_parameters = 1,  // step = trajectory
  data_noise = 2,       // step = trajectory
  initialisation = 3,   // step = parameter number
  window_choice = 4,    // step = training step
  reparametrisation = 5,
  rollout_choice = 6,
  rollout_noise = 7,
  ensemble = 8,  // step = time step, index = member, trajectory, component
  decoder_noise = 9,
  sketch = 10,  // randomised SVD
  rank_ties = 11,
  encoder_sample = 12,  // noise of training inputs, step = training step
  frame_choice = 13,
  snapshot_choice = 14,
  snapshot_noise = 15,
  stride_choice = 16,
  first_state = 17,  // of members; step 0 in forecasts, 1 in calibration
  resample = 18,     // bootstrap; step = resample, index = draw
  test = 100,
};

struct RandomKey {
  uint64_t seed = 0;
  Stream stream = Stream::test;
  uint64_t step = 0;
};

// The seed of part `i` of what has one seed: trajectories and frames, also of neighbouring seeds, must not share
// their noise.
inline uint64_t seed_of_part(uint64_t seed, int64_t i) {
  return seed + static_cast<uint64_t>(i) * 0x9E3779B97F4A7C15u;  // 2^64 / golden ratio
}

// Counter-based (Philox4x32-10, Salmon et al., SC 2011): value `index` of the key.
void fill_normal(const RandomKey& key, uint64_t first_index, int64_t count, double* out);
void fill_normal(const RandomKey& key, uint64_t first_index, int64_t count, float* out);  // = double rounded
void fill_uniform(const RandomKey& key, uint64_t first_index, int64_t count, double* out);  // (0, 1)
int64_t uniform_integer(const RandomKey& key, uint64_t index, int64_t low,
                        int64_t high);  // low..high inclusive

}  // namespace msde
