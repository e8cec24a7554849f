#include "tests/fuzz/relay_rpc_world.h"

#include <functional>
#include <map>

#include "crypto/pki/revocation.h"
#include "crypto/thread/notice.h"
#include "crypto/thread/sealed_secrets.h"
#include "server/rpc/directory_handler.h"
#include "server/rpc/enrolment_handler.h"
#include "server/rpc/envelopes_handler.h"
#include "server/rpc/mailbox_handler.h"
#include "server/rpc/threads_handler.h"
#include "tests/support/memory_store.h"
#include "tests/support/relay_request.h"
#include "tests/support/relay_world.h"

namespace renkei::fuzz {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): its fixtures are the subject here
namespace v1 = relay::v1;

class World;
using Run = std::function<void(World&, const server::Caller&, const std::string&)>;

// One region, built once; each input starts from the same state.
class World {
 public:
  World() : clock(kRegionStart + Days(30)) {
    relay = std::move(server::Relay::Open(store, clock, world.random(), world.Identity())).value();
    world.PublishAll(*relay);
    first = world.NewCase(nurse);
    Do("Threads.Create", RequestOf(first));
    second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    Do("Threads.Commit", RequestOf(second));
    v1::AppendRequest append;
    append.set_record(ToString(world.Record(second.card, nurse, Head())));
    Do("Threads.Append", append);
    v1::UploadKeyPackagesRequest upload;
    upload.add_key_packages("key package");
    Do("Directory.UploadKeyPackages", upload);
    begin = store.Backup();
  }

  // By a member, and by a stranger of another institution; each from the same state.
  void RunInput(const std::string& method, ByteView input) {
    const Run& run = Calls().at(method);
    for (const Handset* by : {&nurse, &stranger}) {
      run(*this, by->Caller(), ToString(input));
      CheckHead();
      store.Restore(*begin);
    }
  }

  static const std::map<std::string, Run>& Calls();

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

  void Watch(const server::Caller& by, const std::string& bytes) {
    v1::WatchRequest request;
    if (!request.ParseFromString(bytes)) {
      return;
    }
    const auto positions = server::MapPositions(request);
    if (!positions.ok()) {
      return;
    }
    server::WatchSession session(store, by, [] { return true; }, {});
    if (!session.Start(*positions).ok()) {
      return;
    }
    for (auto output = session.Next(); output.ok() && !output->empty(); output = session.Next()) {
      (void)server::MapOutput(*output);
    }
  }

