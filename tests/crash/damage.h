// What is done to a store's files while no relay runs.
#ifndef RENKEI_TESTS_CRASH_DAMAGE_H_
#define RENKEI_TESTS_CRASH_DAMAGE_H_

#include <filesystem>
#include <random>
#include <string>

namespace renkei::crash {

using Dice = std::mt19937_64;

// The end of SQLite's write-ahead log torn off, zeroed, overwritten with garbage, or garbage behind
// it. Says what was done; empty: there is no log.
std::string TearLog(const std::filesystem::path& store, Dice& dice);
// A few bits of the database, or of the log if there is one.
std::string FlipBits(const std::filesystem::path& store, Dice& dice);

// The store's files, to be put back.
class Saved {
 public:
  explicit Saved(const std::filesystem::path& store);
  void PutBack() const;

 private:
  const std::filesystem::path store_;
  const std::filesystem::path copy_;
};

}  // namespace renkei::crash

#endif  // RENKEI_TESTS_CRASH_DAMAGE_H_
