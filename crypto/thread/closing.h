// A steward's word that a case is over, or goes on after all (crypto/README.md "Closing notice").
// It starts the clock of retention and locks nothing: records that come later count it from them
// on. Read by the relay: why a case ends is not in here. Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_CLOSING_H_
#define RENKEI_CRYPTO_THREAD_CLOSING_H_

#include <cstdint>
#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/sign.h"
#include "crypto/thread/card.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/names.h"

namespace renkei::thread {

inline constexpr std::size_t kMaxSignedClosingBytes = 512;
inline constexpr std::uint32_t kMaxKeepYears = 100;

// The values are those of renkei.seal.v1.ClosingNotice: never renumber.
enum class ClosingAction : std::uint32_t { kClose = 1, kReopen = 2 };

struct ClosingNotice {
  CaseId case_id;
  EpochRef at;  // in force
  ClosingAction action = ClosingAction::kClose;
  DeviceId sender_device;
  std::uint64_t seen_seq = 0;  // where the sender stood in the thread
  Hash32 seen_hash{};
  std::uint32_t keep_years = 0;  // with kClose: to be kept at least; 0..kMaxKeepYears, 0: no wish
  Millis created_at;

  friend bool operator==(const ClosingNotice&, const ClosingNotice&) = default;
};

struct SignedClosingNotice {
  ClosingNotice notice;
  Bytes notice_bytes;  // the exact bytes that are signed
  Signature signature{};
};

// What the closing notices of a thread, and the records behind them, come to. Both sides keep it.
struct Closing {
  std::uint64_t seq = 0;  // of the newest notice that counted; 0: there was none
  bool is_closed = false;
  std::uint32_t keep_years = 0;
  Millis counted_from;  // of the notice, or of the newest record behind it

  friend bool operator==(const Closing&, const Closing&) = default;
};

// Bytes of renkei.seal.v1.SignedClosingNotice. kMalformed: years out of range, or with kReopen.
Result<Bytes> MakeClosingNotice(const ClosingNotice& notice, const SigningKey& key);
// Structure only. kMalformed; kUnsupported: a version or an action of a later Renkei.
Result<SignedClosingNotice> ParseClosingNotice(ByteView signed_notice);
// kAuthFailed: not signed by this key (32 bytes, of sender_device's verified certificate).
Status VerifyClosingNotice(const SignedClosingNotice& notice, ByteView signing_key);

// Whether it may be the next entry of its thread (G3). `seen_hash`: the chain at seen_seq, none
// beyond the thread.
//   kStaleEpoch   another epoch is in force: sign again
//   kDenied       the sender is no member, or no steward
//   kConflict     off the chain, older than the newest notice, or the case is in that state already
//   kMalformed    of another case
Status JudgeClosingNotice(const ClosingNotice& notice, const Card& in_force,
                          const std::optional<Hash32>& seen_hash, const Closing& closing);

// The state after a notice that counted, and after a record, received then.
Closing AfterNotice(const ClosingNotice& notice, std::uint64_t seq, Millis received_at);
Closing AfterRecord(Closing closing, Millis received_at);

// The end of the day, in Japan, on which `years` calendar years after `from` are over. Never too
// early: a 29 February becomes 1 March, and a time beyond the calendar is never reached.
Millis KeptUntil(Millis from, std::uint32_t years);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_CLOSING_H_
