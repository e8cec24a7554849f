#include "tests/support/fake_relay.h"

#include <algorithm>
#include <utility>

#include "crypto/pki/pem.h"
#include "crypto/thread/closing.h"
#include "crypto/thread/entry.h"
#include "crypto/thread/record_header.h"

namespace renkei::test {

namespace v1 = relay::v1;

namespace {

constexpr Error kDown(Code::kUnavailable, "fake relay: down, as the test asked");
constexpr Error kNotHere(Code::kUnsupported, "fake relay: not in here");

template <typename Message>
Message Parse(ByteView bytes) {
  Message out;
  RENKEI_CHECK(out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return out;
}

CaseId CaseOf(const std::string& bytes) {
  return CaseId::FromBytes(AsBytes(bytes)).value();
}

std::string Raw(ByteView bytes) {
  return ToString(bytes);
}

template <typename Item, typename Page, typename Request>
bool IsRoomFor(const Item& item, const Page& page, const Request& request) {
  return request.max_bytes() == 0 ||
         page.ByteSizeLong() + item.ByteSizeLong() <= request.max_bytes();
}

}  // namespace

class FakeConnection final : public client::Relay {
 public:
  FakeConnection(FakeRelay& relay, const DeviceId& device, const thread::PersonRef& person)
      : relay_(relay), device_(device), person_(person) {}

  Millis asked_wait() const override { return relay_.throttle_writes.value_or(Millis{}); }

  Result<v1::CreateTicketResponse> CreateTicket(const v1::CreateTicketRequest&) override {
    return kNotHere;
  }
  Result<v1::SubmitRequestResponse> SubmitRequest(const v1::SubmitRequestRequest&) override {
    return kNotHere;
  }
  Result<v1::ListRequestsResponse> ListRequests(const v1::ListRequestsRequest&) override {
    RENKEI_TRY(Up());
    if (relay_.refuse_requests.has_value()) {
      return *relay_.refuse_requests;
    }
    v1::ListRequestsResponse response;
    for (const v1::WaitingRequest& each : relay_.requests) {
      *response.add_requests() = each;
    }
    return response;
  }
  Result<v1::AttachLinkResponse> AttachLink(const v1::AttachLinkRequest& request) override {
    RENKEI_TRY(Up());
    relay_.links.push_back(request);
    v1::AttachLinkResponse response;
    response.mutable_accepted();
    return response;
  }
  Result<v1::ApproveResponse> Approve(const v1::ApproveRequest& request) override {
    RENKEI_TRY(Up());
    relay_.approvals.push_back(request);
    v1::ApproveResponse response;
    response.mutable_accepted();
    return response;
  }
  Result<v1::GetApprovalResponse> GetApproval(const v1::GetApprovalRequest&) override {
    return kNotHere;
  }

  Result<v1::PublishResponse> Publish(const v1::PublishRequest& request) override {
    RENKEI_TRY(Up());
    relay_.published.push_back(request);
    for (const std::string& der : request.certificates()) {
      relay_.AddCertificate(AsBytes(der));
    }
    v1::PublishResponse response;
    response.set_published(relay_.directory_.size());
    return response;
  }

  Result<v1::DirectorySyncResponse> SyncDirectory(
      const v1::DirectorySyncRequest& request) override {
    RENKEI_TRY(Up());
    relay_.pages.push_back(request.max_bytes());
    v1::DirectorySyncResponse response;
    response.set_complete(true);
    for (const auto& entry : relay_.directory_) {
      if (entry.position() > request.after()) {
        *response.add_entries() = entry;
      }
    }
    if (relay_.tamper_directory) {
      relay_.tamper_directory(response);
    }
    return response;
  }

  Result<v1::UploadKeyPackagesResponse> UploadKeyPackages(
      const v1::UploadKeyPackagesRequest& request) override {
    RENKEI_TRY(Up());
    auto& stock = relay_.key_packages_[device_];
    relay_.owners_[device_] = person_;
    for (const std::string& each : request.key_packages()) {
      stock.push_back(ToBytes(each));
    }
    v1::UploadKeyPackagesResponse response;
    response.set_available(static_cast<std::uint32_t>(stock.size()));
    return response;
  }

