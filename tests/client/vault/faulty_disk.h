// A disk on which this process dies at the nth write, sync or removal of a file, and on which a
// loss of power takes back what was not synced. For a forked child only: it cannot be taken off
// again.
#ifndef RENKEI_TESTS_CLIENT_VAULT_FAULTY_DISK_H_
#define RENKEI_TESTS_CLIENT_VAULT_FAULTY_DISK_H_

#include <cstddef>
#include <cstdint>

namespace renkei::client {

enum class DiskFault {
  kNone,           // only counts
  kKill,           // SIGKILL before the nth step
  kTornWrite,      // SIGKILL with half of the nth write done
  kPowerCut,       // everything since the last sync of its file is lost
  kPowerCutParts,  // of that, each write is lost or not by chance
};

struct DiskSteps {
  std::size_t writes = 0;
  std::size_t syncs = 0;
};

// From here on every write of SQLite's and every fsync, fdatasync and unlink of anybody's is a
// step; the process dies at step `nth` (1: the next).
void InstallFaultyDisk(DiskFault fault, std::size_t nth, std::uint32_t seed);
// Steps since then, where the fault is kNone.
DiskSteps StepsSoFar();

}  // namespace renkei::client

#endif  // RENKEI_TESTS_CLIENT_VAULT_FAULTY_DISK_H_
