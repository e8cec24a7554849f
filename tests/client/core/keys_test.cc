#include "client/core/keys.h"

#include <gtest/gtest.h>

#include "renkei/vault/v1/record.pb.h"

namespace renkei::client {
namespace {

TEST(RowKeys, SortAsTheirNumbersDo) {
  const auto key = [](std::uint64_t seq) { return RowKey("x").AddU64(seq).bytes(); };
  EXPECT_LT(key(2), key(10));
  EXPECT_LT(key(255), key(256));
  EXPECT_LT(key(0xFFFFFFFFU), key(std::uint64_t{1} << 32U));
  const auto epoch = [](std::uint32_t generation, std::uint64_t number) {
    return RowKey().AddEpoch({generation, number}).bytes();
  };
  EXPECT_LT(epoch(0, 1000), epoch(1, 0)) << "the generation comes first";
  EXPECT_LT(epoch(1, 255), epoch(1, 256));
}

TEST(RowKeys, HoldTheirPartsInOrder) {
  EXPECT_EQ(RowKey("ab").AddText("c").AddU8(1).AddU32(0x02030405).bytes(),
            (Bytes{'a', 'b', 'c', 1, 2, 3, 4, 5}));
  thread::PersonRef person;
  person.institution.bytes[0] = 7;
  person.person.bytes[15] = 9;
  const Bytes key = RowKey().AddPerson(person).bytes();
  ASSERT_EQ(key.size(), 2 * kIdBytes);
  EXPECT_EQ(key[0], 7) << "the institution comes first";
  EXPECT_EQ(key[31], 9);
}

TEST(RowKeys, GiveTheirLastNumberBack) {
  EXPECT_EQ(LastU64(RowKey("x").AddU64(0x0102030405060708).bytes()).value(), 0x0102030405060708U);
  EXPECT_EQ(LastU64(Bytes(7)).error().code(), Code::kCorrupt);
}

TEST(StoredValues, OfTheWrongLengthAreDamage) {
  EXPECT_TRUE(StoredHash(std::string(32, 'x')).ok());
  EXPECT_EQ(StoredHash(std::string(31, 'x')).error().code(), Code::kCorrupt);
  EXPECT_EQ(StoredHash(std::string(33, 'x')).error().code(), Code::kCorrupt);
  EXPECT_TRUE(StoredId<CaseId>(std::string(16, 'x')).ok());
  EXPECT_EQ(StoredId<CaseId>(std::string(15, 'x')).error().code(), Code::kCorrupt);
  EXPECT_EQ(StoredId<CaseId>("").error().code(), Code::kCorrupt);
}

TEST(StoredValues, ThatAreNoMessageAreDamage) {
  EXPECT_TRUE(ParseRow<vault::v1::StoredRecord>({}).ok()) << "all defaults";
  EXPECT_EQ(ParseRow<vault::v1::StoredRecord>(Bytes{0x0A, 0x7F}).error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::client
