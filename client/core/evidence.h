// What a card's evidence proves, as of the moment its entry was received (crypto/thread/
// succession.h "JudgedEvidence"). One thread.
#ifndef RENKEI_CLIENT_CORE_EVIDENCE_H_
#define RENKEI_CLIENT_CORE_EVIDENCE_H_

#include "client/core/certificates.h"
#include "crypto/thread/succession.h"

namespace renkei::client {

// `previous` may be null. A piece of evidence that does not hold is left out: the judge then misses
// it where it is needed. kNotFound: a certificate is not known here, sync the directory first.
Result<thread::JudgedEvidence> JudgeEvidence(const thread::Card* previous, const thread::Card& card,
                                             Millis at, Certificates& certificates);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_EVIDENCE_H_
