// NumPy's default random generator, so that data drawn by published Python scripts can be drawn again.
#pragma once

#include <cstdint>
#include <vector>

namespace msde {

// numpy.random.default_rng(entropy): SeedSequence (O'Neill, "Developing a seed_seq alternative", 2015)
// spreads the 32-bit words of the seed over the state of PCG64 (O'Neill, HMC-CS-2014-0905: 128-bit
// congruential generator, output XSL-RR). NumPy promises this stream for PCG64 by name.
class NumpyGenerator {
 public:
  // `entropy`: one word per 32 bits, least first, as NumPy splits an integer; {7} is default_rng(7).
  explicit NumpyGenerator(const std::vector<uint32_t>& entropy);

  uint64_t next();                          // random_raw()
  double uniform(double low, double high);  // one draw of Generator.uniform: 53 random bits

 private:
  __extension__ using Word = unsigned __int128;
  Word state_ = 0, increment_ = 1;
};

}  // namespace msde
