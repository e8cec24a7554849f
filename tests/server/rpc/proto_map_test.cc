#include "server/rpc/proto_map.h"

#include "renkei/seal/v1/card.pb.h"
#include "renkei/seal/v1/thread.pb.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

template <typename T>
bool IsMalformed(const Result<T>& result) {
  return !result.ok() && result.error().code() == Code::kMalformed;
}

TEST(ProtoMap, IdHasSixteenBytesNotAllZero) {
  EXPECT_EQ(server::MapId<CaseId>(std::string(16, 'c'))->bytes[15], 'c');
  for (const std::size_t size : {0U, 1U, 15U, 17U, 32U}) {
    EXPECT_TRUE(IsMalformed(server::MapId<CaseId>(std::string(size, 'c')))) << size;
  }
  EXPECT_TRUE(IsMalformed(server::MapId<CaseId>(std::string(16, '\0'))));
  std::string nearly(16, '\0');
  nearly[15] = 1;
  EXPECT_TRUE(server::MapId<CaseId>(nearly).ok());
}

TEST(ProtoMap, HashHasThirtyTwoBytes) {
  EXPECT_TRUE(server::MapHash(std::string(32, 'h')).ok());
  for (const std::size_t size : {0U, 16U, 31U, 33U}) {
    EXPECT_TRUE(IsMalformed(server::MapHash(std::string(size, 'h')))) << size;
  }
}

TEST(ProtoMap, PersonHasBothIdsAndComesBackAsItWent) {
  seal::v1::PersonRef person;
  EXPECT_TRUE(IsMalformed(server::MapPerson(person)));
  person.set_institution(std::string(16, 'i'));
  EXPECT_TRUE(IsMalformed(server::MapPerson(person)));
  person.set_person(std::string(15, 'p'));
  EXPECT_TRUE(IsMalformed(server::MapPerson(person)));
  person.set_person(std::string(16, 'p'));
  const auto mapped = server::MapPerson(person);
  ASSERT_TRUE(mapped.ok());
  seal::v1::PersonRef back;
  server::FillPerson(*mapped, back);
  EXPECT_EQ(back.institution(), person.institution());
  EXPECT_EQ(back.person(), person.person());
  person.set_institution(std::string(17, 'i'));
  EXPECT_TRUE(IsMalformed(server::MapPerson(person)));
}

TEST(ProtoMap, EntryIsFilledFieldByField) {
  const server::EntryRow row{7, thread::EntryKind::kRecord, {1234}, ToBytes("sealed"), {9}};
  seal::v1::ThreadEntry entry;
  server::FillEntry(CaseId{{5}}, row, entry);
  EXPECT_EQ(entry.case_id(), ToString(CaseId{{5}}.view()));
  EXPECT_EQ(entry.seq(), 7U);
  EXPECT_EQ(static_cast<int>(entry.kind()), static_cast<int>(row.kind));
  EXPECT_EQ(entry.received_at(), 1234);
  EXPECT_EQ(entry.payload(), "sealed");
  EXPECT_EQ(entry.hash(), ToString(row.hash));
}

}  // namespace
}  // namespace renkei::test