  Result<v1::ClaimKeyPackagesResponse> ClaimKeyPackages(
      const v1::ClaimKeyPackagesRequest& request) override {
    RENKEI_TRY(Up());
    v1::ClaimKeyPackagesResponse response;
    for (const auto& wanted : request.persons()) {
      for (auto& [device, stock] : relay_.key_packages_) {
        const thread::PersonRef& owner = relay_.owners_[device];
        if (Raw(owner.person.view()) != wanted.person() ||
            Raw(owner.institution.view()) != wanted.institution() || stock.empty()) {
          continue;
        }
        auto* claimed = response.add_claimed();
        *claimed->mutable_person() = wanted;
        claimed->set_device(Raw(device.view()));
        claimed->set_key_package(Raw(stock.front()));
        if (stock.size() > 1) {
          stock.pop_front();
        }
      }
    }
    return response;
  }

  Result<v1::PublishRevocationsResponse> PublishRevocations(
      const v1::PublishRevocationsRequest& request) override {
    RENKEI_TRY(Up());
    relay_.published_lists.push_back(request);
    if (relay_.refuse_lists.has_value()) {
      return *relay_.refuse_lists;
    }
    relay_.AddRevocationList(AsBytes(request.revocation_list()));
    v1::PublishRevocationsResponse response;
    response.set_published(relay_.directory_.size());
    return response;
  }

  Result<v1::CommitResponse> CreateThread(const v1::CommitRequest& request) override {
    return Store([&] { return relay_.ForceCommit(request); });
  }

  Result<v1::CommitResponse> Commit(const v1::CommitRequest& request) override {
    return Store([&] { return CommitHonestly(request); });
  }

  Result<v1::AppendResponse> Append(const v1::AppendRequest& request) override {
    return Store([&] { return AppendHonestly(request); });
  }

  // As over a stream: behind one that does not arrive nothing does; behind one whose answer is lost
  // all does, and no answer comes.
  Status AppendAll(const std::vector<v1::AppendRequest>& requests,
                   const std::function<void(const v1::AppendResponse&)>& on_outcome) override {
    relay_.runs.push_back(requests.size());
    Status status = Ok();
    for (const v1::AppendRequest& request : requests) {
      const auto outcome = Append(request);
      if (!outcome.ok()) {
        status = outcome.error();
        if (relay_.writes != relay_.lose_answer_of_write) {
          return status;
        }
      } else if (status.ok()) {
        on_outcome(*outcome);
      }
    }
    return status;
  }

  // Appends it; knows no alerts.
  Result<v1::AcknowledgeResponse> Acknowledge(const v1::AcknowledgeRequest& request) override {
    v1::AppendRequest append;
    append.set_record(request.record());
    RENKEI_ASSIGN(const auto appended, Append(append));
    v1::AcknowledgeResponse response;
    *response.mutable_appended() = appended;
    return response;
  }
  Result<v1::AppendResponse> AppendPack(const v1::AppendPackRequest& request) override {
    return Store([&] {
      const auto pack = Parse<seal::v1::Pack>(AsBytes(request.pack()));
      const CaseId case_id = CaseOf(pack.case_id());
      FakeRelay::Thread& thread = relay_.threads_[case_id];
      thread.packs[ToBytes(pack.key_id())].push_back(ToBytes(request.pack()));
      const std::string notice = request.notice().SerializeAsString();
      return Done(case_id, relay_.AppendEntry(case_id, seal::v1::ENTRY_KIND_PACK, AsBytes(notice)));
    });
  }

  // Appends it, whatever it says.
  Result<v1::AppendResponse> AppendClosing(const v1::AppendClosingRequest& request) override {
    return Store([&] {
      const std::string notice = request.notice().SerializeAsString();
      const auto parsed = thread::ParseClosingNotice(AsBytes(notice));
      RENKEI_CHECK(parsed.ok());
      const CaseId& case_id = parsed->notice.case_id;
      return Done(case_id,
                  relay_.AppendEntry(case_id, seal::v1::ENTRY_KIND_CLOSING, AsBytes(notice)));
    });
  }

