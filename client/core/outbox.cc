#include "client/core/outbox.h"

#include <algorithm>
#include <span>
#include <utility>

#include "client/core/commit.h"
#include "client/core/kinds.h"
#include "client/core/thread_sync.h"
#include "crypto/seal/archive.h"
#include "crypto/seal/record.h"
#include "crypto/thread/alert_plan.h"
#include "renkei/care/v1/content.pb.h"
#include "renkei/relay/v1/alerts.pb.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::client {
namespace {

constexpr int kMaxAttempts = 8;
constexpr int kMaxOpenedInReceipt = 1000;
constexpr Millis kUsualWait = Seconds(10);  // where the relay does not say for how long

// What goes over one call at once: well below what the relay takes without having answered, and so
// little that a bad line loses little of it.
constexpr std::size_t kMaxRun = 64;
constexpr std::size_t kMaxRunBytes = std::size_t{256} << 10U;

// What became of one try to send; the worse of two is the greater.
enum class Sent {
  kTaken,
  kStale,
  kTwice,    // another record of ours stands under this id
  kWaits,    // the thread takes nothing now
  kBlocked,  // nor ever, as it is
};

Result<care::v1::Content> ParseContent(ByteView bytes) {
  care::v1::Content content;
  if (!content.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Error(Code::kCorrupt, "outbox: damaged contents");
  }
  return content;
}

// A receipt says what is received at the moment it is sealed.
Result<Bytes> ContentToSeal(const OpenCase& open, const OutboxItem& item) {
  if (item.kind != kinds::kReceipt) {
    return item.content;
  }
  RENKEI_ASSIGN(auto content, ParseContent(item.content));
  content.mutable_receipt()->set_received_to(open.row.position.seq);
  content.mutable_receipt()->set_received_hash(ToString(open.row.position.hash));
  return ToBytes(content.SerializeAsString());
}

Status Seal(Core& core, const OpenCase& open, OutboxItem& item) {
  RENKEI_ASSIGN(const Bytes content, ContentToSeal(open, item));
  seal::RecordDraft draft;
  draft.header.case_id = open.id();
  draft.header.at = open.row.at;
  draft.header.epoch_id = open.card->card.epoch_id;
  draft.header.record_id = item.record_id;
  draft.header.sender_device = core.identity.device;
  draft.header.urgency = item.urgent ? thread::Urgency::kUrgent : thread::Urgency::kNormal;
  if (!item.alert_plan.empty()) {
    draft.header.alert_plan_hash = thread::HashOfAlertPlan(item.alert_plan);
  }
  draft.header.seen_seq = open.row.position.seq;
  draft.header.seen_hash = open.row.position.hash;
  draft.kind = item.kind;
  draft.created_at = item.created_at;
  draft.certificate_hash = Sha256(core.identity.signing_certificate);
  draft.content = content;
  RENKEI_ASSIGN(item.sealed,
                seal::SealRecord(draft, *open.secret, core.identity.signing_key, core.random));
  item.at = open.row.at;
  OutboxStore outbox(core.vault);
  return outbox.Save(item);
}

// The secrets of the epochs before the newcomer came in, for their archive key.
Status MakePackRequest(Core& core, const OpenCase& open, OutboxItem& item) {
  RENKEI_ASSIGN(const auto key, core.directory.ArchiveKeyByHash(*item.pack_key));
  RENKEI_ASSIGN(auto secrets, core.cases.Secrets(open.id()));
  if (secrets.size() > seal::kMaxPackSecrets) {
    secrets.erase(secrets.begin(),
                  secrets.end() - static_cast<std::ptrdiff_t>(seal::kMaxPackSecrets));
  }
  RENKEI_ASSIGN(const auto made, seal::MakePack(secrets, key, open.id(), core.identity.device,
                                                core.now(), core.random));
  RENKEI_ASSIGN(const Bytes notice, thread::MakePackNotice(made.notice, core.identity.signing_key));
  relay::v1::AppendPackRequest request;
  request.set_pack(ToString(made.pack));
  if (!request.mutable_notice()->ParseFromArray(notice.data(), static_cast<int>(notice.size()))) {
    return Error(Code::kInternal, "outbox: a notice of ours does not parse");
  }
  item.pack = ToBytes(request.SerializeAsString());
  item.at = open.row.at;
  OutboxStore outbox(core.vault);
  return outbox.Save(item);
}

Status Block(Core& core, OutboxItem& item, WaitReason reason) {
  ++item.attempts;
  item.waiting = reason;
  OutboxStore outbox(core.vault);
  return outbox.Save(item);
}

Status Acknowledged(Core& core, OutboxItem& item) {
  OutboxStore outbox(core.vault);
  if (item.is_pack()) {
    return outbox.Erase(item.case_id, item.place);
  }
  item.acknowledged = true;
  return outbox.Save(item);
}

// Another record of ours stands under this id: only an older copy of this vault can come to that.
// Its entry clears the row when it is read; if it does not, the record goes under a new id.
Status Renumber(Core& core, OpenCase& open, OutboxItem& item, Changes& changes) {
  OutboxStore outbox(core.vault);
  RENKEI_ASSIGN(const auto still, outbox.FindRecord(open.id(), item.record_id));
  if (!still.has_value()) {
    return Ok();
  }
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  item.record_id = RecordId::Generate(core.random);
  item.sealed.clear();
  RENKEI_TRY(outbox.Save(item));
  RENKEI_TRY(
      AddWarning(core.vault, open.id(), Warning::kSentTwice, open.row.position.seq, core.now()));
  Notice(changes, WarningText(Warning::kSentTwice));
  return transaction.Commit();
}

// The call that also stops the relay's clock. Nothing: there is no alert of that entry, the
// acknowledgement goes as any record.
Result<std::optional<relay::v1::AppendResponse>> AcknowledgeAlert(Relay& relay,
                                                                  const OutboxItem& item) {
  using Out = std::optional<relay::v1::AppendResponse>;
  relay::v1::AcknowledgeRequest request;
  request.set_record(ToString(item.sealed));
  request.set_alert_seq(item.alert_seq);
  RENKEI_ASSIGN(const auto response, relay.Acknowledge(request));
  if (response.has_appended()) {
    return Out(response.appended());
  }
  if (response.refused() != relay::v1::AcknowledgeResponse::REFUSAL_NOT_SEEN) {
    return Out();
  }
  relay::v1::AppendResponse stale;
  stale.set_refused(relay::v1::AppendResponse::REFUSAL_BAD_POSITION);
  return Out(stale);
}

Result<relay::v1::AppendResponse> AppendOne(Relay& relay, const OutboxItem& item) {
  if (!item.is_pack()) {
    if (item.alert_seq != 0) {
      RENKEI_ASSIGN(const auto acknowledged, AcknowledgeAlert(relay, item));
      if (acknowledged.has_value()) {
        return *acknowledged;
      }
    }
    relay::v1::AppendRequest request;
    request.set_record(ToString(item.sealed));
    request.set_alert_plan(ToString(item.alert_plan));
    return relay.Append(request);
  }
  relay::v1::AppendPackRequest request;
  if (!request.ParseFromArray(item.pack.data(), static_cast<int>(item.pack.size()))) {
    return Error(Code::kCorrupt, "outbox: damaged pack");
  }
  return relay.AppendPack(request);
}

WaitReason ReasonOf(const Error& error) {
  switch (error.code()) {
    case Code::kThrottled:
      return WhyThrottled(error);
    case Code::kUnavailable:
    case Code::kAuthFailed:
      return WhyUnavailable(error);
    default:
      return WaitReason::kRefused;
  }
}

// What is sent alone: it goes through another call, or nothing is to stand beside it.
bool IsPlain(const OutboxItem& item) {
  return !item.is_pack() && !item.urgent && item.alert_seq == 0 && item.alert_plan.empty();
}

bool IsMade(const OutboxItem& item) {
  return item.is_pack() ? !item.pack.empty() : !item.sealed.empty();
}

// Sends them once; gives back the outcomes of the first so many.
Status Append(Relay& relay, const std::vector<OutboxItem>& run,
              std::vector<relay::v1::AppendResponse>& outcomes) {
  if (run.size() == 1) {
    RENKEI_ASSIGN(outcomes.emplace_back(), AppendOne(relay, run.front()));
    return Ok();
  }
  std::vector<relay::v1::AppendRequest> requests(run.size());
  for (std::size_t i = 0; i < run.size(); ++i) {
    requests[i].set_record(ToString(run[i].sealed));
  }
  return relay.AppendAll(
      requests, [&](const relay::v1::AppendResponse& outcome) { outcomes.push_back(outcome); });
}

// Keeps what the relay said of one.
Result<Sent> Keep(Core& core, OutboxItem& item, const relay::v1::AppendResponse& response) {
  if (response.has_accepted()) {
    RENKEI_TRY(Acknowledged(core, item));
    return Sent::kTaken;
  }
  if (response.has_duplicate()) {
    if (!item.is_pack() &&
        !Equal(Sha256(item.sealed), AsBytes(response.duplicate().payload_hash()))) {
      return Sent::kTwice;
    }
    RENKEI_TRY(Acknowledged(core, item));
    return Sent::kTaken;
  }
  if (response.has_stale_epoch() ||
      response.refused() == relay::v1::AppendResponse::REFUSAL_BAD_POSITION) {
    // Only now: as long as the relay has not said so, the first bytes may still be stored.
    item.sealed.clear();
    item.pack.clear();
    OutboxStore outbox(core.vault);
    RENKEI_TRY(outbox.Save(item));
    return Sent::kStale;
  }
  if (response.refused() == relay::v1::AppendResponse::REFUSAL_RETURNING) {
    RENKEI_TRY(Block(core, item, WaitReason::kReturning));
    return Sent::kWaits;
  }
  RENKEI_TRY(
      Block(core, item, response.has_not_a_member() ? WaitReason::kRemoved : WaitReason::kRefused));
  return Sent::kBlocked;
}

// Of what has no outcome nothing is known: it stays as it was sent.
Status KeepUnanswered(Core& core, const Relay& relay, const Error& error,
                      std::span<OutboxItem> unanswered) {
  const bool is_throttled = error.code() == Code::kThrottled;
  for (OutboxItem& item : unanswered) {
    item.retry_at = is_throttled ? RetryAt(core, relay) : Millis{};
    RENKEI_TRY(Block(core, item, ReasonOf(error)));
  }
  return Ok();
}

// Sends these once, over one call. The worst that became of any of them.
Result<Sent> SendRun(Core& core, Relay& relay, OpenCase& open, std::vector<OutboxItem>& run,
                     Changes& changes) {
  for (OutboxItem& item : run) {
    if (!IsMade(item)) {
      RENKEI_TRY(item.is_pack() ? MakePackRequest(core, open, item) : Seal(core, open, item));
    }
  }
  std::vector<relay::v1::AppendResponse> outcomes;
  const Status sent = Append(relay, run, outcomes);
  Sent worst = Sent::kTaken;
  std::vector<OutboxItem*> twice;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    RENKEI_ASSIGN(const Sent each, Keep(core, run[i], outcomes[i]));
    worst = std::max(worst, each);
    if (each == Sent::kTwice) {
      twice.push_back(&run[i]);
    }
  }
  if (!sent.ok()) {
    RENKEI_TRY(KeepUnanswered(core, relay, sent.error(), std::span(run).subspan(outcomes.size())));
    return sent.error();
  }
  if (worst != Sent::kTaken && worst != Sent::kWaits) {
    RENKEI_TRY(SyncThread(core, relay, open, changes));
  }
  for (OutboxItem* item : twice) {
    RENKEI_TRY(Renumber(core, open, *item, changes));
  }
  return worst;
}

