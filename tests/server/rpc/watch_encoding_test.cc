#include "server/rpc/watch_encoding.h"

#include <gtest/gtest.h>

#include "crypto/thread/entry.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::test {
namespace {

relay::v1::WatchEvent Parse(grpc::ByteBuffer& message) {
  grpc::Slice slice;
  EXPECT_TRUE(message.DumpToSingleSlice(&slice).ok());
  relay::v1::WatchEvent out;
  EXPECT_TRUE(out.ParseFromArray(slice.begin(), static_cast<int>(slice.size())));
  EXPECT_EQ(out.SerializeAsString(), std::string(slice.begin(), slice.end()))
      << "as protobuf writes it";
  return out;
}

server::WatchOutput::Item Item(const CaseId& case_id, std::uint64_t seq, std::size_t size) {
  const Bytes payload(size, 7);
  thread::EntryView entry{case_id, seq, thread::EntryKind::kRecord, Millis{5}, payload, {}};
  entry.hash.fill(static_cast<std::uint8_t>(seq));
  return {case_id, seq, std::make_shared<const Bytes>(thread::SerializeEntry(entry))};
}

TEST(WatchEncoding, EntriesComeAsTheMessageThatProtobufReads) {
  SeededRandom random(7);
  const CaseId case_id = CaseId::Generate(random);
  server::WatchOutput output;
  // Lengths around where a varint grows.
  for (const std::size_t size : {1U, 100U, 127U, 128U, 1100U, 16384U, 1U << 20U}) {
    output.entries.push_back(Item(case_id, output.entries.size() + 1, size));
  }
  auto messages = server::EncodeOutput(output);
  ASSERT_EQ(messages.size(), 1U);
  const auto event = Parse(messages.front());
  ASSERT_EQ(event.batch().entries_size(), 7);
  for (int i = 0; i < 7; ++i) {
    const auto& entry = event.batch().entries(i);
    EXPECT_EQ(entry.SerializeAsString(),
              ToString(*output.entries[static_cast<std::size_t>(i)].encoded));
    EXPECT_EQ(entry.seq(), static_cast<std::uint64_t>(i + 1));
    EXPECT_EQ(entry.case_id(), ToString(case_id.view()));
  }
}

TEST(WatchEncoding, EntriesThenPingsThenCaughtUp) {
  server::WatchOutput output;
  EXPECT_TRUE(server::EncodeOutput(output).empty());
  output.entries.push_back(Item({}, 1, 10));
  output.pings.directory = true;
  output.caught_up = true;
  auto messages = server::EncodeOutput(output);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_TRUE(Parse(messages[0]).has_batch());
  EXPECT_TRUE(Parse(messages[1]).ping().directory());
  EXPECT_FALSE(Parse(messages[1]).ping().mailbox());
  EXPECT_TRUE(Parse(messages[2]).caught_up());
}

TEST(WatchEncoding, EachPingIsItsOwn) {
  server::WatchOutput output;
  output.pings.mailbox = true;
  auto messages = server::EncodeOutput(output);
  EXPECT_TRUE(Parse(messages.at(0)).ping().mailbox());
  EXPECT_FALSE(Parse(messages.at(0)).ping().directory() ||
               Parse(messages.at(0)).ping().enrolment());
  output.pings = {.enrolment = true};
  messages = server::EncodeOutput(output);
  EXPECT_TRUE(Parse(messages.at(0)).ping().enrolment());
  EXPECT_FALSE(Parse(messages.at(0)).ping().mailbox());
}

}  // namespace
}  // namespace renkei::test
