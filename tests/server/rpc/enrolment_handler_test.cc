#include "server/rpc/enrolment_handler.h"

#include "crypto/thread/link.h"
#include "tests/server/core/enrolment_fixture.h"

namespace renkei::test {
namespace {

namespace v1 = relay::v1;
using server::Purpose;
using server::RequestOutcome;
using server::TicketOutcome;

// What core decides is brought about by the fixture; the handler is asked for its answer.
class EnrolmentCalls : public Joining {
 protected:
  void SetUp() override {
    Joining::SetUp();
    handler = std::make_unique<server::EnrolmentHandler>(*relay);
  }
  std::string Ticket() const { return ToString(ticket.view()); }
  Result<v1::CreateTicketResponse> CreateTicket(seal::v1::TicketPurpose purpose,
                                                const std::string& id, Millis life = Days(7)) {
    v1::CreateTicketRequest request;
    request.set_ticket(id);
    request.set_purpose(purpose);
    request.set_expires_at((clock.Now() + life).value);
    return Await<v1::CreateTicketResponse>(
        [&](const auto& reply) { handler->CreateTicket(nurse.Caller(), request, reply); });
  }
  Result<v1::SubmitRequestResponse> SubmitRequest(ByteView signed_request, const std::string& id) {
    v1::SubmitRequestRequest request;
    request.set_ticket(id);
    request.set_signed_request(ToString(signed_request));
    return Await<v1::SubmitRequestResponse>(
        [&](const auto& reply) { handler->SubmitRequest(request, reply); });
  }
  Result<v1::ListRequestsResponse> ListRequests(const Handset& by) {
    return Await<v1::ListRequestsResponse>(
        [&](const auto& reply) { handler->ListRequests(by.Caller(), {}, reply); });
  }
  Result<v1::AttachLinkResponse> AttachLink(ByteView link, ByteView package,
                                            const std::string& id) {
    v1::AttachLinkRequest request;
    request.set_ticket(id);
    request.set_signed_link(ToString(link));
    request.set_sealed_package(ToString(package));
    return Await<v1::AttachLinkResponse>(
        [&](const auto& reply) { handler->AttachLink(nurse.Caller(), request, reply); });
  }
  Result<v1::ApproveResponse> ApproveBy(const Handset& by, const std::vector<Bytes>& ders,
                                        const std::string& id) {
    v1::ApproveRequest request;
    request.set_ticket(id);
    for (const Bytes& der : ders) {
      request.add_certificates(ToString(der));
    }
    return Await<v1::ApproveResponse>(
        [&](const auto& reply) { handler->Approve(by.Caller(), request, reply); });
  }
  Result<v1::GetApprovalResponse> GetApproval(const std::string& id) {
    v1::GetApprovalRequest request;
    request.set_ticket(id);
    return Await<v1::GetApprovalResponse>(
        [&](const auto& reply) { handler->GetApproval(request, reply); });
  }

