#include "server/rpc/alerts_handler.h"

#include "server/rpc/mailbox_handler.h"
#include "server/rpc/threads_handler.h"
#include "tests/server/support/alert_fixture.h"

namespace renkei::test {
namespace {

namespace v1 = relay::v1;

class AlertsCalls : public AlertFixture {
 protected:
  Result<v1::AppendResponse> Post(const Handset& by, ByteView record, ByteView plan_bytes) {
    v1::AppendRequest request;
    request.set_record(ToString(record));
    request.set_alert_plan(ToString(plan_bytes));
    return Await<v1::AppendResponse>([&](const auto& reply) {
      server::ThreadsHandler(*relay).Append(by.Caller(), request, reply);
    });
  }
  Result<v1::AcknowledgeResponse> Answer(const Handset& by, ByteView record, std::uint64_t seq) {
    v1::AcknowledgeRequest request;
    request.set_record(ToString(record));
    request.set_alert_seq(seq);
    return Await<v1::AcknowledgeResponse>([&](const auto& reply) {
      server::AlertsHandler(*relay).Acknowledge(by.Caller(), request, reply);
    });
  }
  v1::MailboxFetchResponse Mail(const Handset& by) {
    return *Await<v1::MailboxFetchResponse>(
        [&](const auto& reply) { server::MailboxHandler(*relay).Fetch(by.Caller(), {}, reply); });
  }
};

TEST_F(AlertsCalls, BeginWithAnAppendAndEndWithTheAcknowledgement) {
  const Bytes bytes = thread::SerializeAlertPlan(plan);
  const auto posted = Post(nurse, Urgent(nurse, bytes), bytes);
  ASSERT_TRUE(posted.ok() && posted->has_accepted());
  RunDue();
  const v1::MailboxFetchResponse mail = Mail(doctor);
  ASSERT_EQ(mail.alerts_size(), 1);
  EXPECT_EQ(mail.alerts(0).case_id(), ToString(case_id.view()));
  EXPECT_EQ(mail.alerts(0).seq(), posted->accepted().seq());
  const auto answered = Answer(doctor, Reply(doctor), posted->accepted().seq());
  ASSERT_TRUE(answered.ok() && answered->appended().has_accepted());
  EXPECT_EQ(answered->responder_device(), ToString(doctor.device.id.view()));
  EXPECT_EQ(Mail(doctor).alerts_size(), 0);
}

TEST_F(AlertsCalls, RefusalsAreTheirOwnArms) {
  const std::uint64_t seq = Begin(nurse);
  EXPECT_EQ(Answer(doctor, Reply(doctor), seq + 1)->refused(),
            v1::AcknowledgeResponse::REFUSAL_NO_ALERT);
  EXPECT_EQ(Answer(nurse, Reply(nurse), seq)->refused(),
            v1::AcknowledgeResponse::REFUSAL_OWN_ALERT);
  EXPECT_EQ(Answer(doctor, world.Record(parts.card, doctor, {}), seq)->refused(),
            v1::AcknowledgeResponse::REFUSAL_NOT_SEEN);
  EXPECT_TRUE(Answer(stranger, Reply(stranger), seq)->appended().has_not_a_member());
}

TEST_F(AlertsCalls, RequestsThatAreNoneAreMalformed) {
  const Bytes bytes = thread::SerializeAlertPlan(plan);
  EXPECT_EQ(Answer(doctor, Reply(doctor), 0).error().code(), Code::kMalformed);
  EXPECT_EQ(Answer(doctor, AsBytes("no record"), 1).error().code(), Code::kMalformed);
  EXPECT_EQ(Answer(doctor, Urgent(doctor, bytes), 1).error().code(), Code::kMalformed);
  EXPECT_EQ(Post(nurse, Urgent(nurse, bytes), AsBytes("no plan")).error().code(), Code::kMalformed);
  EXPECT_EQ(Post(nurse, Urgent(nurse, bytes), {}).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::test
