// A relay that is told to stop while many write: what it acknowledged is there afterwards,
// everybody else is told to come again.
#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

constexpr std::size_t kWriters = 8;
constexpr std::size_t kRecordsEach = 400;
constexpr std::size_t kEnough = 60;  // acknowledged before the stop, of each way

class Shutdown : public LiveRelay {
 protected:
  void SetUp() override {
    LiveRelay::SetUp();
    PublishAll();
    const CommitParts first = world.NewCase(nurse);
    case_id = first.card.card.case_id;
    v1::CommitResponse response;
    ASSERT_TRUE(v1::Threads::NewStub(ChannelOf(nurse))
                    ->Create(Context().get(), RequestOf(first), &response)
                    .ok());
    const auto head = thread::VerifyHead(AsBytes(response.accepted().head().SerializeAsString()),
                                         world.Identity().signing_certificate.public_key());
    ASSERT_TRUE(head.ok());
    const thread::Position seen{1, head->hash, {response.accepted().received_at()}};
    for (std::vector<Bytes>& records : waiting) {
      for (std::size_t i = 0; i < kRecordsEach; ++i) {
        records.push_back(world.Record(first.card, nurse, seen));
      }
    }
  }

  // One after the other, until the relay does not take them any more.
  void Write(const std::vector<Bytes>& records) {
    const auto stub = v1::Threads::NewStub(ChannelOf(nurse));
    for (const Bytes& record : records) {
      v1::AppendRequest request;
      request.set_record(ToString(record));
      v1::AppendResponse response;
      const grpc::Status status = stub->Append(Context().get(), request, &response);
      const std::lock_guard lock(mutex);
      if (!status.ok()) {
        refused.insert(status.error_code());
        return;
      }
      Note(response);
      ++called;
    }
  }
  // As many at once as the relay takes.
  void WriteOverStream(const std::vector<Bytes>& records) {
    const auto context = Context();
    const auto stream = v1::Threads::NewStub(ChannelOf(nurse))->AppendStream(context.get());
    std::thread reader([&] {
      v1::AppendStreamResponse message;
      while (stream->Read(&message)) {
        const std::lock_guard lock(mutex);
        for (const v1::AppendResponse& outcome : message.outcomes()) {
          Note(outcome);
          ++streamed;
        }
      }
    });
    for (const Bytes& record : records) {
      v1::AppendRequest request;
      request.set_record(ToString(record));
      if (!stream->Write(request)) {
        break;
      }
      // Not all before the stop.
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    stream->WritesDone();
    reader.join();
    const grpc::Status status = stream->Finish();
    const std::lock_guard lock(mutex);
    if (!status.ok()) {
      refused.insert(status.error_code());
    }
  }
  void Note(const v1::AppendResponse& response) {
    ASSERT_TRUE(response.has_accepted());
    acknowledged[response.accepted().seq()] = response.accepted().payload_hash();
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  CaseId case_id;
  std::array<std::vector<Bytes>, kWriters> waiting;
  std::mutex mutex;
  std::map<std::uint64_t, std::string> acknowledged;  // by seq: the payload's hash
  std::set<grpc::StatusCode> refused;
  std::atomic<std::size_t> called = 0;  // of them, by a call each
  std::atomic<std::size_t> streamed = 0;
  std::atomic<std::size_t> ended = 0;  // writers
};

TEST_F(Shutdown, G5_UnderLoadLosesNothingThatWasAcknowledged) {
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < kWriters; ++i) {
    writers.emplace_back([this, i] {
      i % 2 == 0 ? Write(waiting[i]) : WriteOverStream(waiting[i]);
      ++ended;
    });
  }
  while (std::min(called.load(), streamed.load()) < kEnough && ended.load() < kWriters) {
    std::this_thread::yield();
  }
  server.reset();  // drains: calls under way are answered
  for (std::thread& writer : writers) {
    writer.join();
  }
  ASSERT_LT(acknowledged.size(), kWriters * kRecordsEach) << "the stop came in the middle";
  EXPECT_GE(called, kEnough);
  EXPECT_GE(streamed, kEnough);
  EXPECT_EQ(refused.count(grpc::StatusCode::UNAVAILABLE), 1U);
  for (const grpc::StatusCode code : refused) {
    // CANCELLED: under way when the time to drain was over.
    EXPECT_TRUE(code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::CANCELLED)
        << code;
  }
  Stop();
  auto reopened = server::SqliteStore::Open(folder.path() / "store", {});
  ASSERT_TRUE(reopened.store) << reopened.problem;
  for (const auto& [seq, hash] : acknowledged) {
    std::optional<server::EntryRow> entry;
    ASSERT_TRUE(reopened.store
                    ->Read([&, at = seq](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(entry, transaction.FindEntry(case_id, at));
                      return Ok();
                    })
                    .ok());
    ASSERT_TRUE(entry) << seq;
    EXPECT_EQ(ToString(ByteView(Sha256(entry->payload))), hash);
  }
}

}  // namespace
}  // namespace renkei::test
