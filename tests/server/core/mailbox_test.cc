#include "server/core/mailbox.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

class TheMailbox : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    const CommitParts first = world.NewCase(nurse);
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    ASSERT_EQ(NameOf(Commit(nurse, world.NextCommit(first.card, nurse, {&nurse, &doctor}))),
              "accepted");
  }
  Result<bool> Ack(const Handset& by, std::vector<std::uint64_t> ids) {
    return Await<bool>(
        [&](const server::Reply<bool>& reply) { relay->mailbox().Ack(by.Caller(), ids, reply); });
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(station);
};

TEST_F(TheMailbox, WelcomeWaitsUntilItIsAcknowledged) {
  const auto mail = relay->mailbox().Fetch(doctor.Caller(), 0);
  ASSERT_EQ(mail->size(), 1U);
  EXPECT_EQ(relay->mailbox().Fetch(doctor.Caller(), 0)->size(), 1U) << "reading does not delete";
  EXPECT_TRUE(Ack(doctor, {(*mail)[0].id}).ok());
  EXPECT_TRUE(relay->mailbox().Fetch(doctor.Caller(), 0)->empty());
  EXPECT_TRUE(Ack(doctor, {(*mail)[0].id}).ok()) << "an acknowledgement may come twice";
}

TEST_F(TheMailbox, AWelcomeThatIsGoneCountsForItsCommitterNoMore) {
  const std::uint64_t before = StoredBy(nurse);
  const std::uint64_t before_office = StoredByOffice(nurse);
  const auto mail = relay->mailbox().Fetch(doctor.Caller(), 0);
  const std::uint64_t bytes = server::BytesOfRow((*mail)[0].welcome.size());
  ASSERT_TRUE(Ack(doctor, {(*mail)[0].id}).ok());
  EXPECT_EQ(StoredBy(nurse), before - bytes);
  EXPECT_EQ(StoredByOffice(nurse), before_office - bytes);
  ASSERT_TRUE(Ack(doctor, {(*mail)[0].id}).ok()) << "again";
  EXPECT_EQ(StoredBy(nurse), before - bytes);
}

TEST_F(TheMailbox, NobodyReadsOrDeletesAnothersMail) {
  const auto mail = relay->mailbox().Fetch(doctor.Caller(), 0);
  EXPECT_TRUE(relay->mailbox().Fetch(nurse.Caller(), 0)->empty());
  EXPECT_TRUE(Ack(nurse, {(*mail)[0].id}).ok());
  EXPECT_EQ(relay->mailbox().Fetch(doctor.Caller(), 0)->size(), 1U);
}

TEST_F(TheMailbox, NumberOfIdsIsLimited) {
  EXPECT_EQ(Ack(doctor, {}).error().code(), Code::kMalformed);
  EXPECT_EQ(Ack(doctor, std::vector<std::uint64_t>(101, 1)).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::test
