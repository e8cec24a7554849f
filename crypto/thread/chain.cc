#include "crypto/thread/chain.h"

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"

namespace renkei::thread {

Position StartOf(const CaseId& case_id) {
  return {0, Sha256({AsBytes(labels::kThreadStart), case_id.view()}), Millis{0}};
}

Hash32 NextHash(const Hash32& previous, std::uint64_t seq, EntryKind kind, Millis received_at,
                const Hash32& payload_hash) {
  Bytes middle;
  AppendU64(middle, seq);
  AppendU8(middle, static_cast<std::uint8_t>(kind));
  AppendTime(middle, received_at);
  return Sha256({AsBytes(labels::kThreadEntry), previous, middle, payload_hash});
}

Hash32 NextHash(const Hash32& previous, const EntryView& entry) {
  return NextHash(previous, entry.seq, entry.kind, entry.received_at, Sha256(entry.payload));
}

Result<Position> CheckNext(const CaseId& case_id, const Position& position,
                           const EntryView& entry) {
  if (entry.case_id != case_id) {
    return Error(Code::kConflict, "chain: entry of another case");
  }
  if (entry.seq <= position.seq) {
    return Error(Code::kConflict, "chain: repeated sequence number");
  }
  if (entry.seq != position.seq + 1) {
    return Error(Code::kConflict, "chain: skipped sequence number");
  }
  if (entry.received_at < position.received_at) {
    return Error(Code::kConflict, "chain: time goes back");
  }
  const Hash32 hash = NextHash(position.hash, entry);
  if (!Equal(hash, entry.hash)) {
    return Error(Code::kAuthFailed, "authentication failed");
  }
  return Position{entry.seq, hash, entry.received_at};
}

}  // namespace renkei::thread