// What a pack is owed to may be gone again.
bool Pointless(const OpenCase& open, const OutboxItem& item) {
  return item.is_pack() && thread::FindRecipientKey(open.card->card, *item.pack_key) == nullptr;
}

// What goes next: one, or as many as may go over one call. Empty: nothing.
Result<std::vector<OutboxItem>> NextRun(Core& core, const OpenCase& open) {
  OutboxStore outbox(core.vault);
  RENKEI_ASSIGN(auto items, outbox.Items(open.id()));
  std::vector<OutboxItem> run;
  std::size_t bytes = 0;
  for (OutboxItem& item : items) {
    if (item.acknowledged) {
      continue;
    }
    bytes += item.content.size();
    const bool goes_along =
        run.empty() || (IsPlain(run.front()) && IsPlain(item) && bytes <= kMaxRunBytes);
    if (!goes_along || MustWait(core, item) || run.size() == kMaxRun) {
      break;
    }
    run.push_back(std::move(item));
  }
  return run;
}

WaitReason WhyNot(const OpenCase& open) {
  return open.row.removed ? WaitReason::kRemoved : WaitReason::kNotJoined;
}

// The seal guard, then what may go at once. False: nothing more goes now.
Result<bool> SendNext(Core& core, Relay& relay, OpenCase& open, Changes& changes, int& stale) {
  RENKEI_ASSIGN(auto run, NextRun(core, open));
  if (run.empty()) {
    return false;
  }
  if (!CanSend(core, open)) {
    RENKEI_TRY(MarkWaiting(core, open.id(), WhyNot(open)));
    return false;
  }
  RENKEI_ASSIGN(const auto guard, GuardChange(core, open));
  if (guard.has_value()) {
    RENKEI_TRY(ChangeCase(core, relay, open, *guard, changes));
  }
  if (Pointless(open, run.front())) {
    OutboxStore outbox(core.vault);
    RENKEI_TRY(outbox.Erase(run.front().case_id, run.front().place));
    return true;
  }
  RENKEI_ASSIGN(const Sent sent, SendRun(core, relay, open, run, changes));
  stale = sent == Sent::kTaken ? 0 : stale + 1;
  return sent < Sent::kWaits && stale < kMaxAttempts;
}