  Result<v1::ReadResponse> Read(const v1::ReadRequest& request) override {
    RENKEI_TRY(Up());
    relay_.pages.push_back(request.max_bytes());
    v1::ReadResponse response;
    const CaseId case_id = CaseOf(request.case_id());
    if (const auto deleted = relay_.deleted_.find(case_id); deleted != relay_.deleted_.end()) {
      RENKEI_CHECK(response.mutable_deleted()->ParseFromString(ToString(deleted->second)));
      return response;
    }
    const FakeRelay::Thread* thread = relay_.Readable(case_id, person_);
    if (thread == nullptr) {
      response.mutable_not_a_member();
      return response;
    }
    const std::uint64_t last = thread->readers.at(person_).value_or(thread->position.seq);
    FakeRelay::Entries entries;
    for (const auto& entry : thread->entries) {
      if (entry.seq() > request.after() && entry.seq() <= last) {
        entries.push_back(entry);
      }
    }
    if (relay_.tamper) {
      relay_.tamper(case_id, entries);
    }
    auto* out = response.mutable_entries();
    for (const auto& entry : entries) {
      const auto count = static_cast<std::size_t>(out->entries_size());
      if (count == request.limit() || (count > 0 && !IsRoomFor(entry, *out, request))) {
        break;
      }
      *out->add_entries() = entry;
    }
    out->set_complete(static_cast<std::size_t>(out->entries_size()) == entries.size());
    out->set_returning(relay_.returning);
    out->set_wants_commit(relay_.wants_commit);
    *out->mutable_head() = relay_.HeadAt(case_id, last);
    return response;
  }

  Result<v1::ListResponse> ListThreads(const v1::ListRequest& request) override {
    RENKEI_TRY(Up());
    v1::ListResponse response;
    for (const auto& [case_id, thread] : relay_.threads_) {
      const auto reader = thread.readers.find(person_);
      if (reader != thread.readers.end()) {
        auto* out = response.add_threads();
        out->set_case_id(Raw(case_id.view()));
        out->set_member(!reader->second.has_value());
        *out->mutable_head() = relay_.HeadAt(case_id, reader->second.value_or(thread.position.seq));
      }
    }
    if (relay_.tamper_list) {
      relay_.tamper_list(request, response);
    }
    return response;
  }

  Result<v1::GetGroupInfoResponse> GetGroupInfo(const v1::GetGroupInfoRequest& request) override {
    RENKEI_TRY(Up());
    v1::GetGroupInfoResponse response;
    const FakeRelay::Thread* thread = relay_.Readable(CaseOf(request.case_id()), person_);
    if (thread == nullptr) {
      response.mutable_not_a_member();
      return response;
    }
    const std::uint64_t epoch =
        relay_.stale_group_info.value_or(thread->group_infos.rbegin()->first);
    const auto& [group_info, card] = thread->group_infos.at(epoch);
    response.mutable_current()->set_group_info(Raw(group_info));
    *response.mutable_current()->mutable_card() = card;
    response.mutable_current()->set_seq(thread->card_seq);
    return response;
  }

  Result<v1::GiveBackResponse> GiveBack(const v1::GiveBackRequest& request) override {
    RENKEI_TRY(Up());
    if (relay_.give_back) {
      return relay_.give_back(request);
    }
    v1::GiveBackResponse response;
    response.set_refused(v1::GiveBackResponse::REFUSAL_NOT_RESTORED);
    return response;
  }

  Status Watch(const v1::WatchRequest& request,
               const std::function<bool(const v1::WatchEvent&)>& on_event) override {
    RENKEI_TRY(Up());
    v1::WatchEvent event;
    for (const auto& position : request.positions()) {
      const CaseId case_id = CaseOf(position.case_id());
      for (const auto& entry : relay_.threads_[case_id].entries) {
        if (entry.seq() > position.after()) {
          *event.mutable_batch()->add_entries() = entry;
        }
      }
    }
    if (event.has_batch() && !on_event(event)) {
      return Ok();
    }
    v1::WatchEvent caught_up;
    caught_up.set_caught_up(true);
    return on_event(caught_up) ? Status(kDown) : Ok();
  }
  void CancelWatch() override {}

