#include "client/core/give_back.h"

#include <algorithm>

#include "client/core/commit.h"
#include "client/core/keys.h"
#include "client/core/notices.h"
#include "client/core/outbox.h"
#include "client/core/thread_sync.h"
#include "crypto/seal/envelope.h"
#include "crypto/thread/entry.h"
#include "crypto/thread/head.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::client {
namespace {

namespace v1 = relay::v1;

constexpr std::size_t kMaxEntries = 400;
constexpr std::size_t kMaxBytes = std::size_t{3} << 20U;
constexpr std::size_t kMaxLinks = 50000;

// kTrust: which incarnation got what this device holds of the case; with kRenewed behind it once
// the keys were renewed for it.
Bytes ReturnedKey(const CaseId& case_id) {
  return RowKey("returned/").Add(case_id.view()).bytes();
}
constexpr std::uint8_t kRenewed = 1;

// The newest signed head that is on our chain.
struct Proof {
  Bytes bytes;
  std::uint64_t seq = 0;
};

Result<Proof> LoadProof(Core& core, const OpenCase& open) {
  Proof out;
  RENKEI_ASSIGN(const auto row,
                core.vault.Get(Table::kTrust, RowKey("head/").Add(open.id().view()).bytes()));
  RENKEI_ASSIGN(const auto key, core.directory.RelayKey(core.now()));
  if (row.has_value() && key.has_value()) {
    const auto head = thread::VerifyHead(*row, *key);
    if (head.ok()) {
      out = {*row, head->seq};
    }
  }
  return out;
}

Status AddEntry(const thread::Entry& entry, v1::GiveBackRequest& request) {
  const Bytes bytes = thread::SerializeEntry(entry.View());
  return request.add_entries()->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))
             ? Ok()
             : Status(Error(Code::kCorrupt, "give back: an entry of ours does not parse"));
}

// Of a commit whose secret is here: everybody recomputes the same ones.
Status AddEnvelopes(Core& core, const thread::Entry& entry, v1::GiveBackRequest& request) {
  const auto payload = thread::ParseCommitPayload(entry.payload);
  if (!payload.ok()) {
    return Error(Code::kCorrupt, "give back: a commit of ours is damaged");
  }
  const thread::Card& card = payload->card.card;
  RENKEI_ASSIGN(const auto secret, core.cases.FindSecret(card.case_id, card.at));
  if (!secret.has_value()) {
    return Ok();
  }
  std::vector<thread::Envelope> envelopes;
  for (const thread::CardRecipient& recipient : card.recipients) {
    const auto key = core.directory.ArchiveKeyByHash(recipient.key_id);
    if (!key.ok()) {
      return key.error().code() == Code::kNotFound ? Ok() : Status(key.error());
    }
    RENKEI_ASSIGN(const auto envelope, seal::SealEnvelope(*secret, *key, card.case_id, card.at));
    envelopes.push_back(envelope);
  }
  for (const thread::Envelope& envelope : envelopes) {
    const Bytes bytes = thread::SerializeEnvelope(envelope);
    request.add_envelopes()->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  }
  return Ok();
}

// From `first` on, as many whole as fit, the rest up to the proof as links.
Status AddEntries(Core& core, const OpenCase& open, const Proof& proof, std::uint64_t first,
                  v1::GiveBackRequest& request) {
  RENKEI_ASSIGN(const auto entries, core.cases.Entries(open.id(), first, proof.seq));
  std::size_t bytes = 0;
  for (const thread::Entry& entry : entries) {
    bytes += entry.payload.size();
    const bool whole =
        request.links_size() == 0 && static_cast<std::size_t>(request.entries_size()) < kMaxEntries;
    if (whole && (request.entries_size() == 0 || bytes <= kMaxBytes)) {
      RENKEI_TRY(AddEntry(entry, request));
      if (entry.kind == thread::EntryKind::kCommit) {
        RENKEI_TRY(AddEnvelopes(core, entry, request));
        bytes += static_cast<std::size_t>(request.envelopes_size()) * 200;
      }
      continue;
    }
    if (static_cast<std::size_t>(request.links_size()) == kMaxLinks) {
      return Error(Code::kTooLarge, "give back: the relay lacks more than it can take back");
    }
    auto* link = request.add_links();
    link->set_kind(static_cast<seal::v1::EntryKind>(entry.kind));
    link->set_received_at(entry.received_at.value);
    link->set_payload_hash(ToString(Sha256(entry.payload)));
  }
  if (request.entries_size() > 0 && !request.mutable_proof()->ParseFromArray(
                                        proof.bytes.data(), static_cast<int>(proof.bytes.size()))) {
    return Error(Code::kCorrupt, "give back: a kept head is damaged");
  }
  return Ok();
}

// Packs that this device sent after the backup: their notices are back, they are not.
Status OweOwnPacks(Core& core, const OpenCase& open, std::uint64_t restored_to) {
  RENKEI_ASSIGN(const auto entries,
                core.cases.Entries(open.id(), restored_to + 1, open.row.position.seq));
  OutboxStore outbox(core.vault);
  for (const thread::Entry& entry : entries) {
    const auto notice = entry.kind == thread::EntryKind::kPack
                            ? thread::ParsePackNotice(entry.payload)
                            : Result<thread::SignedPackNotice>(Error(Code::kNotFound, "no pack"));
    if (notice.ok() && notice->notice.sender_device == core.identity.device) {
      RENKEI_TRY(outbox.AddPack(open.id(), notice->notice.key_id, core.now()));
    }
  }
  return Ok();
}