// The relay said it has them, but does not deliver them: they are sent again.
Status ReviveUndelivered(Core& core, const OpenCase& open) {
  OutboxStore outbox(core.vault);
  RENKEI_ASSIGN(const auto items, outbox.Items(open.id()));
  for (OutboxItem item : items) {
    if (item.acknowledged) {
      item.acknowledged = false;
      RENKEI_TRY(Block(core, item, WaitReason::kCaseStopped));
    }
  }
  return Ok();
}

// Fills one receipt from records[next] on, as far as it holds them; returns the next one.
std::size_t AddOpened(const std::vector<RecordId>& records, std::size_t next,
                      care::v1::Content& content) {
  care::v1::Receipt& receipt = *content.mutable_receipt();
  while (next < records.size() && receipt.opened_size() < kMaxOpenedInReceipt) {
    receipt.add_opened(ToString(records[next].view()));
    ++next;
  }
  return next;
}

}  // namespace

Result<OutboxItem> QueueRecord(Core& core, const CaseId& case_id, std::uint32_t kind,
                               ByteView content, bool urgent, Priority priority) {
  if (content.empty() || content.size() > seal::kMaxContentBytes) {
    return Error(Code::kTooLarge, "record: larger than a record may be (512 KiB)");
  }
  OutboxItem item;
  item.case_id = case_id;
  item.record_id = RecordId::Generate(core.random);
  item.kind = kind;
  item.content = ToBytes(content);
  item.created_at = core.now();
  item.urgent = urgent;
  OutboxStore outbox(core.vault);
  RENKEI_TRY(outbox.Add(item, priority));
  return item;
}

