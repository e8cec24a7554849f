#include "tests/fuzz/relay_rpc_world.h"

#include "server/rpc/alerts_handler.h"
#include "server/rpc/directory_handler.h"
#include "server/rpc/enrolment_handler.h"
#include "server/rpc/envelopes_handler.h"
#include "server/rpc/mailbox_handler.h"
#include "server/rpc/threads_handler.h"
#include "server/rpc/watch_encoding.h"
#include "tests/support/memory_store.h"
#include "tests/support/relay_request.h"
#include "tests/support/relay_world.h"

namespace renkei::fuzz {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): its fixtures are the subject here
namespace v1 = relay::v1;

// One region, built once; each input starts from the same state.
class World {
 public:
  World() : clock(kRegionStart + Days(30)) {
    relay = std::move(server::Relay::Open(store, clock, world.random(), world.Identity())).value();
    world.PublishAll(*relay);
    first = world.NewCase(nurse);
    Call<v1::CommitRequest, v1::CommitResponse>(0, RequestOf(first).SerializeAsString());
    second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    Call<v1::CommitRequest, v1::CommitResponse>(1, RequestOf(second).SerializeAsString());
    alert_seq = Head().seq + 1;
    Call<v1::AppendRequest, v1::AppendResponse>(2, UrgentRequest().SerializeAsString());
    RENKEI_CHECK(Head().seq == alert_seq + 1);
    begin = store.Backup();
  }

  v1::AppendRequest UrgentRequest() {
    thread::AlertPlan plan;
    plan.steps = {{{{std::nullopt, std::nullopt, 4}}, Minutes(5)}};
    v1::AppendRequest out;
    out.set_alert_plan(ToString(thread::SerializeAlertPlan(plan)));
    auto urgent = thread::ParseSealedRecord(world.Record(second.card, nurse, Head())).value();
    urgent.header.urgency = thread::Urgency::kUrgent;
    urgent.header.alert_plan_hash = thread::HashOfAlertPlan(AsBytes(out.alert_plan()));
    out.set_record(ToString(thread::SerializeSealedRecord(urgent)));
    return out;
  }

  void Run(ByteView input) {
    if (!input.empty()) {
      Dispatch(input[0] % kRelayCalls, ToString(input.subspan(1)));
    }
    CheckHead();
    store.Restore(*begin);
  }

  thread::Position Head() {
    thread::Position head;
    RENKEI_CHECK(store
                     .Read([&](server::ReadTransaction& transaction) -> Status {
                       RENKEI_ASSIGN(const auto row,
                                     transaction.FindThread(first.card.card.case_id));
                       head = row ? row->head : thread::Position();
                       return Ok();
                     })
                     .ok());
    return head;
  }

  ManualClock clock;
  RelayWorld world{21};
  MemoryStore store;
  std::unique_ptr<server::Relay> relay;
  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(station);
  CommitParts first;
  CommitParts second;
  std::uint64_t alert_seq = 0;

 private:
  // Runs `handle(request, reply)`; the request must live until the reply, which comes at once.
  template <typename Request, typename Response, typename Handle>
  void Once(const std::string& bytes, const Handle& handle) {
    Request request;
    if (!request.ParseFromString(bytes)) {
      return;
    }
    int replies = 0;
    handle(request, server::Reply<Response>([&](const Result<Response>&) { ++replies; }));
    RENKEI_CHECK(replies == 1);
  }
  template <typename Request, typename Response>
  void Call(std::size_t number, const std::string& bytes) {
    Dispatch(number, bytes);
  }

  void Dispatch(std::size_t number, const std::string& bytes) {
    if (number < 8) {
      DispatchThreads(number, bytes);
    } else if (number < 12) {
      DispatchDeliveries(number, bytes);
    } else {
      DispatchDirectory(number, bytes);
    }
  }

