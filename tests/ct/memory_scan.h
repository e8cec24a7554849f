// Looks for bytes in everything this process may write to: heap, mappings, globals, the stack above
// the caller. What is looked for is kept masked, so that the search does not find itself.
#ifndef RENKEI_TESTS_CT_MEMORY_SCAN_H_
#define RENKEI_TESTS_CT_MEMORY_SCAN_H_

#include <sodium.h>

#include <cstddef>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"

namespace renkei::ct {

class Watch {
 public:
  // `secret` at least 16 bytes, of which the last 16 are looked for: free() writes over the first.
  // Remembered masked. `name` for the message.
  void Add(std::string name, ByteView secret);
  // Names of those that are in memory now. Clears the stack below the caller first: what libsodium
  // leaves there is not ours to wipe and goes with the next calls. Inlined, so that no frame of its
  // own covers any of that.
  [[gnu::always_inline]] std::vector<std::string> Find() const {
    sodium_stackzero(kStackBytes);
    return Search();
  }

 private:
  static constexpr std::size_t kSearchedBytes = 16;
  static constexpr std::size_t kStackBytes = std::size_t{256} << 10;
  std::vector<std::string> Search() const;

  struct Entry {
    std::string name;
    Bytes masked;
  };
  std::vector<Entry> entries_;
};

}  // namespace renkei::ct

#endif  // RENKEI_TESTS_CT_MEMORY_SCAN_H_
