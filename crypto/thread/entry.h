// Thread entries and the payloads that relay and members both read (crypto/README.md "Thread entry
// and chain"). The order of entries is chain.h's. Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_ENTRY_H_
#define RENKEI_CRYPTO_THREAD_ENTRY_H_

#include <cstdint>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/thread/card.h"
#include "crypto/thread/chain.h"

namespace renkei::thread {

inline constexpr std::size_t kMaxCommitBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxPayloadBytes = kMaxCommitBytes + (std::size_t{128} << 10U);
inline constexpr std::size_t kMaxEntryBytes = kMaxPayloadBytes + 256;

struct Entry {
  CaseId case_id;
  std::uint64_t seq = 0;
  EntryKind kind = EntryKind::kCommit;
  Millis received_at;
  Bytes payload;
  Hash32 hash{};

  EntryView View() const { return {case_id, seq, kind, received_at, payload, hash}; }
};

// Bytes of renkei.seal.v1.ThreadEntry. ParseEntry checks the structure, not the chain (CheckNext).
//   kMalformed    not the one encoding of an entry
//   kTooLarge     over kMaxEntryBytes
//   kUnsupported  a kind of a later Renkei: keep and chain it (EntryKind holds only known ones)
Bytes SerializeEntry(const EntryView& entry);
Result<Entry> ParseEntry(ByteView bytes);

// What a commit entry carries.
struct CommitPayload {
  SignedCard card;
  Bytes commit;  // MLSMessage (PublicMessage), 1..kMaxCommitBytes; empty at epoch 0
};

// ParseCommitPayload also checks that the commit is the one the card names (commit_hash), and that
// there is none exactly at epoch 0. The card's signature is not verified here.
// kMalformed, kTooLarge, kUnsupported as in ParseCard.
Result<Bytes> SerializeCommitPayload(const SignedCard& card, ByteView commit);
Result<CommitPayload> ParseCommitPayload(ByteView payload);
// The same checks, for who has the two parts already.
Result<CommitPayload> CommitPayloadFromParts(SignedCard card, ByteView commit);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_ENTRY_H_
