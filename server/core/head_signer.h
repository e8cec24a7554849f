// Signs where a thread stands, with the relay's signing key (G4). Immutable; any thread.
#ifndef RENKEI_SERVER_CORE_HEAD_SIGNER_H_
#define RENKEI_SERVER_CORE_HEAD_SIGNER_H_

#include "crypto/base/sign.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/head.h"

namespace renkei::server {

class HeadSigner {
 public:
  HeadSigner(SigningKey key, const thread::IncarnationId& incarnation)
      : key_(std::move(key)), incarnation_(incarnation) {}

  // Bytes of renkei.seal.v1.SignedHead. The same position gives the same bytes.
  Bytes Sign(const CaseId& case_id, const thread::Position& at) const {
    return thread::SignHead(HeadAt(case_id, at), key_);
  }
  thread::Head HeadAt(const CaseId& case_id, const thread::Position& at) const {
    return {case_id, at.seq, at.hash, at.received_at, incarnation_};
  }
  // Of each, in their order; one signature for all of them.
  std::vector<Bytes> SignAll(std::span<const thread::Head> heads) const {
    return thread::SignHeads(heads, key_);
  }
  const SigningKey& key() const { return key_; }

 private:
  const SigningKey key_;
  const thread::IncarnationId incarnation_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_HEAD_SIGNER_H_
