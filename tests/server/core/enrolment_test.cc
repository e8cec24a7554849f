#include "server/core/enrolment.h"

#include "tests/server/core/enrolment_fixture.h"

namespace renkei::test {
namespace {

using server::ApprovalState;
using server::ApproveOutcome;
using server::Purpose;
using server::RequestOutcome;
using server::TicketOutcome;

TEST_F(Joining, StaffJoinsFromTicketToDirectory) {
  const Joiner joiner = NewJoiner();
  EXPECT_EQ(State(), ApprovalState::kUnknownTicket);
  EXPECT_EQ(*Create(nurse.Caller(), Purpose::kStaff), TicketOutcome::kAccepted);
  EXPECT_EQ(State(), ApprovalState::kWaitingForRequest);
  const Bytes request = RequestFor(joiner, Purpose::kStaff, Station());
  EXPECT_EQ(*Submit(request), RequestOutcome::kAccepted);
  EXPECT_EQ(State(), ApprovalState::kWaitingForApproval);
  const auto waiting = relay->enrolment().ListRequests(nurse.Caller());
  ASSERT_EQ(waiting->size(), 1U);
  EXPECT_EQ((*waiting)[0].signed_request, request);
  EXPECT_TRUE(relay->enrolment().ListRequests(doctor.Caller())->empty());
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  EXPECT_EQ(*Approve(nurse.Caller(), certificates), ApproveOutcome::kAccepted);
  const auto approval = relay->enrolment().GetApproval(ticket);
  EXPECT_EQ(approval->state, ApprovalState::kApproved);
  EXPECT_EQ(approval->ticket.certificates, certificates);
  EXPECT_THAT(approval->ticket.chain,
              testing::ElementsAre(station.ca.certificate().der(),
                                   world.region().issuing().certificate().der(),
                                   world.region().root().certificate().der()));
  for (const Bytes& der : certificates) {
    EXPECT_TRUE(IsKnown(der));
  }
  EXPECT_TRUE(relay->enrolment().ListRequests(nurse.Caller())->empty());
}

TEST_F(Joining, EveryStepMayBeRepeated) {
  const Joiner joiner = NewJoiner();
  const Bytes request = RequestFor(joiner, Purpose::kStaff, Station());
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(*Create(nurse.Caller(), Purpose::kStaff), TicketOutcome::kAccepted);
    EXPECT_EQ(*Submit(request), RequestOutcome::kAccepted);
    EXPECT_EQ(*Approve(nurse.Caller(), certificates), ApproveOutcome::kAccepted);
  }
  EXPECT_EQ(*Submit(request), RequestOutcome::kAccepted);
}

TEST_F(Joining, TicketServesOneRequestOnly) {
  ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff).ok());
  ASSERT_EQ(*Submit(RequestFor(NewJoiner(), Purpose::kStaff, Station())),
            RequestOutcome::kAccepted);
  EXPECT_EQ(*Submit(RequestFor(NewJoiner(), Purpose::kStaff, Station())), RequestOutcome::kUsed);
  EXPECT_EQ(*Create(colleague.Caller(), Purpose::kStaff), TicketOutcome::kTicketExists);
}

TEST_F(Joining, ExpiredTicketServesNothing) {
  const Bytes request = RequestFor(NewJoiner(), Purpose::kStaff, Station());
  EXPECT_EQ(*Submit(request), RequestOutcome::kUnknownTicket);
  ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff, Minutes(5)).ok());
  clock.Advance(Minutes(5));
  EXPECT_EQ(*Submit(request), RequestOutcome::kExpired);
  EXPECT_EQ(State(), ApprovalState::kExpired);
}

TEST_F(Joining, TicketLivesAtMostThirtyDays) {
  EXPECT_EQ(Create(nurse.Caller(), Purpose::kStaff, Days(30) + Seconds(1)).error().code(),
            Code::kMalformed);
  EXPECT_EQ(Create(nurse.Caller(), Purpose::kStaff, {0}).error().code(), Code::kMalformed);
  EXPECT_EQ(*Create(nurse.Caller(), Purpose::kStaff, Days(30)), TicketOutcome::kAccepted);
}

TEST_F(Joining, OnlySoManyTicketsOfOnePersonAreOpen) {
  for (std::size_t i = 0; i < server::kMaxOpenTickets; ++i) {
    ticket = TicketId::Generate(world.random());
    ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff).ok());
  }
  ticket = TicketId::Generate(world.random());
  EXPECT_EQ(Create(nurse.Caller(), Purpose::kStaff).error().code(), Code::kThrottled);
  EXPECT_TRUE(Create(colleague.Caller(), Purpose::kStaff).ok());
}

TEST_F(Joining, RequestMustFitItsTicket) {
  ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff).ok());
  const Joiner joiner = NewJoiner();
  const auto is_malformed = [&](const Bytes& request) {
    const auto outcome = Submit(request);
    return !outcome.ok() && outcome.error().code() == Code::kMalformed;
  };
  EXPECT_TRUE(
      is_malformed(RequestFor(joiner, Purpose::kStaff, clinic.ca.certificate().ids().institution)));
  EXPECT_TRUE(
      is_malformed(RequestFor(joiner, Purpose::kDevice, Station(), nurse.person->subject.person)));
  EXPECT_TRUE(
      is_malformed(RequestFor(joiner, Purpose::kStaff, Station(), nurse.person->subject.person)));
  region_of_request = RegionId::Generate(world.random());
  EXPECT_TRUE(is_malformed(RequestFor(joiner, Purpose::kStaff, Station())));
  region_of_request.reset();
  const Bytes for_this = RequestFor(joiner, Purpose::kStaff, Station());
  ticket = TicketId::Generate(world.random());
  EXPECT_TRUE(is_malformed(for_this));
  EXPECT_TRUE(is_malformed(ToBytes("no request")));
}

}  // namespace
}  // namespace renkei::test
