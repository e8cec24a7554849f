// The relay's signed heads against our own chain (G4): proof, if it ever says two things. One
// thread.
#ifndef RENKEI_CLIENT_CORE_HEADS_H_
#define RENKEI_CLIENT_CORE_HEADS_H_

#include "client/core/core.h"

namespace renkei::client {

// `signed_head`: bytes of SignedHead that came with the answer after which `open` stands at what
// the relay calls the end. A head that is forged, contradicts our chain, lies behind it or beyond
// what was delivered leaves a warning; the newest good one is kept as proof. Writes by itself,
// outside of a transaction. Errors as the vault's.
Status CheckHead(Core& core, OpenCase& open, ByteView signed_head, Changes& changes);

// The same for entries that are being taken over, in the caller's transaction: keeps a good head of
// exactly where `open` stands, because it proves these entries to a relay that was restored from a
// backup (give_back.h). Any other is left to CheckHead.
Status KeepHead(Core& core, const OpenCase& open, ByteView signed_head);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_HEADS_H_
