#include "server/rpc/mailbox_handler.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

namespace v1 = relay::v1;

class MailboxCalls : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    handler = std::make_unique<server::MailboxHandler>(*relay);
    const CommitParts first = world.NewCase(nurse);
    case_id = first.card.card.case_id;
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    commit = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    ASSERT_EQ(NameOf(Commit(nurse, commit)), "accepted");
  }
  Result<v1::MailboxFetchResponse> Fetch(const Handset& by, std::uint64_t after = 0,
                                         std::uint32_t max_bytes = 0) {
    v1::MailboxFetchRequest request;
    request.set_after(after);
    request.set_max_bytes(max_bytes);
    return Await<v1::MailboxFetchResponse>(
        [&](const auto& reply) { handler->Fetch(by.Caller(), request, reply); });
  }
  Result<v1::MailboxAckResponse> Ack(const Handset& by, const std::vector<std::uint64_t>& ids) {
    v1::MailboxAckRequest request;
    for (const std::uint64_t id : ids) {
      request.add_ids(id);
    }
    return Await<v1::MailboxAckResponse>(
        [&](const auto& reply) { handler->Ack(by.Caller(), request, reply); });
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(station);
  std::unique_ptr<server::MailboxHandler> handler;
  CommitParts commit;
  CaseId case_id;
};

TEST_F(MailboxCalls, MailComesFieldByField) {
  const auto mail = Fetch(doctor);
  ASSERT_TRUE(mail.ok());
  ASSERT_EQ(mail->messages_size(), 1);
  EXPECT_GT(mail->messages(0).id(), 0U);
  EXPECT_EQ(mail->messages(0).case_id(), ToString(case_id.view()));
  EXPECT_EQ(mail->messages(0).welcome(), ToString(commit.welcomes[0].second));
  EXPECT_EQ(mail->messages(0).seq(), 2U);
  EXPECT_EQ(Fetch(nurse)->messages_size(), 0) << "each device its own";
}

TEST_F(MailboxCalls, ComesFromWhereItIsAskedForOn) {
  EXPECT_EQ(Fetch(doctor, Fetch(doctor)->messages(0).id())->messages_size(), 0);
}

TEST_F(MailboxCalls, ComesInAsManyBytesAsAreAskedFor) {
  const CommitParts other = world.NewCase(nurse);
  ASSERT_EQ(NameOf(Create(nurse, other)), "accepted");
  ASSERT_EQ(NameOf(Commit(nurse, world.NextCommit(other.card, nurse, {&nurse, &doctor}))),
            "accepted");
  ASSERT_EQ(Fetch(doctor)->messages_size(), 2);
  const auto first = Fetch(doctor, 0, 1);
  ASSERT_EQ(first->messages_size(), 1);
  EXPECT_EQ(Fetch(doctor, first->messages(0).id(), 1)->messages_size(), 1);
}

TEST_F(MailboxCalls, GoesWithItsDevicesOwnAcknowledgement) {
  const std::uint64_t id = Fetch(doctor)->messages(0).id();
  ASSERT_TRUE(Ack(nurse, {id}).ok());
  EXPECT_EQ(Fetch(doctor)->messages_size(), 1) << "another's word does not count";
  ASSERT_TRUE(Ack(doctor, {id}).ok());
  EXPECT_EQ(Fetch(doctor)->messages_size(), 0);
}

TEST_F(MailboxCalls, ErrorsOfCoreAreTold) {
  EXPECT_EQ(Ack(doctor, {}).error().code(), Code::kMalformed);
  EXPECT_EQ(Ack(doctor, std::vector<std::uint64_t>(101, 1)).error().code(), Code::kMalformed);
  store.FailReads(true);
  EXPECT_EQ(Fetch(doctor).error().code(), Code::kUnavailable);
  store.FailReads(false);
  store.FailWrites(true);
  EXPECT_EQ(Ack(doctor, {1}).error().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace renkei::test