  Result<v1::MailboxFetchResponse> FetchMailbox(const v1::MailboxFetchRequest& request) override {
    RENKEI_TRY(Up());
    relay_.pages.push_back(request.max_bytes());
    v1::MailboxFetchResponse response;
    for (const auto& message : relay_.mailboxes_[device_]) {
      if (message.id() <= request.after()) {
        continue;
      }
      if (!response.messages().empty() && !IsRoomFor(message, response, request)) {
        break;
      }
      *response.add_messages() = message;
    }
    if (relay_.tamper_mailbox) {
      relay_.tamper_mailbox(response);
    }
    return response;
  }

  Result<v1::MailboxAckResponse> AckMailbox(const v1::MailboxAckRequest& request) override {
    RENKEI_TRY(Up());
    for (const std::uint64_t id : request.ids()) {
      std::erase_if(relay_.mailboxes_[device_],
                    [&](const auto& message) { return message.id() == id; });
    }
    return v1::MailboxAckResponse();
  }

  Result<v1::FetchEnvelopesResponse> FetchEnvelopes(
      const v1::FetchEnvelopesRequest& request) override {
    RENKEI_TRY(Up());
    v1::FetchEnvelopesResponse response;
    response.set_complete(true);
    for (const auto& each :
         relay_.threads_[CaseOf(request.case_id())].envelopes[ToBytes(request.key_id())]) {
      if (request.from_start() ||
          std::pair(each.generation(), each.epoch()) >
              std::pair(request.after_generation(), request.after_epoch())) {
        *response.add_envelopes() = each;
      }
    }
    if (relay_.tamper_envelopes) {
      relay_.tamper_envelopes(response);
    }
    return response;
  }

  Result<v1::FetchPacksResponse> FetchPacks(const v1::FetchPacksRequest& request) override {
    RENKEI_TRY(Up());
    relay_.pages.push_back(request.max_bytes());
    v1::FetchPacksResponse response;
    for (const Bytes& pack :
         relay_.threads_[CaseOf(request.case_id())].packs[ToBytes(request.key_id())]) {
      response.add_packs(Raw(pack));
    }
    if (relay_.tamper_packs) {
      relay_.tamper_packs(request, response);
    }
    return response;
  }

 private:
  Status Up() const { return relay_.down ? Status(kDown) : Ok(); }

  // A call that stores: may get lost before or after.
  template <typename Call>
  auto Store(Call call) -> Result<decltype(call())> {
    RENKEI_TRY(Up());
    if (relay_.throttle_writes.has_value()) {
      return Error(Code::kThrottled, "over a limit of the relay");
    }
    if (relay_.refuse_writes.has_value()) {
      return *relay_.refuse_writes;
    }
    ++relay_.writes;
    if (relay_.writes == relay_.lose_write) {
      return kDown;
    }
    auto response = call();
    if (relay_.writes == relay_.lose_answer_of_write) {
      return kDown;
    }
    return response;
  }

  v1::AppendResponse Done(const CaseId& case_id, std::uint64_t seq) {
    v1::AppendResponse response;
    FillDone(case_id, seq, response.mutable_accepted());
    return response;
  }

  void FillDone(const CaseId& case_id, std::uint64_t seq, v1::AppendResponse::Done* done) {
    const auto& entry = relay_.threads_[case_id].entries[seq - 1];
    done->set_seq(seq);
    done->set_received_at(entry.received_at());
    done->set_payload_hash(Raw(Sha256(AsBytes(entry.payload()))));
    *done->mutable_head() = relay_.HeadAt(case_id, seq);
  }

  static void FillStale(const FakeRelay::Thread& thread, v1::StaleEpoch* stale) {
    stale->set_generation(thread.card->card.at.generation);
    stale->set_epoch(thread.card->card.at.epoch);
    stale->set_head_seq(thread.position.seq);
  }

