// Each call of each service over a real connection: who may make it, and that it reaches its
// handler (whose own tests say what it answers).
#include "server/rpc/services.h"

#include <functional>
#include <map>

#include "crypto/seal/join_request.h"
#include "server/rpc/methods.h"
#include "tests/server/rpc/case_rpc.h"

namespace renkei::test {
namespace {

using Channel = std::shared_ptr<grpc::Channel>;
using CallStatus = std::function<grpc::StatusCode(const Channel&)>;

// A call with an empty message.
template <typename Service, typename Request, typename Response>
CallStatus Empty(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                       Response*)) {
  return [method](const Channel& channel) {
    Response response;
    const auto stub = Service::NewStub(channel);
    return ((*stub).*method)(Context().get(), Request(), &response).error_code();
  };
}

grpc::StatusCode EmptyAppendStream(const Channel& channel) {
  const auto context = Context();
  const auto stream = v1::Threads::NewStub(channel)->AppendStream(context.get());
  (void)stream->Write(v1::AppendRequest());
  (void)stream->WritesDone();
  v1::AppendStreamResponse response;
  while (stream->Read(&response)) {
  }
  return stream->Finish().error_code();
}

// Every call by the name that it has in the audit log.
std::map<std::string, CallStatus> EveryCall() {
  using E = v1::Enrolment;
  using D = v1::Directory;
  using T = v1::Threads;
  using M = v1::Mailbox;
  using N = v1::Envelopes;
  using A = v1::Alerts;
  return {
      {"rpc Enrolment.CreateTicket", Empty<E>(&E::Stub::CreateTicket)},
      {"rpc Enrolment.SubmitRequest", Empty<E>(&E::Stub::SubmitRequest)},
      {"rpc Enrolment.ListRequests", Empty<E>(&E::Stub::ListRequests)},
      {"rpc Enrolment.AttachLink", Empty<E>(&E::Stub::AttachLink)},
      {"rpc Enrolment.Approve", Empty<E>(&E::Stub::Approve)},
      {"rpc Enrolment.GetApproval", Empty<E>(&E::Stub::GetApproval)},
      {"rpc Directory.Publish", Empty<D>(&D::Stub::Publish)},
      {"rpc Directory.Sync", Empty<D>(&D::Stub::Sync)},
      {"rpc Directory.UploadKeyPackages", Empty<D>(&D::Stub::UploadKeyPackages)},
      {"rpc Directory.ClaimKeyPackages", Empty<D>(&D::Stub::ClaimKeyPackages)},
      {"rpc Directory.PublishRevocations", Empty<D>(&D::Stub::PublishRevocations)},
      {"rpc Threads.Create", Empty<T>(&T::Stub::Create)},
      {"rpc Threads.Commit", Empty<T>(&T::Stub::Commit)},
      {"rpc Threads.Append", Empty<T>(&T::Stub::Append)},
      {"rpc Threads.AppendStream", EmptyAppendStream},
      {"rpc Threads.AppendPack", Empty<T>(&T::Stub::AppendPack)},
      {"rpc Threads.AppendClosing", Empty<T>(&T::Stub::AppendClosing)},
      {"rpc Threads.Read", Empty<T>(&T::Stub::Read)},
      {"rpc Threads.List", Empty<T>(&T::Stub::List)},
      {"rpc Threads.GiveBack", Empty<T>(&T::Stub::GiveBack)},
      {"rpc Threads.GetGroupInfo", Empty<T>(&T::Stub::GetGroupInfo)},
      {"rpc Mailbox.Fetch", Empty<M>(&M::Stub::Fetch)},
      {"rpc Mailbox.Ack", Empty<M>(&M::Stub::Ack)},
      {"rpc Envelopes.Fetch", Empty<N>(&N::Stub::Fetch)},
      {"rpc Envelopes.FetchPacks", Empty<N>(&N::Stub::FetchPacks)},
      {"rpc Alerts.Acknowledge", Empty<A>(&A::Stub::Acknowledge)},
  };
}
// These have something to say to an empty message; the others refuse it.
const std::set<std::string> kAnswered = {"rpc Enrolment.ListRequests",
                                         "rpc Directory.PublishRevocations", "rpc Threads.List",
                                         "rpc Mailbox.Fetch"};
const std::set<std::string> kForAnyone = {"rpc Enrolment.SubmitRequest",
                                          "rpc Enrolment.GetApproval"};

TEST(EveryCallOfEveryService, IsTried) {
  std::set<std::string> tried = {"rpc Threads.Watch"};  // watch_reactor_test.cc
  for (const auto& [name, call] : EveryCall()) {
    tried.insert(name);
  }
  std::set<std::string> served;
  for (const std::string& name : server::MethodNames()) {
    served.insert("rpc " + name);
  }
  EXPECT_EQ(tried, served);
}

class EveryService : public LiveRelay {
 protected:
  std::set<std::string> Audited() {
    std::set<std::string> out;
    server.reset();
    relay.reset();  // notes are written by now
    EXPECT_TRUE(store
                    ->Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(const auto rows, transaction.ReadAudit(0, 1000));
                      for (const server::AuditRow& row : rows) {
                        if (row.device == nurse.device.id && row.outcome == "kMalformed") {
                          out.insert(row.action);
                        }
                      }
                      return Ok();
                    })
                    .ok());
    EXPECT_EQ(server::VerifyAudit(*store)->broken_at, 0U);
    return out;
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
};

