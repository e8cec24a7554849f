#include "server/rpc/threads_handler.h"

#include "server/core/limits.h"
#include "server/rpc/proto_map.h"

namespace renkei::server {
namespace {

namespace v1 = relay::v1;

v1::CommitResponse::Refusal CommitRefusal(Refusal refusal) {
  switch (refusal) {
    case Refusal::kPolicy:
      return v1::CommitResponse::REFUSAL_POLICY;
    case Refusal::kRecipients:
      return v1::CommitResponse::REFUSAL_RECIPIENTS;
    case Refusal::kLinkMissing:
      return v1::CommitResponse::REFUSAL_LINK_MISSING;
    case Refusal::kThreadExists:
      return v1::CommitResponse::REFUSAL_THREAD_EXISTS;
    case Refusal::kUnknownThread:
      return v1::CommitResponse::REFUSAL_UNKNOWN_THREAD;
    case Refusal::kUnknownCertificate:
      return v1::CommitResponse::REFUSAL_UNKNOWN_CERTIFICATE;
    case Refusal::kReturning:
      return v1::CommitResponse::REFUSAL_RETURNING;
    case Refusal::kBadCard:
    case Refusal::kBadPosition:
    case Refusal::kBadPack:
    case Refusal::kNoAlert:
    case Refusal::kOwnAlert:
    case Refusal::kNotSeen:
      return v1::CommitResponse::REFUSAL_BAD_CARD;
  }
  return v1::CommitResponse::REFUSAL_BAD_CARD;
}

v1::AppendResponse::Refusal AppendRefusal(Refusal refusal) {
  switch (refusal) {
    case Refusal::kUnknownThread:
      return v1::AppendResponse::REFUSAL_UNKNOWN_THREAD;
    case Refusal::kBadPack:
      return v1::AppendResponse::REFUSAL_BAD_PACK;
    case Refusal::kReturning:
      return v1::AppendResponse::REFUSAL_RETURNING;
    case Refusal::kPolicy:
      return v1::AppendResponse::REFUSAL_POLICY;
    default:
      return v1::AppendResponse::REFUSAL_BAD_POSITION;
  }
}

void FillDone(const Acknowledged& entry, v1::CommitResponse::Done& out) {
  out.set_seq(entry.at.seq);
  out.set_received_at(entry.at.received_at.value);
  FillHead(entry.signed_head, *out.mutable_head());
}

void FillDone(const Acknowledged& entry, v1::AppendResponse::Done& out) {
  out.set_seq(entry.at.seq);
  out.set_received_at(entry.at.received_at.value);
  out.set_payload_hash(ToText(entry.payload_hash));
  FillHead(entry.signed_head, *out.mutable_head());
}

// The arms that both responses have.
template <typename Response>
Response MapOutcome(const PostOutcome& outcome) {
  Response out;
  if (const auto* accepted = std::get_if<Accepted>(&outcome)) {
    FillDone(accepted->entry, *out.mutable_accepted());
  } else if (const auto* duplicate = std::get_if<Duplicate>(&outcome)) {
    FillDone(duplicate->entry, *out.mutable_duplicate());
  } else if (const auto* stale = std::get_if<Stale>(&outcome)) {
    out.mutable_stale_epoch()->set_generation(stale->in_force.generation);
    out.mutable_stale_epoch()->set_epoch(stale->in_force.epoch);
    out.mutable_stale_epoch()->set_head_seq(stale->head_seq);
  } else if (std::holds_alternative<NotAMember>(outcome)) {
    out.mutable_not_a_member();
  } else if constexpr (std::is_same_v<Response, v1::CommitResponse>) {
    out.set_refused(CommitRefusal(std::get<Refusal>(outcome)));
  } else {
    out.set_refused(AppendRefusal(std::get<Refusal>(outcome)));
  }
  return out;
}

template <typename Response>
Reply<PostOutcome> Mapping(Reply<Response> reply) {
  return [reply = std::move(reply)](const Result<PostOutcome>& outcome) {
    if (!outcome.ok()) {
      return reply(outcome.error());
    }
    reply(MapOutcome<Response>(*outcome));
  };
}

Result<CommitView> MapCommit(const v1::CommitRequest& request) {
  CommitView out;
  out.card = AsBytes(request.card().card());
  out.signature = AsBytes(request.card().signature());
  out.commit = AsBytes(request.commit());
  out.group_info = AsBytes(request.group_info());
  if (request.envelopes_size() > 2 * static_cast<int>(thread::kMaxMembers) ||
      request.welcomes_size() > static_cast<int>(kMaxWelcomes)) {
    return Error(Code::kMalformed, "commit: too many welcomes or envelopes");
  }
  for (const v1::Welcome& welcome : request.welcomes()) {
    WelcomeView view;
    view.welcome = AsBytes(welcome.welcome());
    for (const std::string& device : welcome.devices()) {
      RENKEI_ASSIGN(const DeviceId id, MapId<DeviceId>(device));
      view.devices.push_back(id);
    }
    out.welcomes.push_back(std::move(view));
  }
  for (const seal::v1::Envelope& envelope : request.envelopes()) {
    RENKEI_ASSIGN(thread::Envelope parsed,
                  thread::ParseEnvelope(AsBytes(envelope.SerializeAsString())));
    out.envelopes.push_back(parsed);
  }
  return out;
}

Result<thread::EntryView> MapEntry(const CaseId& case_id, const seal::v1::ThreadEntry& entry) {
  thread::EntryView out;
  out.case_id = case_id;
  out.seq = entry.seq();
  out.kind = static_cast<thread::EntryKind>(entry.kind());
  out.received_at = {entry.received_at()};
  out.payload = AsBytes(entry.payload());
  RENKEI_ASSIGN(out.hash, MapHash(entry.hash()));
  if (entry.case_id() != ToText(case_id.view()) || entry.kind() < seal::v1::ENTRY_KIND_COMMIT ||
      entry.kind() > seal::v1::ENTRY_KIND_CLOSING || out.payload.empty() ||
      out.payload.size() > thread::kMaxPayloadBytes) {
    return Error(Code::kMalformed, "give back: an entry");
  }
  return out;
}

Result<GiveBackView> MapGiveBack(const v1::GiveBackRequest& request) {
  GiveBackView out;
  RENKEI_ASSIGN(out.case_id, MapId<CaseId>(request.case_id()));
  out.held_seq = request.held_seq();
  RENKEI_ASSIGN(out.held_hash, MapHash(request.held_hash()));
  out.go_on = request.go_on();
  if (request.links_size() > static_cast<int>(kMaxGivenLinks) ||
      request.entries_size() > static_cast<int>(kMaxGivenEntries)) {
    return Error(Code::kTooLarge, "give back: too many entries or links");
  }
  for (const seal::v1::ThreadEntry& entry : request.entries()) {
    RENKEI_ASSIGN(const thread::EntryView view, MapEntry(out.case_id, entry));
    out.entries.push_back(view);
  }
  for (const v1::GiveBackRequest::Link& link : request.links()) {
    RENKEI_ASSIGN(const Hash32 hash, MapHash(link.payload_hash()));
    out.links.push_back({static_cast<thread::EntryKind>(link.kind()), {link.received_at()}, hash});
  }
  for (const seal::v1::Envelope& envelope : request.envelopes()) {
    RENKEI_ASSIGN(thread::Envelope parsed,
                  thread::ParseEnvelope(AsBytes(envelope.SerializeAsString())));
    out.envelopes.push_back(parsed);
  }
  return out;
}

v1::GiveBackResponse::Refusal GiveBackRefusal(ReturnRefusal refusal) {
  switch (refusal) {
    case ReturnRefusal::kNotRestored:
      return v1::GiveBackResponse::REFUSAL_NOT_RESTORED;
    case ReturnRefusal::kFork:
      return v1::GiveBackResponse::REFUSAL_FORK;
    case ReturnRefusal::kGap:
      return v1::GiveBackResponse::REFUSAL_GAP;
    case ReturnRefusal::kUnproven:
      return v1::GiveBackResponse::REFUSAL_UNPROVEN;
  }
  return v1::GiveBackResponse::REFUSAL_UNPROVEN;
}

v1::GiveBackResponse MapGiveBackOutcome(const GiveBackOutcome& outcome) {
  v1::GiveBackResponse out;
  if (const auto* standing = std::get_if<Standing>(&outcome)) {
    auto& to = *out.mutable_standing();
    FillHead(standing->signed_head, *to.mutable_head());
    to.set_head_seq(standing->head.seq);
    to.set_restored_to(standing->restored_to);
    to.set_open(standing->open);
    to.set_waiting_for(static_cast<std::uint32_t>(standing->waiting_for));
  } else if (const auto* refusal = std::get_if<ReturnRefusal>(&outcome)) {
    out.set_refused(GiveBackRefusal(*refusal));
  } else {
    out.mutable_not_a_member();
  }
  return out;
}

// What must live until the reply.
struct GivenBack {
  GiveBackView view;
  std::string proof;
};

}  // namespace

void ThreadsHandler::Create(const Caller& caller, const v1::CommitRequest& request,
                            Reply<v1::CommitResponse> reply) {
  auto view = MapCommit(request);
  if (!view.ok()) {
    return reply(view.error());
  }
  auto kept = std::make_shared<const CommitView>(std::move(*view));
  relay_.threads().Create(caller, *kept,
                          [kept, reply = Mapping(std::move(reply))](Result<PostOutcome> outcome) {
                            reply(std::move(outcome));
                          });
}

void ThreadsHandler::Commit(const Caller& caller, const v1::CommitRequest& request,
                            Reply<v1::CommitResponse> reply) {
  auto view = MapCommit(request);
  if (!view.ok()) {
    return reply(view.error());
  }
  auto kept = std::make_shared<const CommitView>(std::move(*view));
  relay_.threads().Commit(caller, *kept,
                          [kept, reply = Mapping(std::move(reply))](Result<PostOutcome> outcome) {
                            reply(std::move(outcome));
                          });
}

void ThreadsHandler::Append(const Caller& caller, const v1::AppendRequest& request,
                            const Reply<v1::AppendResponse>& reply) {
  if (!request.alert_plan().empty()) {
    return relay_.alerts().Append(caller, AsBytes(request.record()), AsBytes(request.alert_plan()),
                                  Mapping(reply));
  }
  relay_.threads().Append(caller, AsBytes(request.record()), Mapping(reply));
}

void ThreadsHandler::AppendPack(const Caller& caller, const v1::AppendPackRequest& request,
                                const Reply<v1::AppendResponse>& reply) {
  // The signed notice is what the thread keeps: in its one encoding, whatever was sent.
  auto notice = std::make_shared<const std::string>(request.notice().SerializeAsString());
  relay_.threads().AppendPack(caller, AsBytes(request.pack()), AsBytes(*notice),
                              [notice, mapped = Mapping(reply)](Result<PostOutcome> outcome) {
                                mapped(std::move(outcome));
                              });
}

void ThreadsHandler::AppendClosing(const Caller& caller, const v1::AppendClosingRequest& request,
                                   const Reply<v1::AppendResponse>& reply) {
  // As with a pack's notice: what the thread keeps is the one encoding.
  auto notice = std::make_shared<const std::string>(request.notice().SerializeAsString());
  relay_.threads().AppendClosing(caller, AsBytes(*notice),
                                 [notice, mapped = Mapping(reply)](Result<PostOutcome> outcome) {
                                   mapped(std::move(outcome));
                                 });
}

void ThreadsHandler::Read(const Caller& caller, const v1::ReadRequest& request,
                          const Reply<v1::ReadResponse>& reply) {
  const auto case_id = MapId<CaseId>(request.case_id());
  if (!case_id.ok()) {
    return reply(case_id.error());
  }
  auto page = relay_.reader().Read(caller, *case_id, request.after(), request.limit(),
                                   PageBytes(request.max_bytes()));
  if (!page.ok()) {
    return reply(page.error());
  }
  v1::ReadResponse out;
  if (!*page) {
    out.mutable_not_a_member();
    return reply(std::move(out));
  }
  if (!(*page)->deletion.empty()) {
    if (!out.mutable_deleted()->ParseFromString(ToText((*page)->deletion))) {
      return reply(Error(Code::kCorrupt, "thread: its deletion certificate cannot be read"));
    }
    return reply(std::move(out));
  }
  for (const EntryRow& row : (*page)->entries) {
    FillEntry(*case_id, row, *out.mutable_entries()->add_entries());
  }
  FillHead((*page)->signed_head, *out.mutable_entries()->mutable_head());
  out.mutable_entries()->set_complete((*page)->complete);
  out.mutable_entries()->set_returning((*page)->returning);
  out.mutable_entries()->set_wants_commit((*page)->wants_commit);
  reply(std::move(out));
}

void ThreadsHandler::GiveBack(const Caller& caller, const v1::GiveBackRequest& request,
                              const Reply<v1::GiveBackResponse>& reply) {
  auto view = MapGiveBack(request);
  if (!view.ok()) {
    return reply(view.error());
  }
  auto kept = std::make_shared<GivenBack>();
  kept->view = std::move(*view);
  kept->proof = request.proof().SerializeAsString();
  kept->view.proof = AsBytes(kept->proof);
  relay_.returns().GiveBack(caller, kept->view, [kept, reply](Result<GiveBackOutcome> outcome) {
    if (!outcome.ok()) {
      return reply(outcome.error());
    }
    reply(MapGiveBackOutcome(*outcome));
  });
}

void ThreadsHandler::List(const Caller& caller, const v1::ListRequest& request,
                          const Reply<v1::ListResponse>& reply) {
  CaseId after;
  if (!request.after().empty()) {
    const auto mapped = MapId<CaseId>(request.after());
    if (!mapped.ok()) {
      return reply(mapped.error());
    }
    after = *mapped;
  }
  const auto page = relay_.reader().List(caller, after);
  if (!page.ok()) {
    return reply(page.error());
  }
  v1::ListResponse out;
  out.set_has_more(!page->complete);
  for (const ListedThread& thread : page->threads) {
    auto& item = *out.add_threads();
    item.set_case_id(ToText(thread.case_id.view()));
    item.set_member(thread.member);
    FillHead(thread.signed_head, *item.mutable_head());
  }
  reply(std::move(out));
}

void ThreadsHandler::GetGroupInfo(const Caller& caller, const v1::GetGroupInfoRequest& request,
                                  const Reply<v1::GetGroupInfoResponse>& reply) {
  const auto case_id = MapId<CaseId>(request.case_id());
  if (!case_id.ok()) {
    return reply(case_id.error());
  }
  auto current = relay_.reader().GroupInfo(caller, *case_id);
  if (!current.ok()) {
    return reply(current.error());
  }
  v1::GetGroupInfoResponse out;
  if (!*current) {
    out.mutable_not_a_member();
    return reply(std::move(out));
  }
  auto& found = *out.mutable_current();
  found.set_group_info(ToText((*current)->group_info));
  found.set_seq((*current)->seq);
  const thread::SignedCard& card = (*current)->card->signed_card;
  found.mutable_card()->set_card(ToText(card.card_bytes));
  found.mutable_card()->set_signature(ToText(card.signature));
  reply(std::move(out));
}

v1::AppendResponse MapAppended(const PostOutcome& outcome) {
  return MapOutcome<v1::AppendResponse>(outcome);
}

Result<std::vector<WatchPosition>> MapPositions(const v1::WatchRequest& request) {
  if (request.positions_size() > static_cast<int>(kMaxWatchPositions)) {
    return Error(Code::kMalformed, "watch: too many positions");
  }
  std::vector<WatchPosition> out;
  for (const v1::WatchRequest::Position& position : request.positions()) {
    RENKEI_ASSIGN(const CaseId case_id, MapId<CaseId>(position.case_id()));
    out.push_back({case_id, position.after()});
  }
  return out;
}

}  // namespace renkei::server