  v1::CommitResponse CommitHonestly(const v1::CommitRequest& request) {
    v1::CommitResponse response;
    const auto card = thread::SignedCardFromParts(AsBytes(request.card().card()),
                                                  AsBytes(request.card().signature()));
    if (!card.ok()) {
      response.set_refused(v1::CommitResponse::REFUSAL_BAD_CARD);
      return response;
    }
    FakeRelay::Thread& thread = relay_.threads_[card->card.case_id];
    if (!thread.card.has_value()) {
      response.set_refused(v1::CommitResponse::REFUSAL_UNKNOWN_THREAD);
    } else if (!thread::HasPerson(thread.card->card, person_)) {
      response.mutable_not_a_member();
    } else if (thread.card->hash == card->hash) {
      response.mutable_duplicate()->set_seq(thread.card_seq);
    } else if (card->card.at.epoch != thread.card->card.at.epoch + 1) {
      FillStale(thread, response.mutable_stale_epoch());
    } else {
      return relay_.ForceCommit(request);
    }
    return response;
  }

  v1::AppendResponse AppendHonestly(const v1::AppendRequest& request) {
    v1::AppendResponse response;
    const auto record = thread::ParseSealedRecord(AsBytes(request.record()));
    RENKEI_CHECK(record.ok());
    const CaseId& case_id = record->header.case_id;
    FakeRelay::Thread& thread = relay_.threads_[case_id];
    const std::pair key(record->header.sender_device, record->header.record_id);
    if (const auto before = thread.records.find(key); before != thread.records.end()) {
      FillDone(case_id, before->second, response.mutable_duplicate());
      return response;
    }
    if (thread::FindMember(thread.card->card, device_) == nullptr) {
      response.mutable_not_a_member();
      return response;
    }
    if (record->header.at != thread.card->card.at) {
      FillStale(thread, response.mutable_stale_epoch());
      return response;
    }
    const std::uint64_t seq =
        relay_.AppendEntry(case_id, seal::v1::ENTRY_KIND_RECORD, AsBytes(request.record()));
    thread.records[key] = seq;
    return Done(case_id, seq);
  }

