// A case of three members on a live relay, called over real connections.
#ifndef RENKEI_TESTS_SERVER_RPC_CASE_RPC_H_
#define RENKEI_TESTS_SERVER_RPC_CASE_RPC_H_

#include "crypto/thread/head.h"
#include "tests/server/rpc/live_relay.h"

namespace renkei::test {

class CaseRpc : public LiveRelay {
 protected:
  void SetUp() override {
    LiveRelay::SetUp();
    PublishAll();
    first = world.NewCase(nurse);
    second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    stub = v1::Threads::NewStub(ChannelOf(nurse));
    doctor_stub = v1::Threads::NewStub(ChannelOf(doctor));
  }
  void Begin() {
    v1::CommitResponse response;
    ASSERT_TRUE(stub->Create(Context().get(), RequestOf(first), &response).ok());
    ASSERT_TRUE(response.has_accepted());
    ASSERT_TRUE(stub->Commit(Context().get(), RequestOf(second), &response).ok());
    ASSERT_TRUE(response.has_accepted());
    head = {response.accepted().seq(), {}, {response.accepted().received_at()}};
    thread::Head at = HeadOf(response.accepted().head());
    head.hash = at.hash;
  }
  thread::Head HeadOf(const seal::v1::SignedHead& head_message) {
    auto verified = thread::VerifyHead(AsBytes(head_message.SerializeAsString()),
                                       world.Identity().signing_certificate.public_key());
    EXPECT_TRUE(verified.ok());
    return verified.ok() ? *verified : thread::Head{};
  }
  v1::AppendResponse Append(v1::Threads::Stub& by, const Bytes& record) {
    v1::AppendRequest request;
    request.set_record(ToString(record));
    v1::AppendResponse response;
    const grpc::Status status = by.Append(Context().get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& stranger = world.AddMember(clinic);
  CommitParts first;
  CommitParts second;
  thread::Position head;
  std::unique_ptr<v1::Threads::Stub> stub;
  std::unique_ptr<v1::Threads::Stub> doctor_stub;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_RPC_CASE_RPC_H_
