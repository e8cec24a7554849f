// What somebody can do to a relay from outside, one function each. Each begins, holds on until
// `stop`, and ends; it says how many connections or calls it came to.
#ifndef RENKEI_TESTS_BENCH_FLOOD_ATTACKS_H_
#define RENKEI_TESTS_BENCH_FLOOD_ATTACKS_H_

#include <atomic>
#include <cstddef>
#include <span>

#include "tests/bench/flood/victim.h"

namespace renkei::flood {

struct Scale {
  std::size_t connections = 200;
  std::size_t streams = 64;  // on each, where the attack has streams
};

struct Attack {
  const char* name;
  std::size_t (*run)(const Victim& victim, const Scale& scale, const std::atomic<bool>& stop);
};

std::span<const Attack> Attacks();

}  // namespace renkei::flood

#endif  // RENKEI_TESTS_BENCH_FLOOD_ATTACKS_H_