  std::unique_ptr<server::EnrolmentHandler> handler;
};

TEST_F(EnrolmentCalls, TicketIsTakenOrToldWhyNot) {
  const auto made = CreateTicket(seal::v1::TICKET_PURPOSE_STAFF, Ticket());
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(made->has_accepted());
  EXPECT_EQ(CreateTicket(seal::v1::TICKET_PURPOSE_DEVICE, Ticket())->refused(),
            v1::CreateTicketResponse::REFUSAL_TICKET_EXISTS);
  EXPECT_EQ(CreateTicket(seal::v1::TICKET_PURPOSE_INSTITUTION, std::string(16, 't'))->refused(),
            v1::CreateTicketResponse::REFUSAL_NOT_ALLOWED);
  EXPECT_EQ(CreateTicket(seal::v1::TICKET_PURPOSE_STAFF, Ticket(), {0}).error().code(),
            Code::kMalformed);
}

// A person's device is asked for by the person, and a request for a colleague does not fit it.
TEST_F(EnrolmentCalls, PurposeIsTheOneThatWasAskedFor) {
  ASSERT_TRUE(CreateTicket(seal::v1::TICKET_PURPOSE_DEVICE, Ticket())->has_accepted());
  EXPECT_FALSE(SubmitRequest(RequestFor(NewJoiner(), Purpose::kStaff, Station()), Ticket()).ok());
  EXPECT_TRUE(SubmitRequest(RequestFor(NewJoiner(), Purpose::kDevice, Station(),
                                       nurse.person->subject.person),
                            Ticket())
                  ->has_accepted());
  for (const int purpose : {0, 4, 99}) {
    EXPECT_EQ(CreateTicket(static_cast<seal::v1::TicketPurpose>(purpose), std::string(16, 'u'))
                  .error()
                  .code(),
              Code::kMalformed);
  }
}

TEST_F(EnrolmentCalls, TicketOfAnotherLengthIsMalformed) {
  for (const std::size_t size : {0U, 15U, 17U}) {
    const std::string id(size, 't');
    EXPECT_EQ(CreateTicket(seal::v1::TICKET_PURPOSE_STAFF, id).error().code(), Code::kMalformed);
    EXPECT_EQ(SubmitRequest({}, id).error().code(), Code::kMalformed);
    EXPECT_EQ(AttachLink({}, Bytes(1), id).error().code(), Code::kMalformed);
    EXPECT_EQ(ApproveBy(nurse, {Bytes{1}}, id).error().code(), Code::kMalformed);
    EXPECT_EQ(GetApproval(id).error().code(), Code::kMalformed);
  }
}

TEST_F(EnrolmentCalls, RequestIsTakenOrToldWhyNot) {
  const Bytes request = RequestFor(NewJoiner(), Purpose::kStaff, Station());
  EXPECT_EQ(SubmitRequest(request, Ticket())->refused(),
            v1::SubmitRequestResponse::REFUSAL_UNKNOWN_TICKET);
  ASSERT_EQ(*Create(nurse.Caller(), Purpose::kStaff), TicketOutcome::kAccepted);
  EXPECT_TRUE(SubmitRequest(request, Ticket())->has_accepted());
  EXPECT_EQ(SubmitRequest(RequestFor(NewJoiner(), Purpose::kStaff, Station()), Ticket())->refused(),
            v1::SubmitRequestResponse::REFUSAL_USED);
  ticket = TicketId::Generate(world.random());
  ASSERT_EQ(*Create(nurse.Caller(), Purpose::kStaff), TicketOutcome::kAccepted);
  clock.Advance(Days(7));
  EXPECT_EQ(SubmitRequest(RequestFor(NewJoiner(), Purpose::kStaff, Station()), Ticket())->refused(),
            v1::SubmitRequestResponse::REFUSAL_EXPIRED);
  EXPECT_EQ(SubmitRequest(AsBytes("no request"), Ticket()).error().code(), Code::kMalformed);
}

TEST_F(EnrolmentCalls, ApprovalIsGivenOrToldWhyNot) {
  const Joiner joiner = NewJoiner();
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  EXPECT_EQ(ApproveBy(nurse, certificates, Ticket())->refused(),
            v1::ApproveResponse::REFUSAL_UNKNOWN_TICKET);
  ASSERT_EQ(*Create(nurse.Caller(), Purpose::kStaff), TicketOutcome::kAccepted);
  ASSERT_EQ(*Submit(RequestFor(joiner, Purpose::kStaff, Station())), RequestOutcome::kAccepted);
  EXPECT_EQ(ApproveBy(doctor, certificates, Ticket())->refused(),
            v1::ApproveResponse::REFUSAL_NOT_ALLOWED);
  EXPECT_EQ(ApproveBy(nurse, {certificates[0]}, Ticket())->refused(),
            v1::ApproveResponse::REFUSAL_BAD_CERTIFICATE);
  EXPECT_EQ(ApproveBy(nurse, {}, Ticket()).error().code(), Code::kMalformed);
  EXPECT_TRUE(ApproveBy(nurse, certificates, Ticket())->has_accepted());
}

TEST_F(EnrolmentCalls, WhoWaitsIsToldForWhat) {
  EXPECT_EQ(GetApproval(Ticket())->refused(), v1::GetApprovalResponse::REFUSAL_UNKNOWN_TICKET);
  const Joiner joiner = NewJoiner();
  ASSERT_EQ(*Create(nurse.Caller(), Purpose::kDevice), TicketOutcome::kAccepted);
  EXPECT_EQ(GetApproval(Ticket())->waiting(), v1::GetApprovalResponse::WAITING_FOR_REQUEST);
  ASSERT_EQ(*Submit(RequestFor(joiner, Purpose::kDevice, Station(), nurse.person->subject.person)),
            RequestOutcome::kAccepted);
  EXPECT_EQ(GetApproval(Ticket())->waiting(), v1::GetApprovalResponse::WAITING_FOR_LINK);

  const Bytes package(100, 5);
  const thread::Link link{nurse.person->Ref(), joiner.device,           joiner.signing.public_key(),
                          joiner.device_key,   joiner.tls.public_key(), nurse.device.id,
                          clock.Now(),         Sha256(package)};
  const Bytes signed_link =
      thread::MakeLink(link, nurse.device.signing.key, nurse.device.signing.certificate.der())
          .value();
  EXPECT_TRUE(AttachLink(signed_link, package, std::string(16, 'u'))->unknown_ticket());
  EXPECT_EQ(AttachLink(signed_link, Bytes(100, 6), Ticket()).error().code(), Code::kMalformed);
  EXPECT_TRUE(AttachLink(signed_link, package, Ticket())->has_accepted());
  EXPECT_EQ(GetApproval(Ticket())->waiting(), v1::GetApprovalResponse::WAITING_FOR_APPROVAL);

  const auto certificates = DeviceCertificates(station.ca, joiner, nurse.person->subject);
  ASSERT_TRUE(ApproveBy(colleague, certificates, Ticket())->has_accepted());
  const auto approval = GetApproval(Ticket());
  ASSERT_TRUE(approval.ok() && approval->has_approved());
  ASSERT_EQ(approval->approved().certificates_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(approval->approved().certificates(i),
              ToString(certificates[static_cast<std::size_t>(i)]));
  }
  ASSERT_EQ(approval->approved().chain_size(), 3);
  EXPECT_EQ(approval->approved().chain(0), ToString(station.ca.certificate().der()));
  EXPECT_EQ(approval->approved().chain(2), ToString(world.region().root().certificate().der()));
  EXPECT_EQ(approval->approved().signed_link(), ToString(signed_link));
  EXPECT_EQ(approval->approved().sealed_package(), ToString(package));
}

TEST_F(EnrolmentCalls, WhoIsTooLateIsTold) {
  ASSERT_EQ(*Create(nurse.Caller(), Purpose::kStaff), TicketOutcome::kAccepted);
  clock.Advance(Days(7));
  EXPECT_EQ(GetApproval(Ticket())->refused(), v1::GetApprovalResponse::REFUSAL_EXPIRED);
}

TEST_F(EnrolmentCalls, RequestsAreListedWithWhatIsNeededToJudgeThem) {
  ASSERT_EQ(*Create(nurse.Caller(), Purpose::kStaff), TicketOutcome::kAccepted);
  const Bytes request = RequestFor(NewJoiner(), Purpose::kStaff, Station());
  ASSERT_EQ(*Submit(request), RequestOutcome::kAccepted);
  const auto listed = ListRequests(nurse);
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->requests_size(), 1);
  EXPECT_EQ(listed->requests(0).ticket(), Ticket());
  EXPECT_EQ(listed->requests(0).purpose(), seal::v1::TICKET_PURPOSE_STAFF);
  EXPECT_EQ(listed->requests(0).signed_request(), ToString(request));
  EXPECT_EQ(listed->requests(0).creator_device(), ToString(nurse.device.id.view()));
  EXPECT_EQ(listed->requests(0).signed_link(), "");
  EXPECT_EQ(ListRequests(doctor)->requests_size(), 0);
}

TEST_F(EnrolmentCalls, LinkOfAListedRequestComesWithIt) {
  ASSERT_EQ(*Create(nurse.Caller(), Purpose::kDevice), TicketOutcome::kAccepted);
  ASSERT_EQ(
      *Submit(RequestFor(NewJoiner(), Purpose::kDevice, Station(), nurse.person->subject.person)),
      RequestOutcome::kAccepted);
  store.Write(
      [&](server::WriteTransaction& transaction) -> Status {
        RENKEI_ASSIGN(auto row, transaction.FindTicket(ticket));
        row->signed_link = ToBytes("link");
        return transaction.PutTicket(*row);
      },
      [](const Status& status) { ASSERT_TRUE(status.ok()); });
  EXPECT_EQ(ListRequests(nurse)->requests(0).signed_link(), "link");
}

TEST_F(EnrolmentCalls, StoreThatDoesNotAnswerIsTold) {
  store.FailReads(true);
  EXPECT_EQ(ListRequests(nurse).error().code(), Code::kUnavailable);
  EXPECT_EQ(GetApproval(Ticket()).error().code(), Code::kUnavailable);
  store.FailReads(false);
  store.FailWrites(true);
  EXPECT_EQ(CreateTicket(seal::v1::TICKET_PURPOSE_STAFF, Ticket()).error().code(),
            Code::kUnavailable);
}

}  // namespace
}  // namespace renkei::test