  ManualClock clock;
  RelayWorld world{21};
  MemoryStore store;
  std::unique_ptr<server::Relay> relay;
  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& elsewhere = world.AddOffice("よその事業所（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(station);
  Handset& stranger = world.AddMember(elsewhere);
  CommitParts first;
  CommitParts second;

 private:
  void Do(const std::string& method, const google::protobuf::Message& request) {
    Calls().at(method)(*this, nurse.Caller(), request.SerializeAsString());
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

// A handler's call, whether it takes its reply by value or not.
template <typename Handler, typename Request, typename Response>
Run Bind(void (Handler::*call)(const server::Caller&, const Request&,
                               const server::Reply<Response>&)) {
  return [call](World& world, const server::Caller& by, const std::string& bytes) {
    Handler handler(*world.relay);
    world.Once<Request, Response>(bytes, [&](const auto& request, const auto& reply) {
      (handler.*call)(by, request, reply);
    });
  };
}
template <typename Handler, typename Request, typename Response>
Run Bind(void (Handler::*call)(const server::Caller&, const Request&, server::Reply<Response>)) {
  return [call](World& world, const server::Caller& by, const std::string& bytes) {
    Handler handler(*world.relay);
    world.Once<Request, Response>(bytes, [&](const auto& request, const auto& reply) {
      (handler.*call)(by, request, reply);
    });
  };
}
// One that needs no caller.
template <typename Handler, typename Request, typename Response>
Run Bind(void (Handler::*call)(const Request&, const server::Reply<Response>&)) {
  return [call](World& world, const server::Caller&, const std::string& bytes) {
    Handler handler(*world.relay);
    world.Once<Request, Response>(
        bytes, [&](const auto& request, const auto& reply) { (handler.*call)(request, reply); });
  };
}

const std::map<std::string, Run>& World::Calls() {
  using server::DirectoryHandler;
  using server::EnrolmentHandler;
  using server::EnvelopesHandler;
  using server::MailboxHandler;
  using server::ThreadsHandler;
  static const std::map<std::string, Run> calls = {
      {"Threads.Create", Bind(&ThreadsHandler::Create)},
      {"Threads.Commit", Bind(&ThreadsHandler::Commit)},
      {"Threads.Append", Bind(&ThreadsHandler::Append)},
      {"Threads.AppendPack", Bind(&ThreadsHandler::AppendPack)},
      {"Threads.Read", Bind(&ThreadsHandler::Read)},
      {"Threads.List", Bind(&ThreadsHandler::List)},
      {"Threads.GetGroupInfo", Bind(&ThreadsHandler::GetGroupInfo)},
      {"Threads.GiveBack", Bind(&ThreadsHandler::GiveBack)},
      {"Threads.Watch", [](World& world, const server::Caller& by,
                           const std::string& bytes) { world.Watch(by, bytes); }},
      {"Mailbox.Fetch", Bind(&MailboxHandler::Fetch)},
      {"Mailbox.Ack", Bind(&MailboxHandler::Ack)},
      {"Envelopes.Fetch", Bind(&EnvelopesHandler::Fetch)},
      {"Envelopes.FetchPacks", Bind(&EnvelopesHandler::FetchPacks)},
      {"Directory.Publish", Bind(&DirectoryHandler::Publish)},
      {"Directory.Sync", Bind(&DirectoryHandler::Sync)},
      {"Directory.UploadKeyPackages", Bind(&DirectoryHandler::UploadKeyPackages)},
      {"Directory.ClaimKeyPackages", Bind(&DirectoryHandler::ClaimKeyPackages)},
      {"Directory.PublishRevocations", Bind(&DirectoryHandler::PublishRevocations)},
      {"Enrolment.CreateTicket", Bind(&EnrolmentHandler::CreateTicket)},
      {"Enrolment.SubmitRequest", Bind(&EnrolmentHandler::SubmitRequest)},
      {"Enrolment.ListRequests", Bind(&EnrolmentHandler::ListRequests)},
      {"Enrolment.AttachLink", Bind(&EnrolmentHandler::AttachLink)},
      {"Enrolment.Approve", Bind(&EnrolmentHandler::Approve)},
      {"Enrolment.GetApproval", Bind(&EnrolmentHandler::GetApproval)},
  };
  return calls;
}

World& TheWorld() {
  static World world;
  return world;
}

using AddInput =
    std::function<void(const std::string&, const std::string&, const google::protobuf::Message&)>;

void AddDirectoryCorpus(World& w, const AddInput& add) {
  v1::PublishRequest publish;
  for (const Bytes& der : w.world.CertificatesOf(w.station)) {
    publish.add_certificates(ToString(der));
  }
  add("Directory.Publish", "publish", publish);
  v1::DirectorySyncRequest sync;
  sync.set_limit(100);
  add("Directory.Sync", "sync", sync);
  v1::UploadKeyPackagesRequest upload;
  upload.add_key_packages("key package");
  add("Directory.UploadKeyPackages", "upload", upload);
  v1::ClaimKeyPackagesRequest claim;
  auto& person = *claim.add_persons();
  person.set_institution(ToString(w.nurse.person->Ref().institution.view()));
  person.set_person(ToString(w.nurse.person->Ref().person.view()));
  add("Directory.ClaimKeyPackages", "claim", claim);
  const Millis now = w.clock.Now();
  v1::PublishRevocationsRequest revoke;
  revoke.set_revocation_list(ToString(pki::CreateCrl(w.station.ca,
                                                     {{w.doctor.device.tls.certificate.serial(),
                                                       now, pki::RevocationReason::kKeyCompromise}},
                                                     1, now, now + Days(7))
                                          .value()
                                          .der()));
  add("Directory.PublishRevocations", "revoke", revoke);
}

void AddEnrolmentCorpus(World& w, const AddInput& add) {
  const std::string ticket(16, 't');
  v1::CreateTicketRequest create;
  create.set_ticket(ticket);
  create.set_purpose(seal::v1::TICKET_PURPOSE_STAFF);
  create.set_expires_at((w.clock.Now() + Days(1)).value);
  add("Enrolment.CreateTicket", "ticket", create);
  v1::SubmitRequestRequest submit;
  submit.set_ticket(ticket);
  submit.set_signed_request("no request");
  add("Enrolment.SubmitRequest", "submit", submit);
  v1::ListRequestsRequest list;
  add("Enrolment.ListRequests", "list", list);
  v1::AttachLinkRequest link;
  link.set_ticket(ticket);
  link.set_signed_link("no link");
  link.set_sealed_package("package");
  add("Enrolment.AttachLink", "link", link);
  v1::ApproveRequest approve;
  approve.set_ticket(ticket);
  approve.add_certificates(ToString(w.nurse.device.signing.certificate.der()));
  add("Enrolment.Approve", "approve", approve);
  v1::GetApprovalRequest get;
  get.set_ticket(ticket);
  add("Enrolment.GetApproval", "get", get);
}

}  // namespace

void RunRelayCall(const std::string& method, ByteView input) {
  TheWorld().RunInput(method, input);
}

std::vector<std::string> RelayCalls() {
  std::vector<std::string> out;
  for (const auto& [name, run] : World::Calls()) {
    out.push_back(name);
  }
  return out;
}

std::vector<RelayInput> RelayCorpus() {
  World& w = TheWorld();
  std::vector<RelayInput> out;
  const auto add = [&](const std::string& method, const std::string& name,
                       const google::protobuf::Message& request) {
    out.push_back({method, name, ToBytes(AsBytes(request.SerializeAsString()))});
  };
  const std::string case_id = ToString(w.first.card.card.case_id.view());
  const std::string key_id = ToString(w.nurse.person->archive.fingerprint());
  add("Threads.Create", "create", RequestOf(w.world.NewCase(w.nurse)));
  add("Threads.Commit", "commit",
      RequestOf(w.world.NextCommit(w.second.card, w.nurse, {&w.nurse, &w.doctor})));
  add("Threads.Commit", "intrusion",
      RequestOf(w.world.NextCommit(w.second.card, w.stranger, {&w.nurse, &w.stranger})));
  v1::AppendRequest append;
  append.set_record(ToString(w.world.Record(w.second.card, w.nurse, w.Head())));
  add("Threads.Append", "append", append);
  append.set_record(ToString(w.world.Record(w.first.card, w.stranger, w.Head())));
  add("Threads.Append", "stranger", append);
  thread::Pack pack;
  pack.case_id = w.first.card.card.case_id;
  pack.key_id = w.doctor.person->archive.fingerprint();
  pack.sender_device = w.nurse.device.id;
  pack.ciphertext = w.world.random().NextBytes(200);
  thread::PackNotice notice;
  notice.case_id = pack.case_id;
  notice.key_id = pack.key_id;
  notice.sender_device = pack.sender_device;
  notice.pack_hash = Sha256(thread::SerializePack(pack));
  notice.last = {0, 1};
  v1::AppendPackRequest append_pack;
  append_pack.set_pack(ToString(thread::SerializePack(pack)));
  RENKEI_CHECK(append_pack.mutable_notice()->ParseFromString(
      ToString(thread::MakePackNotice(notice, w.nurse.device.signing.key).value())));
  add("Threads.AppendPack", "pack", append_pack);
  v1::ReadRequest read;
  read.set_case_id(case_id);
  read.set_limit(500);
  add("Threads.Read", "read", read);
  v1::ListRequest list;
  list.set_after(case_id);
  add("Threads.List", "after", list);
  v1::GetGroupInfoRequest group_info;
  group_info.set_case_id(case_id);
  add("Threads.GetGroupInfo", "group_info", group_info);
  v1::GiveBackRequest give_back;
  give_back.set_case_id(case_id);
  give_back.set_held_seq(2);
  give_back.set_held_hash(ToString(w.Head().hash));
  give_back.add_links()->set_payload_hash(std::string(32, 'h'));
  add("Threads.GiveBack", "links", give_back);
  v1::WatchRequest watch;
  watch.add_positions()->set_case_id(case_id);
  add("Threads.Watch", "watch", watch);
  v1::MailboxFetchRequest mail;
  mail.set_after(1);
  add("Mailbox.Fetch", "after", mail);
  v1::MailboxAckRequest ack;
  ack.add_ids(1);
  add("Mailbox.Ack", "ack", ack);
  v1::FetchEnvelopesRequest fetch;
  fetch.set_case_id(case_id);
  fetch.set_key_id(key_id);
  fetch.set_from_start(true);
  add("Envelopes.Fetch", "fetch", fetch);
  v1::FetchPacksRequest packs;
  packs.set_case_id(case_id);
  packs.set_key_id(key_id);
  add("Envelopes.FetchPacks", "packs", packs);
  AddDirectoryCorpus(w, add);
  AddEnrolmentCorpus(w, add);
  return out;
}

}  // namespace renkei::fuzz