TEST_F(EveryService, WithoutCertificateNothingButJoiningAnswers) {
  PublishAll();
  const auto channel = ChannelWithoutCertificate();
  for (const auto& [name, call] : EveryCall()) {
    EXPECT_EQ(call(channel), kForAnyone.contains(name) ? grpc::StatusCode::INVALID_ARGUMENT
                                                       : grpc::StatusCode::UNAUTHENTICATED)
        << name;
  }
}

TEST_F(EveryService, UnpublishedDeviceMayJoinAndPublishAndNothingElse) {
  const auto channel = ChannelOf(nurse);
  for (const auto& [name, call] : EveryCall()) {
    const bool may = kForAnyone.contains(name) || name == "rpc Directory.Publish";
    EXPECT_EQ(call(channel),
              may ? grpc::StatusCode::INVALID_ARGUMENT : grpc::StatusCode::PERMISSION_DENIED)
        << name;
  }
}

TEST_F(EveryService, G10_EmptyMessageIsRefusedAndNotedUnderItsOwnName) {
  PublishAll();
  const auto channel = ChannelOf(nurse);
  std::set<std::string> refused;
  for (const auto& [name, call] : EveryCall()) {
    const bool is_answered = kAnswered.contains(name);
    EXPECT_EQ(call(channel),
              is_answered ? grpc::StatusCode::OK : grpc::StatusCode::INVALID_ARGUMENT)
        << name;
    if (!is_answered && !kForAnyone.contains(name)) {
      refused.insert(name);
    }
  }
  EXPECT_EQ(Audited(), refused);
}

