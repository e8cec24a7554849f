// Entries that tell the members who else was let near the thread (crypto/README.md "Pack", "Relay
// note"): earlier secrets handed to a key (by a member), institution envelopes fetched (by the
// relay). Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_NOTICE_H_
#define RENKEI_CRYPTO_THREAD_NOTICE_H_

#include <cstdint>
#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/sign.h"
#include "crypto/thread/alert_note.h"
#include "crypto/thread/card.h"
#include "crypto/thread/names.h"

namespace renkei::thread {

inline constexpr std::size_t kMaxSignedNoticeBytes = 512;
// A call of a whole large case in it, or a plan.
inline constexpr std::size_t kMaxSignedRelayNoteBytes = std::size_t{16} << 10U;

struct PackNotice {
  CaseId case_id;
  Hash32 key_id{};  // the archive key it is sealed to
  DeviceId sender_device;
  Hash32 pack_hash{};  // SHA-256 of the Pack's bytes
  EpochRef first;      // the range it covers, both ends included
  EpochRef last;
  Millis created_at;

  friend bool operator==(const PackNotice&, const PackNotice&) = default;
};

struct SignedPackNotice {
  PackNotice notice;
  Bytes notice_bytes;  // the exact bytes that are signed
  Signature signature{};
};

// Bytes of renkei.seal.v1.SignedPackNotice. kMalformed: last before first.
Result<Bytes> MakePackNotice(const PackNotice& notice, const SigningKey& key);
// Structure only. kMalformed, kUnsupported.
Result<SignedPackNotice> ParsePackNotice(ByteView signed_notice);
// kAuthFailed: not signed by this key (32 bytes, of sender_device's verified certificate).
Status VerifyPackNotice(const SignedPackNotice& notice, ByteView signing_key);
// Whether it may be the next entry of its thread (G3): the sender is on the card in force, the key
// is one of its recipients, the range has begun. kDenied; kMalformed for another case.
Status JudgePackNotice(const PackNotice& notice, const Card& in_force);

enum class RelayNoteKind : std::uint32_t {
  kInstitutionEnvelopesFetched = 1,  // subject: the institution; actor: the device that asked
  kAlertStep = 2,    // subject: the urgent record; actor: who acknowledged; with `alert`
  kIncarnation = 3,  // the relay was restored from a backup; subject: its new incarnation
  kDeletion = 4,     // retention is over: the case will be deleted (deletion.h); subject: the case
};

struct RelayNote {
  CaseId case_id;
  std::uint32_t kind = 0;  // a RelayNoteKind, or one of a later Renkei: show it as unknown
  ByteArray<kIdBytes> subject{};
  std::optional<DeviceId> actor;  // none: the relay itself
  Millis at;
  std::optional<AlertNote> alert{};  // exactly with kAlertStep

  friend bool operator==(const RelayNote&, const RelayNote&) = default;
};

// Bytes of renkei.seal.v1.SignedRelayNote. kMalformed: kind 0, or not what its kind has.
Result<Bytes> MakeRelayNote(const RelayNote& note, const SigningKey& relay_key);
// Structure only: nothing in it is to be believed yet. kMalformed, kTooLarge, kUnsupported.
Result<RelayNote> ParseRelayNote(ByteView signed_note);
// As ParseRelayNote; kAuthFailed: not signed by the relay's verified signing key.
Result<RelayNote> VerifyRelayNote(ByteView signed_note, ByteView relay_key);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_NOTICE_H_
