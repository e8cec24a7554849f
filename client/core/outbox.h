// The outbox: what people write waits here until the thread has it (G5). Durable, ordered per case,
// urgent first; sealed when it is sent, and what was sealed is saved before it goes, so that a
// retry after a crash is the same record with the same bytes. One thread.
#ifndef RENKEI_CLIENT_CORE_OUTBOX_H_
#define RENKEI_CLIENT_CORE_OUTBOX_H_

#include "client/core/core.h"
#include "client/core/outbox_store.h"

namespace renkei::client {

// Queues a record. `content`: renkei.care.v1.Content, 1..seal::kMaxContentBytes. In the caller's
// transaction. kTooLarge: over that.
Result<OutboxItem> QueueRecord(Core& core, const CaseId& case_id, std::uint32_t kind,
                               ByteView content, bool urgent, Priority priority);

// Notes that the person has been shown these records, in the receipt that waits or a new one. In
// the caller's transaction.
Status QueueOpened(Core& core, const CaseId& case_id, const std::vector<RecordId>& records);
// A receipt for what came from others since the last one, if anything did. In the caller's
// transaction.
Status QueueReceipt(Core& core, OpenCase& open);

// Sends what waits for this case, in order; `open` stands at the thread's head. Ordinary records
// that wait together go over one call, sealed at the same moment: what the relay refuses of them
// refuses all, but for one that is over a limit by itself. Stops at what cannot go now and says in
// its row why. Errors: kUnavailable and the like from the relay; the vault's. Nothing is lost by
// any of them.
Status SendOutbox(Core& core, Relay& relay, OpenCase& open, Changes& changes);

// What the relay asked for when it said kThrottled: until when to leave it alone.
Millis RetryAt(const Core& core, const Relay& relay);
// That moment has not come yet, for this item. One further ahead than a relay may ask for is a
// clock that was turned back, and counts for nothing. An urgent record never waits: a relay that is
// wrong about its limits must not hold it up, and one try with each sync costs it little.
bool MustWait(const Core& core, const OutboxItem& item);
// From when on the relay takes it, as far as it said. None where it has no space: waiting alone
// does not make any.
std::optional<Millis> SendableFrom(const Core& core, const OutboxItem& item);

// Why what waits waits, after a kUnavailable or kAuthFailed of the relay's.
WaitReason WhyUnavailable(const Error& error);
WaitReason WhyThrottled(const Error& error);  // likewise, after a kThrottled
// Says in every row that waits why it does. In a transaction of its own.
// `retry_at`: with kThrottled and kNoSpaceLeft only.
Status MarkWaiting(Core& core, const std::optional<CaseId>& case_id, WaitReason reason,
                   Millis retry_at = {});

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_OUTBOX_H_