Status QueueOpened(Core& core, const CaseId& case_id, const std::vector<RecordId>& records) {
  OutboxStore outbox(core.vault);
  RENKEI_ASSIGN(auto items, outbox.Items(case_id));
  const auto waiting = std::find_if(items.begin(), items.end(), [](const OutboxItem& item) {
    return item.kind == kinds::kReceipt && item.sealed.empty();
  });
  std::size_t next = 0;
  if (waiting != items.end()) {
    RENKEI_ASSIGN(auto content, ParseContent(waiting->content));
    next = AddOpened(records, 0, content);
    waiting->content = ToBytes(content.SerializeAsString());
    RENKEI_TRY(outbox.Save(*waiting));
    if (next == records.size()) {
      return Ok();
    }
  }
  do {
    care::v1::Content content;
    next = AddOpened(records, next, content);
    RENKEI_TRY(QueueRecord(core, case_id, kinds::kReceipt, AsBytes(content.SerializeAsString()),
                           false, Priority::kQuiet));
  } while (next < records.size());
  return Ok();
}

Status QueueReceipt(Core& core, OpenCase& open) {
  if (open.row.removed || open.row.newest_foreign_seq <= open.row.receipt_sent_to) {
    return Ok();
  }
  open.row.receipt_sent_to = open.row.newest_foreign_seq;
  RENKEI_TRY(QueueOpened(core, open.id(), {}));
  return SaveCase(core, open);
}

