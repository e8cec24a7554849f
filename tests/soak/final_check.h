// What must be true when the day is over.
#ifndef RENKEI_TESTS_SOAK_FINAL_CHECK_H_
#define RENKEI_TESTS_SOAK_FINAL_CHECK_H_

#include "tests/soak/line.h"

namespace renkei::soak {

// Reads every thread from its beginning over the network, nothing being under way, and compares it
// with its ledger, with the head that the relay signs, and with what `listened` had been sent. Ends
// this program at the first difference. Where the threads end.
Positions ReadEverything(const Scene& scene, const Positions& listened);

// Of a relay that does not run: every mistake that was told is in the audit log.
void CheckAudit(const std::filesystem::path& data, const Tally& tally);
// Of a restored folder: each thread reaches `ends`, which the backup was made after.
void CheckRestored(const std::filesystem::path& data, const Positions& ends);

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_FINAL_CHECK_H_
