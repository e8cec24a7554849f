// What the disk alone takes for an append: as many bytes as its transaction puts into the store's
// log, in one write, and the sync. A call that does only this is as quick as an acknowledgement
// that is on the disk can be, over this transport; time that a rest costs disk and processor is in
// it too.
#ifndef RENKEI_TESTS_BENCH_RELAY_SYNCED_WRITES_H_
#define RENKEI_TESTS_BENCH_RELAY_SYNCED_WRITES_H_

#include <cstdint>
#include <filesystem>
#include <mutex>

#include "crypto/base/bytes.h"

namespace renkei::bench {

// Guarded: one at a time.
class SyncedWrites {
 public:
  // Makes `file` as large as the log usually is, once for all: no write changes its size.
  explicit SyncedWrites(const std::filesystem::path& file);
  ~SyncedWrites();
  SyncedWrites(const SyncedWrites&) = delete;
  SyncedWrites& operator=(const SyncedWrites&) = delete;

  // The next one, behind the last; from the file's end on from its beginning.
  void Write();

 private:
  std::mutex mutex_;
  const int descriptor_;
  const Bytes bytes_;
  std::uint64_t at_ = 0;
};

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_SYNCED_WRITES_H_