class ServicesRpc : public LiveRelay {
 protected:
  void SetUp() override {
    LiveRelay::SetUp();
    PublishAll();
  }
  template <typename Service>
  auto StubOf(const Handset& handset) {
    return Service::NewStub(ChannelOf(handset));
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(station);
};

TEST_F(ServicesRpc, DirectoryIsSyncedAndKeyPackagesAreHandedOut) {
  auto mine = StubOf<v1::Directory>(doctor);
  v1::UploadKeyPackagesRequest upload;
  upload.add_key_packages("key package");
  v1::UploadKeyPackagesResponse uploaded;
  ASSERT_TRUE(mine->UploadKeyPackages(Context().get(), upload, &uploaded).ok());
  EXPECT_EQ(uploaded.available(), 1U);

  auto others = StubOf<v1::Directory>(nurse);
  v1::ClaimKeyPackagesRequest claim;
  auto& person = *claim.add_persons();
  person.set_institution(ToString(doctor.person->Ref().institution.view()));
  person.set_person(ToString(doctor.person->Ref().person.view()));
  v1::ClaimKeyPackagesResponse claimed;
  ASSERT_TRUE(others->ClaimKeyPackages(Context().get(), claim, &claimed).ok());
  ASSERT_EQ(claimed.claimed_size(), 1);
  EXPECT_EQ(claimed.claimed(0).key_package(), "key package");
  EXPECT_EQ(claimed.claimed(0).device(), ToString(doctor.device.id.view()));

  v1::DirectorySyncRequest sync;
  sync.set_limit(1000);
  v1::DirectorySyncResponse page;
  ASSERT_TRUE(others->Sync(Context().get(), sync, &page).ok());
  EXPECT_TRUE(page.complete());
  EXPECT_EQ(page.entries(0).certificate(), ToString(world.region().issuing().certificate().der()));
  sync.set_limit(0);
  EXPECT_EQ(others->Sync(Context().get(), sync, &page).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ServicesRpc, TicketRequestAndRefusalTravel) {
  auto stub = StubOf<v1::Enrolment>(nurse);
  v1::CreateTicketRequest ticket;
  ticket.set_ticket(std::string(16, 't'));
  ticket.set_purpose(seal::v1::TICKET_PURPOSE_INSTITUTION);
  ticket.set_expires_at((clock.Now() + Days(1)).value);
  v1::CreateTicketResponse created;
  ASSERT_TRUE(stub->CreateTicket(Context().get(), ticket, &created).ok());
  EXPECT_EQ(created.refused(), v1::CreateTicketResponse::REFUSAL_NOT_ALLOWED);
  ticket.set_purpose(seal::v1::TICKET_PURPOSE_STAFF);
  ASSERT_TRUE(stub->CreateTicket(Context().get(), ticket, &created).ok());
  EXPECT_TRUE(created.has_accepted());
  ticket.set_purpose(seal::v1::TICKET_PURPOSE_UNSPECIFIED);
  EXPECT_EQ(stub->CreateTicket(Context().get(), ticket, &created).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);

  const SigningKey signing = SigningKey::Generate(world.random());
  const SigningKey tls = SigningKey::Generate(world.random());
  seal::JoinRequest join;
  join.ticket.bytes.fill('t');
  join.region = world.region().id();
  join.institution = nurse.person->Ref().institution;
  join.person = PersonId::Generate(world.random());
  join.device = DeviceId::Generate(world.random());
  join.person_name = "架空 花子";
  join.profession = "nurse";
  join.signing_key = signing.public_key();
  join.tls_key = tls.public_key();
  join.device_key = NewX25519(world.random());
  join.person_archive_key = NewX25519(world.random());
  auto stranger = v1::Enrolment::NewStub(ChannelWithoutCertificate());
  v1::SubmitRequestRequest submit;
  submit.set_ticket(std::string(16, 't'));
  submit.set_signed_request(ToString(
      seal::MakeJoinRequest(join, {signing, tls}, SecretBytes(seal::kInvitationSecretBytes))));
  v1::SubmitRequestResponse submitted;
  ASSERT_TRUE(stranger->SubmitRequest(Context().get(), submit, &submitted).ok());
  EXPECT_TRUE(submitted.has_accepted());
  v1::GetApprovalRequest get;
  get.set_ticket(submit.ticket());
  v1::GetApprovalResponse approval;
  ASSERT_TRUE(stranger->GetApproval(Context().get(), get, &approval).ok());
  EXPECT_EQ(approval.waiting(), v1::GetApprovalResponse::WAITING_FOR_APPROVAL);

  v1::ListRequestsResponse waiting;
  ASSERT_TRUE(stub->ListRequests(Context().get(), {}, &waiting).ok());
  ASSERT_EQ(waiting.requests_size(), 1);
  EXPECT_EQ(waiting.requests(0).signed_request(), submit.signed_request());
}

TEST_F(ServicesRpc, WelcomeAndEnvelopesReachTheirDevice) {
  const CommitParts first = world.NewCase(nurse);
  const CommitParts second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  auto threads = StubOf<v1::Threads>(nurse);
  v1::CommitResponse committed;
  ASSERT_TRUE(threads->Create(Context().get(), RequestOf(first), &committed).ok());
  ASSERT_TRUE(threads->Commit(Context().get(), RequestOf(second), &committed).ok());
  ASSERT_TRUE(committed.has_accepted());

  auto mailbox = StubOf<v1::Mailbox>(doctor);
  v1::MailboxFetchResponse mail;
  ASSERT_TRUE(mailbox->Fetch(Context().get(), {}, &mail).ok());
  ASSERT_EQ(mail.messages_size(), 1);
  EXPECT_EQ(mail.messages(0).welcome(), ToString(second.welcomes[0].second));
  v1::MailboxAckRequest ack;
  ack.add_ids(mail.messages(0).id());
  v1::MailboxAckResponse acked;
  ASSERT_TRUE(mailbox->Ack(Context().get(), ack, &acked).ok());
  ASSERT_TRUE(mailbox->Fetch(Context().get(), {}, &mail).ok());
  EXPECT_EQ(mail.messages_size(), 0);

  auto envelopes = StubOf<v1::Envelopes>(doctor);
  v1::FetchEnvelopesRequest fetch;
  fetch.set_case_id(ToString(first.card.card.case_id.view()));
  fetch.set_key_id(ToString(doctor.person->archive.fingerprint()));
  fetch.set_from_start(true);
  v1::FetchEnvelopesResponse fetched;
  ASSERT_TRUE(envelopes->Fetch(Context().get(), fetch, &fetched).ok());
  EXPECT_EQ(fetched.envelopes_size(), 1);
  EXPECT_TRUE(fetched.complete());
  fetch.set_key_id(ToString(nurse.person->archive.fingerprint()));
  EXPECT_EQ(envelopes->Fetch(Context().get(), fetch, &fetched).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

class ThreadsRpc : public CaseRpc {};

TEST_F(ThreadsRpc, RecordGoesFromOneMemberToAnother) {
  Begin();
  const Bytes record = world.Record(second.card, nurse, head);
  const v1::AppendResponse appended = Append(*stub, record);
  ASSERT_TRUE(appended.has_accepted());
  EXPECT_EQ(appended.accepted().seq(), 3U);
  EXPECT_EQ(ToBytes(appended.accepted().payload_hash()), ToBytes(ByteView(Sha256(record))));
  EXPECT_EQ(HeadOf(appended.accepted().head()).seq, 3U);
  EXPECT_TRUE(Append(*stub, record).has_duplicate());

  v1::ReadRequest request;
  request.set_case_id(ToString(first.card.card.case_id.view()));
  request.set_limit(500);
  v1::ReadResponse read;
  ASSERT_TRUE(doctor_stub->Read(Context().get(), request, &read).ok());
  ASSERT_EQ(read.entries().entries_size(), 3);
  EXPECT_EQ(read.entries().entries(2).payload(), ToString(record));
  EXPECT_TRUE(read.entries().complete());
}

TEST_F(ThreadsRpc, WhoIsNoMemberReadsNothing) {
  Begin();
  auto other = v1::Threads::NewStub(ChannelOf(stranger));
  v1::ReadRequest request;
  request.set_case_id(ToString(first.card.card.case_id.view()));
  request.set_limit(500);
  v1::ReadResponse read;
  ASSERT_TRUE(other->Read(Context().get(), request, &read).ok());
  EXPECT_TRUE(read.has_not_a_member());
  v1::GetGroupInfoRequest group_info_request;
  group_info_request.set_case_id(request.case_id());
  v1::GetGroupInfoResponse group_info;
  ASSERT_TRUE(other->GetGroupInfo(Context().get(), group_info_request, &group_info).ok());
  EXPECT_TRUE(group_info.has_not_a_member());
  v1::ListResponse list;
  ASSERT_TRUE(other->List(Context().get(), {}, &list).ok());
  EXPECT_EQ(list.threads_size(), 0);
}

TEST_F(ThreadsRpc, ListNamesTheThreadsOfThePerson) {
  Begin();
  v1::ListResponse list;
  ASSERT_TRUE(doctor_stub->List(Context().get(), {}, &list).ok());
  ASSERT_EQ(list.threads_size(), 1);
  EXPECT_TRUE(list.threads(0).member());
  EXPECT_EQ(HeadOf(list.threads(0).head()).seq, 2U);
}

TEST_F(ThreadsRpc, EverythingIsThereAfterARestart) {
  Begin();
  const Bytes record = world.Record(second.card, nurse, head);
  ASSERT_TRUE(Append(*stub, record).has_accepted());
  Stop();
  Start();
  auto again = v1::Threads::NewStub(ChannelOf(nurse));
  EXPECT_TRUE(Append(*again, record).has_duplicate());
}

}  // namespace
}  // namespace renkei::test
