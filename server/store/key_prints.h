// Which entries of a thread may have a key. Each new entry is asked whether its key was ever there,
// among all of the thread's: an index by key puts every new key on a page of its own, anywhere in
// the file, and costs the more the larger the store is. This has 32 bits of each key instead, in
// the order of the thread; what looks alike is compared with the entry itself by the caller. The
// store keeps them by the block (schema.sql key_prints), so that a thread's are read quickly. One
// thread.
#ifndef RENKEI_SERVER_STORE_KEY_PRINTS_H_
#define RENKEI_SERVER_STORE_KEY_PRINTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "server/core/rows.h"

namespace renkei::server {

class KeyPrints {
 public:
  using Secret = ByteArray<kShortHashKeyBytes>;

  // Entries of a block: from 1 to this, and so on.
  static constexpr std::size_t kBlock = 128;
  // 4 to 5 bytes each, with a table (kTable) up to 13 (MakeRoom).
  static constexpr std::size_t kMaxPrints = std::size_t{3} << 22U;
  // From so many on a thread has a table: looking at one after the other would take microseconds.
  static constexpr std::size_t kTable = 4096;

  // Who knows the secret can make keys that look alike; nobody else can.
  explicit KeyPrints(const Secret& secret, std::size_t max_prints = kMaxPrints)
      : max_prints_(max_prints), secret_(secret) {}

  // `thread`: its number in the store. Its entries from 1 to this are known; 0: none.
  std::uint64_t Known(std::int64_t thread) const;
  // Before a thread is read into this: where as many as may be are known all is forgotten, to be
  // read again when it is needed.
  void MakeRoom();
  // The next entry, Known() + 1. Its key, or none: then it looks like no key.
  void Add(std::int64_t thread, const std::optional<EntryKey>& key);
  // The first entry behind `after` that may have `key`; 0: none of those that are known.
  std::uint64_t Find(std::int64_t thread, const EntryKey& key, std::uint64_t after);

  // The last block, to be kept; Known() is a multiple of kBlock and not 0. kBlock prints, each
  // little-endian, and 8 bytes that say that they are this thread's at this place.
  Bytes LastBlock(std::int64_t thread) const;
  // The next block as it was kept; Known() is a multiple of kBlock. kCorrupt: it is another.
  Status AddBlock(std::int64_t thread, ByteView block);

  // kCorrupt: `block`, which begins with the entry `first`, is another, or has another key at
  // `seq`. Looks at nothing that is known.
  Status CheckBlock(std::int64_t thread, std::uint64_t first, ByteView block, std::uint64_t seq,
                    const std::optional<EntryKey>& key) const;

  // What is added from now on can be undone.
  void Begin() { before_.clear(); }
  // Forgets what was added since Begin().
  void Undo();

 private:
  using Print = std::uint32_t;
  struct Thread {
    std::vector<Print> prints;  // of entry 1, 2, ...
    // Entries that have a key by their prints, 0: nobody; the next free place behind a taken one.
    // Empty (until it is needed, or once it is too small), or at least half as many again as
    // prints.
    std::vector<std::uint32_t> table;
  };

  // 0: of no key, and of no other.
  Print PrintOf(const std::optional<EntryKey>& key) const;
  // The prints of `block`; kCorrupt: it is another.
  Result<std::vector<Print>> ReadBlock(std::int64_t thread, std::uint64_t first,
                                       ByteView block) const;
  Thread& Changing(std::int64_t thread);
  void Push(Thread& thread, Print print);
  static void MakeTable(Thread& thread);

  const std::size_t max_prints_;
  const Secret secret_;
  std::size_t count_ = 0;
  std::map<std::int64_t, Thread> threads_;
  std::map<std::int64_t, std::size_t> before_;  // Known() of each at Begin(), if it has changed
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_KEY_PRINTS_H_
