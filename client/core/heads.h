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

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_HEADS_H_
