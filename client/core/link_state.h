// What linking a device passes from the old device's vault to the new one's: the link signature
// itself and where each thread stood. Written by enrolment, read when joining a case by external
// commit (crypto/README.md "Link"). Functions on a vault; one thread.
#ifndef RENKEI_CLIENT_CORE_LINK_STATE_H_
#define RENKEI_CLIENT_CORE_LINK_STATE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "client/core/vault.h"
#include "crypto/base/hash.h"
#include "crypto/thread/names.h"

namespace renkei::client {

struct ThreadPosition {
  CaseId case_id;
  std::uint64_t seq = 0;
  Hash32 hash{};
  thread::EpochRef at;
  Hash32 card_hash{};  // of the card in force there
};

// The old device: every thread this vault holds, as of its last sync. Errors as Vault::Scan;
// kCorrupt for a damaged row.
Result<std::vector<ThreadPosition>> LoadThreadPositions(Vault& vault);

// The new device, when it takes over its certificates (in that transaction): the SignedLink that
// made it, and the positions out of the LinkPackage. Errors as Vault::Put.
Status SaveLinkState(Vault& vault, ByteView signed_link,
                     const std::vector<ThreadPosition>& positions);

// Empty: this device was not linked (it is its person's first).
Result<std::optional<Bytes>> LoadSignedLink(Vault& vault);
// Empty: nothing was said about that case.
Result<std::optional<ThreadPosition>> LoadLinkedPosition(Vault& vault, const CaseId& case_id);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_LINK_STATE_H_
