#include "server/rpc/watch_reactor.h"

#include <thread>

#include "tests/server/rpc/case_rpc.h"

namespace renkei::test {
namespace {

class WatchRpc : public CaseRpc {
 protected:
  // Until the relay has let go of its last stream.
  bool AllGone() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (relay->hub().size() != 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    return relay->hub().size() == 0;
  }
};

TEST_F(WatchRpc, WatchBringsWhatWasMissedAndThenWhatComes) {
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
  EXPECT_TRUE(AllGone());
}

TEST_F(WatchRpc, WatchGoesOnFromThePositionsNamed) {
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

TEST_F(WatchRpc, SecondStreamOfADeviceReplacesTheFirst) {
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

// What is cut while a message is under way learns why as well, as long as it reads.
TEST_F(WatchRpc, SecondStreamReplacesOneInTheMiddleOfItsBacklog) {
  Begin();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Append(*stub, world.Record(second.card, nurse, head, 1'000'000)).has_accepted());
  }
  auto context = Context();
  auto reader = doctor_stub->Watch(context.get(), v1::WatchRequest());
  v1::WatchEvent event;
  ASSERT_TRUE(reader->Read(&event));
  auto second_context = Context();
  auto second_reader = doctor_stub->Watch(second_context.get(), v1::WatchRequest());
  ASSERT_TRUE(second_reader->Read(&event));
  while (reader->Read(&event)) {
    ASSERT_FALSE(event.caught_up()) << "it was not cut";
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::ABORTED);
}

TEST_F(WatchRpc, PositionThatIsNoneEndsTheStreamAndLeavesNothing) {
  Begin();
  v1::WatchRequest request;
  request.add_positions()->set_case_id("short");
  auto context = Context();
  auto reader = doctor_stub->Watch(context.get(), request);
  v1::WatchEvent event;
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  request.mutable_positions(0)->set_case_id(ToString(first.card.card.case_id.view()));
  *request.add_positions() = request.positions(0);
  auto second_context = Context();
  auto twice = doctor_stub->Watch(second_context.get(), request);
  EXPECT_FALSE(twice->Read(&event));
  EXPECT_EQ(twice->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT)
      << "a thread named twice";
  EXPECT_TRUE(AllGone());
}

TEST_F(WatchRpc, WhoIsNotAdmittedGetsNoStream) {
  Begin();
  auto context = Context();
  auto stranger_stub = v1::Threads::NewStub(ChannelWithoutCertificate());
  auto reader = stranger_stub->Watch(context.get(), v1::WatchRequest());
  v1::WatchEvent event;
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(relay->hub().size(), 0U);
}

TEST_F(WatchRpc, LongBacklogComesWholeAndInOrderHoweverSlowlyItIsTaken) {
  Begin();
  for (int i = 0; i < 40; ++i) {
    const v1::AppendResponse appended =
        Append(*stub, world.Record(second.card, nurse, head, 200'000));
    ASSERT_TRUE(appended.has_accepted());
  }
  auto context = Context();
  auto reader = doctor_stub->Watch(context.get(), v1::WatchRequest());
  v1::WatchEvent event;
  std::uint64_t seq = 0;
  int batches = 0;
  while (reader->Read(&event) && !event.caught_up()) {
    batches += event.has_batch() ? 1 : 0;
    for (const auto& entry : event.batch().entries()) {
      EXPECT_EQ(entry.seq(), ++seq);
    }
  }
  EXPECT_EQ(seq, 42U);
  EXPECT_GT(batches, 4) << "a mebibyte each";
  EXPECT_TRUE(event.caught_up());
}

// A reader who takes nothing must not keep a stream that is to be cut: the write under way is
// broken off.
TEST_F(WatchRpc, G9_StreamOfWhoReadsNothingIsCutAllTheSame) {
  Begin();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Append(*stub, world.Record(second.card, nurse, head, 1'000'000)).has_accepted());
  }
  auto context = Context();
  auto reader = doctor_stub->Watch(context.get(), v1::WatchRequest());
  v1::WatchEvent event;
  ASSERT_TRUE(reader->Read(&event));
  // By the time these are answered the next mebibyte stands still in flow control.
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Append(*stub, world.Record(second.card, nurse, head)).has_accepted());
  }
  relay->hub().CutAll();
  EXPECT_TRUE(AllGone()) << "it waits for the reader";
  std::size_t got = 0;
  while (reader->Read(&event)) {
    got += static_cast<std::size_t>(event.batch().entries_size());
  }
  EXPECT_LT(got, 22U);
  EXPECT_FALSE(reader->Finish().ok());
}

}  // namespace
}  // namespace renkei::test
