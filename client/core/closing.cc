#include "client/core/closing.h"

#include "client/core/notices.h"
#include "client/core/thread_sync.h"
#include "crypto/thread/deletion.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::client {
namespace {

// Whoever commits between our look and our word makes it stale.
constexpr int kTries = 8;

Status CheckMay(const Core& core, const OpenCase& open, thread::ClosingAction action) {
  if (!open.row.deletion.empty()) {
    return Error(Code::kNotFound, "case: the relay has deleted it");
  }
  if (open.row.removed || !open.card.has_value() ||
      thread::FindMember(open.card->card, core.identity.device) == nullptr) {
    return Error(Code::kDenied, "case: you are not a member of it");
  }
  if (!thread::IsSteward(open.card->card.policy, core.self())) {
    return Error(Code::kDenied, "case: its rules do not let you do this");
  }
  if ((action == thread::ClosingAction::kClose) == open.row.closing.is_closed) {
    return open.row.closing.is_closed ? Error(Code::kConflict, "case: it is closed already")
                                      : Error(Code::kConflict, "case: it is open already");
  }
  return Ok();
}

Result<relay::v1::AppendResponse> Send(Core& core, Relay& relay, const OpenCase& open,
                                       thread::ClosingAction action, std::uint32_t keep_years) {
  thread::ClosingNotice notice;
  notice.case_id = open.id();
  notice.at = open.card->card.at;
  notice.action = action;
  notice.sender_device = core.identity.device;
  notice.seen_seq = open.row.position.seq;
  notice.seen_hash = open.row.position.hash;
  notice.keep_years = keep_years;
  notice.created_at = core.now();
  RENKEI_ASSIGN(const Bytes bytes, thread::MakeClosingNotice(notice, core.identity.signing_key));
  relay::v1::AppendClosingRequest request;
  RENKEI_CHECK(
      request.mutable_notice()->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return relay.AppendClosing(request);
}

// Done, to be tried again after a look (false), or why not.
Result<bool> Judge(const relay::v1::AppendResponse& response) {
  using Response = relay::v1::AppendResponse;
  if (response.has_accepted() || response.has_duplicate()) {
    return true;
  }
  if (response.has_not_a_member()) {
    return Error(Code::kDenied, "case: you are not a member of it");
  }
  if (response.has_stale_epoch() || response.refused() == Response::REFUSAL_BAD_POSITION) {
    return false;
  }
  switch (response.refused()) {
    case Response::REFUSAL_RETURNING:
      return Error(Code::kUnavailable, "case: the restored relay waits for what members hold");
    case Response::REFUSAL_UNKNOWN_THREAD:
      return Error(Code::kNotFound, "case: the relay has deleted it");
    default:
      return Error(Code::kDenied, "case: its rules do not let you do this");
  }
}

// As far as this device has read: the case was closed by that notice and not written to since.
bool FitsClosing(const thread::DeletionCertificate& certificate, const CaseRow& row) {
  return certificate.closing_seq > row.position.seq ||
         (row.closing.is_closed && row.closing.seq == certificate.closing_seq &&
          row.closing.counted_from <= certificate.counted_from);
}

}  // namespace

Status SayClosing(Core& core, Relay& relay, OpenCase& open, thread::ClosingAction action,
                  std::uint32_t keep_years, Changes& changes) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    RENKEI_TRY(SyncThread(core, relay, open, changes));
    RENKEI_TRY(CheckMay(core, open, action));
    RENKEI_ASSIGN(const auto response, Send(core, relay, open, action, keep_years));
    RENKEI_ASSIGN(const bool is_done, Judge(response));
    if (is_done) {
      return SyncThread(core, relay, open, changes);
    }
  }
  return Error(Code::kConflict, "case: others keep changing it; sync and try again");
}

void TakeClosing(const Core& core, OpenCase& open, const thread::EntryView& entry,
                 const thread::ClosingNotice& notice, Changes& changes) {
  open.row.closing = thread::AfterNotice(notice, entry.seq, entry.received_at);
  open.row.deletion_announced_at = {};
  if (notice.sender_device != core.identity.device) {
    Notice(changes,
           NoticeText(open.row.closing.is_closed ? Said::kCaseClosed : Said::kCaseReopened));
  }
}

void TakeDeletionAnnounced(OpenCase& open, const thread::EntryView& entry, Changes& changes) {
  open.row.deletion_announced_at = entry.received_at;
  Notice(changes, NoticeText(Said::kDeletionAnnounced));
}

Status TakeDeletion(Core& core, OpenCase& open, ByteView signed_certificate, Changes& changes) {
  if (!open.row.deletion.empty()) {
    return Ok();
  }
  RENKEI_ASSIGN(const auto key, core.directory.RelayKey(core.now()));
  if (!key.has_value()) {
    return Ok();  // its certificate has not come yet
  }
  const auto certificate = thread::VerifyDeletionCertificate(signed_certificate, *key);
  bool is_ours =
      certificate.ok() && certificate->case_id == open.id() && FitsClosing(*certificate, open.row);
  if (is_ours && certificate->head.seq <= open.row.position.seq) {
    RENKEI_ASSIGN(const auto hash, core.cases.HashAt(open.id(), certificate->head.seq));
    is_ours = hash == certificate->head.hash;
  }
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  if (is_ours) {
    open.row.deletion = ToBytes(signed_certificate);
    Notice(changes, NoticeText(Said::kCaseDeleted));
    RENKEI_TRY(SaveCase(core, open));
  } else {
    Notice(changes, WarningText(Warning::kDeletionFalse));
    RENKEI_TRY(AddWarning(core.vault, open.id(), Warning::kDeletionFalse, open.row.position.seq,
                          core.now()));
  }
  return transaction.Commit();
}

}  // namespace renkei::client
