// Where the ranks of a group meet: a store of keys that rank 0 keeps. With c10d only.
#pragma once

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "msde/tensor/ranks/process_group.hpp"

namespace msde::rendezvous {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;
using Store = c10::intrusive_ptr<c10d::Store>;

inline constexpr Milliseconds kPoll{50};
inline constexpr Milliseconds kAnswer{10000};  // of rank 0 to a question
inline constexpr Milliseconds kLinger{500};    // in which the others read what rank 0 made of it

// Values and keys of the store: "left/3".
std::vector<uint8_t> bytes(const std::string& text);
std::string text(const std::vector<uint8_t>& bytes);
std::string key(const char* what, int64_t rank);
Milliseconds milliseconds(double seconds);
std::string first_line(const char* message);

// Rank 0's store, served here, or reached. ConfigError: the port is taken; rank 0 does not answer.
Store open(const Rendezvous& rendezvous, Clock::time_point deadline);

// Every rank says its number of ranks and reads that of the others. ConfigError: one does not come in time,
// came twice, or they disagree.
void meet(c10d::Store& store, const Rendezvous& rendezvous, Clock::time_point deadline);

}  // namespace msde::rendezvous