  FakeRelay& relay_;
  DeviceId device_;
  thread::PersonRef person_;
};

FakeRelay::FakeRelay(const Clock& clock, SigningKey signing_key)
    : clock_(clock), signing_key_(std::move(signing_key)) {
  incarnation_.bytes[0] = 1;
}

void FakeRelay::AddCertificate(ByteView der) {
  auto& entry = directory_.emplace_back();
  entry.set_position(directory_.size());
  entry.set_certificate(Raw(der));
}

void FakeRelay::AddRevocationList(ByteView der) {
  auto& entry = directory_.emplace_back();
  entry.set_position(directory_.size());
  entry.set_revocation_list(Raw(der));
}

std::uint64_t FakeRelay::AppendEntry(const CaseId& case_id, seal::v1::EntryKind kind,
                                     ByteView payload) {
  Thread& thread = threads_[case_id];
  if (thread.entries.empty()) {
    thread.position = thread::StartOf(case_id);
  }
  thread::EntryView view{.case_id = case_id,
                         .seq = thread.position.seq + 1,
                         .kind = static_cast<thread::EntryKind>(kind),
                         .received_at = std::max(clock_.Now(), thread.position.received_at),
                         .payload = payload};
  view.hash = thread::NextHash(thread.position.hash, view);
  seal::v1::ThreadEntry entry;
  entry.set_case_id(Raw(case_id.view()));
  entry.set_seq(view.seq);
  entry.set_kind(kind);
  entry.set_received_at(view.received_at.value);
  entry.set_payload(Raw(payload));
  entry.set_hash(Raw(view.hash));
  thread.entries.push_back(std::move(entry));
  thread.position = {view.seq, view.hash, view.received_at};
  return view.seq;
}

void FakeRelay::ForceEntry(const CaseId& case_id, seal::v1::EntryKind kind, ByteView payload) {
  AppendEntry(case_id, kind, payload);
}

v1::CommitResponse FakeRelay::ForceCommit(const v1::CommitRequest& request) {
  wants_commit = false;  // each commit brings a GroupInfo
  const auto card = thread::SignedCardFromParts(AsBytes(request.card().card()),
                                                AsBytes(request.card().signature()));
  RENKEI_CHECK(card.ok());
  const CaseId& case_id = card->card.case_id;
  seal::v1::CommitPayload payload;
  *payload.mutable_card() = request.card();
  payload.set_commit(request.commit());
  const std::uint64_t seq =
      AppendEntry(case_id, seal::v1::ENTRY_KIND_COMMIT, AsBytes(payload.SerializeAsString()));
  Thread& thread = threads_[case_id];
  for (auto& [person, until] : thread.readers) {
    if (!until.has_value() && !thread::HasPerson(card->card, person)) {
      until = seq;
    }
  }
  for (const thread::CardMember& member : card->card.members) {
    thread.readers[member.person] = std::nullopt;
  }
  thread.card = *card;
  thread.card_seq = seq;
  thread.group_infos[card->card.at.epoch] = {ToBytes(request.group_info()), request.card()};
  for (seal::v1::Envelope envelope : request.envelopes()) {
    if (tamper_envelope) {
      tamper_envelope(envelope);
    }
    thread.envelopes[ToBytes(envelope.key_id())].push_back(envelope);
  }
  for (const auto& welcome : request.welcomes()) {
    for (const std::string& device : welcome.devices()) {
      v1::MailboxMessage message;
      message.set_id(next_message_++);
      message.set_case_id(Raw(case_id.view()));
      message.set_welcome(welcome.welcome());
      message.set_seq(seq);
      mailboxes_[DeviceId::FromBytes(AsBytes(device)).value()].push_back(message);
    }
  }
  v1::CommitResponse response;
  response.mutable_accepted()->set_seq(seq);
  *response.mutable_accepted()->mutable_head() = HeadAt(case_id, seq);
  return response;
}

seal::v1::SignedHead FakeRelay::HeadAt(const CaseId& case_id, std::uint64_t seq) {
  const auto& entry = threads_[case_id].entries[seq - 1];
  thread::Head head{.case_id = case_id,
                    .seq = seq,
                    .hash = ToArray<kHashBytes>(AsBytes(entry.hash())).value(),
                    .received_at = {entry.received_at()},
                    .incarnation = incarnation_};
  if (tamper_head) {
    tamper_head(head);
  }
  return Parse<seal::v1::SignedHead>(thread::SignHead(head, signing_key_));
}

FakeRelay::Thread* FakeRelay::Readable(const CaseId& case_id, const thread::PersonRef& person) {
  const auto thread = threads_.find(case_id);
  return thread == threads_.end() || !thread->second.readers.contains(person) ? nullptr
                                                                              : &thread->second;
}

Bytes FakeRelay::Everything() const {
  std::string out;
  for (const auto& [case_id, thread] : threads_) {
    for (const auto& entry : thread.entries) {
      out += entry.SerializeAsString();
    }
    for (const auto& [key, envelopes] : thread.envelopes) {
      for (const auto& envelope : envelopes) {
        out += envelope.SerializeAsString();
      }
    }
    for (const auto& [key, packs] : thread.packs) {
      for (const Bytes& pack : packs) {
        out += ToString(pack);
      }
    }
    for (const auto& [epoch, info] : thread.group_infos) {
      out += ToString(info.first);
    }
  }
  return ToBytes(out);
}

std::unique_ptr<client::Relay> FakeRelay::ConnectionFor(const DeviceId& device,
                                                        const thread::PersonRef& person) {
  return std::make_unique<FakeConnection>(*this, device, person);
}

Result<std::unique_ptr<client::Relay>> FakeConnector::Connect(
    const client::RelayEndpoint& endpoint) {
  RENKEI_ASSIGN(const auto chain, pki::CertificatesFromPem(endpoint.client_chain_pem));
  const pki::SubjectIds& ids = chain.front().ids();
  return relay_.ConnectionFor(ids.device, {ids.institution, ids.person});
}

Result<Bytes> FakeConnector::FetchRoot(const std::string&, const Hash32&) {
  return kNotHere;
}

}  // namespace renkei::test
