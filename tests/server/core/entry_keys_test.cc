#include "server/core/entry_keys.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace renkei::test {
namespace {

using server::KeyOfCommit;
using server::KeyOfPack;
using server::KeyOfRecord;

thread::RecordHeader Header() {
  thread::RecordHeader header;
  header.sender_device.bytes.fill(0x11);
  header.record_id.bytes.fill(0x22);
  return header;
}

// They stand in every store there is: a relay of a later version must find the same ones, or a
// retry would be a second entry. SHA-256 of word and content, by another program:
// printf 'packnotice' | sha256sum
TEST(EntryKeys, StayTheSameFromVersionToVersion) {
  EXPECT_EQ(ToHex(KeyOfRecord(Header())), "b81b3219b326aeec677f6cd4a5b69145");
  EXPECT_EQ(ToHex(KeyOfPack(AsBytes("notice"))), "2b33790fa614fb83f033720411649b4a");
  Hash32 card_hash{};
  card_hash.fill(0x33);
  EXPECT_EQ(ToHex(KeyOfCommit(card_hash)), "629971e4e8f0784a0486d458f5d84f3d");
}

TEST(EntryKeys, RecordIsTheSameHoweverOftenItIsSealed) {
  thread::RecordHeader again = Header();
  again.at = {2, 9};
  again.epoch_id.fill(5);
  again.seen_seq = 7;
  again.seen_hash.fill(6);
  EXPECT_EQ(KeyOfRecord(again), KeyOfRecord(Header()))
      << "after a commit the outbox seals it anew, for another epoch";
}

TEST(EntryKeys, RecordIsAnotherByAnotherDeviceOrId) {
  thread::RecordHeader other_device = Header();
  other_device.sender_device.bytes[15] ^= 1;
  EXPECT_NE(KeyOfRecord(other_device), KeyOfRecord(Header()));
  thread::RecordHeader other_record = Header();
  other_record.record_id.bytes[15] ^= 1;
  EXPECT_NE(KeyOfRecord(other_record), KeyOfRecord(Header()));
}

TEST(EntryKeys, PackAndCommitAreAnotherByAnyByte) {
  EXPECT_NE(KeyOfPack(AsBytes("notice")), KeyOfPack(AsBytes("noticf")));
  Hash32 other{};
  other[31] = 1;
  EXPECT_NE(KeyOfCommit(other), KeyOfCommit(Hash32{}));
}

TEST(EntryKeys, OneKindDoesNotPassForAnother) {
  const thread::RecordHeader header = Header();
  Bytes content = ToBytes(header.sender_device.view());
  Append(content, header.record_id.view());
  Hash32 hash{};
  std::copy(content.begin(), content.end(), hash.begin());
  EXPECT_NE(KeyOfRecord(header), KeyOfPack(content));
  EXPECT_NE(KeyOfRecord(header), KeyOfCommit(hash));
  EXPECT_NE(KeyOfPack(content), KeyOfCommit(hash));
}

}  // namespace
}  // namespace renkei::test
