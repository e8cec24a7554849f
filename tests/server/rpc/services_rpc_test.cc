// Enrolment, directory, mailbox, envelopes and health over a real connection.
#include <grpcpp/generic/generic_stub.h>

#include "crypto/seal/join_request.h"
#include "crypto/thread/head.h"
#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

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

// The standard service's messages by hand: one string in, one enum out (grpc.health.v1).
int HealthOf(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  const std::string bytes = std::string("\x0a") + static_cast<char>(service.size()) + service;
  grpc::Slice slice(bytes);
  grpc::ByteBuffer request(&slice, 1);
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  auto context = Context();
  auto call = stub.PrepareUnaryCall(context.get(), "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  std::vector<grpc::Slice> slices;
  if (!status.ok() || !response.Dump(&slices).ok() || slices.empty() || slices[0].size() < 2) {
    return -1;
  }
  return slices[0].begin()[1];
}

TEST_F(ServicesRpc, HealthSaysWhetherTheRelayServes) {
  constexpr int kServing = 1;
  constexpr int kNotServing = 2;
  const auto channel = ChannelWithoutCertificate();
  EXPECT_EQ(HealthOf(channel, "renkei.relay.v1.Threads"), kServing);
  server->SetServing(false);
  EXPECT_EQ(HealthOf(channel, "renkei.relay.v1.Threads"), kNotServing);
  server->SetServing(true);
  EXPECT_EQ(HealthOf(channel, "renkei.relay.v1.Threads"), kServing);
}

TEST_F(ServicesRpc, G10_RefusalsAreInTheAuditLog) {
  auto threads = StubOf<v1::Threads>(nurse);
  v1::AppendRequest request;
  request.set_record("no record");
  v1::AppendResponse response;
  EXPECT_FALSE(threads->Append(Context().get(), request, &response).ok());
  server.reset();
  relay.reset();
  bool is_there = false;
  ASSERT_TRUE(store
                  ->Read([&](server::ReadTransaction& transaction) -> Status {
                    RENKEI_ASSIGN(const auto rows, transaction.ReadAudit(0, 100));
                    for (const server::AuditRow& row : rows) {
                      is_there = is_there ||
                                 (row.action == "rpc Threads.Append" &&
                                  row.outcome == "kMalformed" && row.device == nurse.device.id);
                    }
                    return Ok();
                  })
                  .ok());
  EXPECT_TRUE(is_there);
  EXPECT_EQ(server::VerifyAudit(*store)->broken_at, 0U);
}

}  // namespace
}  // namespace renkei::test
