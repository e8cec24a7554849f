#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

class ThreadsRpc : public LiveRelay {
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

TEST_F(ThreadsRpc, WatchBringsWhatWasMissedAndThenWhatComes) {
  Begin();
  auto context = Context();
  auto reader = doctor_stub->Watch(context.get(), v1::WatchRequest());
  v1::WatchEvent event;
  ASSERT_TRUE(reader->Read(&event));
  ASSERT_EQ(event.batch().entries_size(), 2);
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(event.ping().mailbox()) << "the welcome waits";
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(event.caught_up());
  const Bytes record = world.Record(second.card, nurse, head);
  ASSERT_TRUE(Append(*stub, record).has_accepted());
  ASSERT_TRUE(reader->Read(&event));
  ASSERT_EQ(event.batch().entries_size(), 1);
  EXPECT_EQ(event.batch().entries(0).payload(), ToString(record));
  context->TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ThreadsRpc, WatchGoesOnFromThePositionsNamed) {
  Begin();
  v1::WatchRequest request;
  auto& position = *request.add_positions();
  position.set_case_id(ToString(first.card.card.case_id.view()));
  position.set_after(1);
  auto context = Context();
  auto reader = doctor_stub->Watch(context.get(), request);
  v1::WatchEvent event;
  ASSERT_TRUE(reader->Read(&event));
  ASSERT_EQ(event.batch().entries_size(), 1);
  EXPECT_EQ(event.batch().entries(0).seq(), 2U);
}

TEST_F(ThreadsRpc, SecondStreamOfADeviceReplacesTheFirst) {
  Begin();
  auto context = Context();
  auto reader = doctor_stub->Watch(context.get(), v1::WatchRequest());
  v1::WatchEvent event;
  while (reader->Read(&event) && !event.caught_up()) {
  }
  auto second_context = Context();
  auto second_reader = doctor_stub->Watch(second_context.get(), v1::WatchRequest());
  ASSERT_TRUE(second_reader->Read(&event));
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::ABORTED);
}

TEST_F(ThreadsRpc, ShutdownEndsStreamsAndAnswersWhatIsUnderWay) {
  Begin();
  auto context = Context();
  auto reader = doctor_stub->Watch(context.get(), v1::WatchRequest());
  v1::WatchEvent event;
  while (reader->Read(&event) && !event.caught_up()) {
  }
  server.reset();
  while (reader->Read(&event)) {  // a ping may have been on its way
  }
  // UNAVAILABLE where the relay could still say so; on a busy machine the drain ends first.
  const grpc::StatusCode code = reader->Finish().error_code();
  EXPECT_TRUE(code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::CANCELLED) << code;
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

TEST_F(ThreadsRpc, RequestThatNoHonestClientSendsIsInvalid) {
  v1::AppendRequest request;
  request.set_record("no record");
  v1::AppendResponse response;
  EXPECT_EQ(stub->Append(Context().get(), request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  v1::ReadRequest read;
  read.set_case_id("short");
  v1::ReadResponse read_response;
  EXPECT_EQ(stub->Read(Context().get(), read, &read_response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ThreadsRpc, RequestLargerThanTheLimitIsRefused) {
  v1::AppendRequest request;
  request.set_record(std::string(server::kMaxRequestBytes + 1, 'x'));
  v1::AppendResponse response;
  EXPECT_EQ(stub->Append(Context().get(), request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace renkei::test