Status SendOutbox(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  if (!open.card.has_value()) {
    return Ok();
  }
  int stale = 0;
  for (bool more = true; more;) {
    RENKEI_ASSIGN(more, SendNext(core, relay, open, changes, stale));
  }
  OutboxStore outbox(core.vault);
  RENKEI_ASSIGN(const auto items, outbox.Items(open.id()));
  if (std::none_of(items.begin(), items.end(),
                   [](const OutboxItem& item) { return item.acknowledged; })) {
    return Ok();
  }
  RENKEI_TRY(SyncThread(core, relay, open, changes));
  return ReviveUndelivered(core, open);
}

Millis RetryAt(const Core& core, const Relay& relay) {
  const Millis asked = relay.asked_wait();
  return core.now() + (asked.value > 0 ? asked : kUsualWait);
}

bool MustWait(const Core& core, const OutboxItem& item) {
  const Millis left = item.retry_at - core.now();
  const bool was_asked =
      item.waiting == WaitReason::kThrottled || item.waiting == WaitReason::kNoSpaceLeft;
  return !item.urgent && was_asked && left.value > 0 && left <= kMaxAskedWait;
}

std::optional<Millis> SendableFrom(const Core& core, const OutboxItem& item) {
  return item.waiting == WaitReason::kThrottled && MustWait(core, item)
             ? std::optional(item.retry_at)
             : std::nullopt;
}

WaitReason WhyThrottled(const Error& error) {
  return std::string_view(error.where()) == "no space left for this institution on the relay"
             ? WaitReason::kNoSpaceLeft
             : WaitReason::kThrottled;
}

WaitReason WhyUnavailable(const Error& error) {
  return std::string_view(error.where()) == "the relay cannot store anything now"
             ? WaitReason::kRelayFull
             : WaitReason::kNoConnection;
}

Status MarkWaiting(Core& core, const std::optional<CaseId>& case_id, WaitReason reason,
                   Millis retry_at) {
  OutboxStore outbox(core.vault);
  RENKEI_ASSIGN(auto items, case_id.has_value() ? outbox.Items(*case_id) : outbox.All());
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  for (OutboxItem& item : items) {
    if (item.waiting != reason || item.retry_at != retry_at) {
      item.waiting = reason;
      item.retry_at = retry_at;
      RENKEI_TRY(outbox.Save(item));
    }
  }
  return transaction.Commit();
}

}  // namespace renkei::client