  void DispatchThreads(std::size_t number, const std::string& bytes) {
    server::ThreadsHandler threads(*relay);
    const server::Caller by = nurse.Caller();
    switch (number) {
      case 0:
        return Once<v1::CommitRequest, v1::CommitResponse>(
            bytes, [&](const auto& r, auto reply) { threads.Create(by, r, reply); });
      case 1:
        return Once<v1::CommitRequest, v1::CommitResponse>(
            bytes, [&](const auto& r, auto reply) { threads.Commit(by, r, reply); });
      case 2:
        return Once<v1::AppendRequest, v1::AppendResponse>(
            bytes, [&](const auto& r, auto reply) { threads.Append(by, r, reply); });
      case 3:
        return Once<v1::AppendPackRequest, v1::AppendResponse>(
            bytes, [&](const auto& r, auto reply) { threads.AppendPack(by, r, reply); });
      case 4:
        return Once<v1::ReadRequest, v1::ReadResponse>(
            bytes, [&](const auto& r, auto reply) { threads.Read(by, r, reply); });
      case 5:
        return Once<v1::ListRequest, v1::ListResponse>(
            bytes, [&](const auto& r, auto reply) { threads.List(by, r, reply); });
      case 6:
        return Once<v1::GetGroupInfoRequest, v1::GetGroupInfoResponse>(
            bytes, [&](const auto& r, auto reply) { threads.GetGroupInfo(by, r, reply); });
      default:
        return Watch(bytes);
    }
  }

  void Watch(const std::string& bytes) {
    v1::WatchRequest request;
    if (!request.ParseFromString(bytes)) {
      return;
    }
    const auto positions = server::MapPositions(request);
    if (!positions.ok()) {
      return;
    }
    server::WatchSession session(store, nurse.Caller(), [] { return true; }, {});
    if (!session.Start(*positions).ok()) {
      return;
    }
    for (auto output = session.Next(); output.ok() && !output->empty(); output = session.Next()) {
      (void)server::EncodeOutput(*output);
    }
  }

  void DispatchDeliveries(std::size_t number, const std::string& bytes) {
    server::MailboxHandler mailbox(*relay);
    server::EnvelopesHandler envelopes(*relay);
    const server::Caller by = doctor.Caller();
    switch (number) {
      case 8:
        return Once<v1::MailboxFetchRequest, v1::MailboxFetchResponse>(
            bytes, [&](const auto& r, auto reply) { mailbox.Fetch(by, r, reply); });
      case 9:
        return Once<v1::MailboxAckRequest, v1::MailboxAckResponse>(
            bytes, [&](const auto& r, auto reply) { mailbox.Ack(by, r, reply); });
      case 10:
        return Once<v1::FetchEnvelopesRequest, v1::FetchEnvelopesResponse>(
            bytes, [&](const auto& r, auto reply) { envelopes.Fetch(by, r, reply); });
      default:
        return Once<v1::FetchPacksRequest, v1::FetchPacksResponse>(
            bytes, [&](const auto& r, auto reply) { envelopes.FetchPacks(by, r, reply); });
    }
  }

  void DispatchDirectory(std::size_t number, const std::string& bytes) {
    server::DirectoryHandler directory(*relay);
    server::EnrolmentHandler enrolment(*relay);
    const server::Caller by = nurse.Caller();
    switch (number) {
      case 12:
        return Once<v1::PublishRequest, v1::PublishResponse>(
            bytes, [&](const auto& r, auto reply) { directory.Publish(by, r, reply); });
      case 13:
        return Once<v1::DirectorySyncRequest, v1::DirectorySyncResponse>(
            bytes, [&](const auto& r, auto reply) { directory.Sync(by, r, reply); });
      case 14:
        return Once<v1::UploadKeyPackagesRequest, v1::UploadKeyPackagesResponse>(
            bytes, [&](const auto& r, auto reply) { directory.UploadKeyPackages(by, r, reply); });
      case 15:
        return Once<v1::ClaimKeyPackagesRequest, v1::ClaimKeyPackagesResponse>(
            bytes, [&](const auto& r, auto reply) { directory.ClaimKeyPackages(by, r, reply); });
      case 16:
        return Once<v1::PublishRevocationsRequest, v1::PublishRevocationsResponse>(
            bytes, [&](const auto& r, auto reply) { directory.PublishRevocations(by, r, reply); });
      case 17:
        return Once<v1::CreateTicketRequest, v1::CreateTicketResponse>(
            bytes, [&](const auto& r, auto reply) { enrolment.CreateTicket(by, r, reply); });
      case 18:
        return Once<v1::SubmitRequestRequest, v1::SubmitRequestResponse>(
            bytes, [&](const auto& r, auto reply) { enrolment.SubmitRequest(r, reply); });
      case 19:
        return Once<v1::ApproveRequest, v1::ApproveResponse>(
            bytes, [&](const auto& r, auto reply) { enrolment.Approve(by, r, reply); });
      case 20:
        return Once<v1::AttachLinkRequest, v1::AttachLinkResponse>(
            bytes, [&](const auto& r, auto reply) { enrolment.AttachLink(by, r, reply); });
      case 23: {
        server::AlertsHandler alerts(*relay);
        return Once<v1::AcknowledgeRequest, v1::AcknowledgeResponse>(
            bytes,
            [&](const auto& r, auto reply) { alerts.Acknowledge(doctor.Caller(), r, reply); });
      }
      case 21:
        return Once<v1::GetApprovalRequest, v1::GetApprovalResponse>(
            bytes, [&](const auto& r, auto reply) { enrolment.GetApproval(r, reply); });
      default:
        return Once<v1::ListRequestsRequest, v1::ListRequestsResponse>(
            bytes, [&](const auto& r, auto reply) { enrolment.ListRequests(by, r, reply); });
    }
  }