// The relay has all that this device holds.
Status Returned(Core& core, OpenCase& open, const v1::GiveBackResponse::Standing& standing,
                Changes& changes) {
  RENKEI_ASSIGN(const auto key, core.directory.RelayKey(core.now()));
  const auto head = key.has_value()
                        ? thread::VerifyHead(AsBytes(standing.head().SerializeAsString()), *key)
                        : Result<thread::Head>(Error(Code::kNotFound, "no key"));
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  RENKEI_TRY(ClearWarning(core.vault, open.id(), Warning::kRelayBehind));
  const Bytes row = ReturnedKey(open.id());
  RENKEI_ASSIGN(const auto before, core.vault.Get(Table::kTrust, row));
  if (head.ok() && (!before.has_value() || before->size() < kIdBytes ||
                    !Equal(ByteView(*before).first(kIdBytes), head->incarnation.view()))) {
    RENKEI_TRY(OweOwnPacks(core, open, standing.restored_to()));
    open.row.checked = false;  // the relay's envelopes are not those that were compared
    RENKEI_TRY(SaveCase(core, open));
    RENKEI_TRY(core.vault.Put(Table::kTrust, row, head->incarnation.view()));
    Notice(changes, NoticeText(Said::kRelayRestored));
  }
  RENKEI_TRY(transaction.Commit());
  return Ok();
}

enum class Ended { kReturned, kNotTaken };

Result<v1::GiveBackResponse> Ask(Core& core, Relay& relay, const OpenCase& open, const Proof& proof,
                                 std::optional<std::uint64_t> first, bool go_on) {
  v1::GiveBackRequest request;
  request.set_case_id(ToString(open.id().view()));
  request.set_held_seq(open.row.position.seq);
  request.set_held_hash(ToString(open.row.position.hash));
  request.set_go_on(go_on);
  if (first.has_value()) {
    RENKEI_TRY(AddEntries(core, open, proof, *first, request));
  }
  return relay.GiveBack(request);
}

// Until the relay has what is here and can be proven.
Result<Ended> GiveAll(Core& core, Relay& relay, OpenCase& open, bool go_on, Changes& changes) {
  RENKEI_ASSIGN(const Proof proof, LoadProof(core, open));
  std::optional<std::uint64_t> first;
  for (;;) {
    RENKEI_ASSIGN(const auto response, Ask(core, relay, open, proof, first, go_on));
    std::uint64_t next = 0;
    if (response.has_standing()) {
      const auto& standing = response.standing();
      if (standing.head_seq() >= open.row.position.seq) {
        RENKEI_TRY(Returned(core, open, standing, changes));
        open.relay_returning = !standing.open();
        return Ended::kReturned;
      }
      next = standing.head_seq() + 1;
    } else if (response.refused() == v1::GiveBackResponse::REFUSAL_NOT_RESTORED) {
      open.relay_returning = false;  // what it says elsewhere is taken as ever
    } else if (response.has_not_a_member() && !first.has_value()) {
      next = 1;  // it has lost the case, or that we are a member
    }
    // Each answer must bring us on, or it is the last.
    if (next == 0 || next > proof.seq || (first.has_value() && next <= *first)) {
      return Ended::kNotTaken;
    }
    first = next;
  }
}

}  // namespace

Status GiveBack(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  if (!open.relay_returning) {
    return Ok();
  }
  RENKEI_ASSIGN(const Ended ended, GiveAll(core, relay, open, false, changes));
  if (ended == Ended::kNotTaken && open.row.position.seq > 0) {
    Notice(changes, WarningText(Warning::kRelayBehind));
    RENKEI_TRY(AddWarning(core.vault, open.id(), Warning::kRelayBehind, open.row.position.seq,
                          core.now()));
  }
  if (open.relay_returning) {
    return MarkWaiting(core, open.id(), WaitReason::kReturning);
  }
  return ended == Ended::kReturned ? SyncThread(core, relay, open, changes) : Ok();
}

Status GoOnWithoutOthers(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  RENKEI_TRY(SyncThread(core, relay, open, changes));
  if (!open.relay_returning) {
    return Error(Code::kNotFound, "case: it does not wait for anybody");
  }
  RENKEI_ASSIGN(const Ended ended, GiveAll(core, relay, open, true, changes));
  if (ended == Ended::kNotTaken || open.relay_returning) {
    return Error(Code::kDenied, "case: only a steward whose device holds all of it can say that");
  }
  return SyncThread(core, relay, open, changes);
}

Status BringGroupInfo(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  if (!open.relay_wants_commit || !CanSend(core, open)) {
    return Ok();
  }
  const Bytes row = ReturnedKey(open.id());
  RENKEI_ASSIGN(auto returned, core.vault.Get(Table::kTrust, row));
  if (!returned.has_value() || returned->size() != kIdBytes) {
    return Ok();
  }
  const Change renewal{.add = {}, .remove = {}, .remove_devices = {}, .renew = true};
  RENKEI_TRY(ChangeCase(core, relay, open, renewal, changes));
  returned->push_back(kRenewed);
  return core.vault.Put(Table::kTrust, row, *returned);
}

}  // namespace renkei::client