  void CheckHead() {
    const thread::Position head = Head();
    RENKEI_CHECK(store
                     .Read([&](server::ReadTransaction& transaction) -> Status {
                       RENKEI_ASSIGN(const auto hash,
                                     transaction.EntryHash(first.card.card.case_id, head.seq));
                       RENKEI_CHECK(hash == head.hash);
                       return Ok();
                     })
                     .ok());
  }

  std::shared_ptr<const MemoryStore::Content> begin;
};

World& TheWorld() {
  static World world;
  return world;
}

}  // namespace

void RunRelayCall(ByteView input) {
  TheWorld().Run(input);
}

std::vector<std::pair<std::string, Bytes>> RelayCorpus() {
  World& w = TheWorld();
  std::vector<std::pair<std::string, Bytes>> out;
  const auto add = [&](std::uint8_t number, const std::string& name, const auto& request) {
    Bytes input = {number};
    Append(input, AsBytes(request.SerializeAsString()));
    out.emplace_back(name, std::move(input));
  };
  const std::string case_id = ToString(w.first.card.card.case_id.view());
  add(0, "create", RequestOf(w.world.NewCase(w.nurse)));
  add(1, "commit", RequestOf(w.world.NextCommit(w.second.card, w.nurse, {&w.nurse, &w.doctor})));
  v1::AppendRequest append;
  append.set_record(ToString(w.world.Record(w.second.card, w.nurse, w.Head())));
  add(2, "append", append);
  add(2, "append_urgent", w.UrgentRequest());
  v1::AcknowledgeRequest acknowledge;
  acknowledge.set_record(ToString(w.world.Record(w.second.card, w.doctor, w.Head())));
  acknowledge.set_alert_seq(w.alert_seq);
  add(23, "acknowledge", acknowledge);
  v1::ReadRequest read;
  read.set_case_id(case_id);
  read.set_limit(500);
  add(4, "read", read);
  v1::GetGroupInfoRequest group_info;
  group_info.set_case_id(case_id);
  add(6, "group_info", group_info);
  v1::WatchRequest watch;
  watch.add_positions()->set_case_id(case_id);
  add(7, "watch", watch);
  v1::MailboxAckRequest ack;
  ack.add_ids(1);
  add(9, "ack", ack);
  v1::FetchEnvelopesRequest fetch;
  fetch.set_case_id(case_id);
  fetch.set_key_id(ToString(w.doctor.person->archive.fingerprint()));
  fetch.set_from_start(true);
  add(10, "fetch", fetch);
  v1::PublishRequest publish;
  for (const Bytes& der : w.world.CertificatesOf(w.station)) {
    publish.add_certificates(ToString(der));
  }
  add(12, "publish", publish);
  v1::DirectorySyncRequest sync;
  sync.set_limit(100);
  add(13, "sync", sync);
  v1::UploadKeyPackagesRequest upload;
  upload.add_key_packages("key package");
  add(14, "upload", upload);
  v1::ClaimKeyPackagesRequest claim;
  auto& person = *claim.add_persons();
  person.set_institution(ToString(w.doctor.person->Ref().institution.view()));
  person.set_person(ToString(w.doctor.person->Ref().person.view()));
  add(15, "claim", claim);
  v1::CreateTicketRequest ticket;
  ticket.set_ticket(std::string(16, 't'));
  ticket.set_purpose(seal::v1::TICKET_PURPOSE_STAFF);
  ticket.set_expires_at((w.clock.Now() + Days(1)).value);
  add(17, "ticket", ticket);
  return out;
}

}  // namespace renkei::fuzz
