// Linking and certifying: whose request is served, whose is not, and that one bad one stops none.
#include "client/core/enrol_approve.h"

#include "client/core/enrolment.h"
#include "client/core/enrolment_store.h"
#include "client/core/notices.h"
#include "crypto/seal/join_request.h"
#include "tests/client/core/case_fixture.h"
#include "tests/sim/sim_world.h"

namespace renkei::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ServingLinks : public CaseFixture {
 protected:
  ServingLinks() {
    invitation_.purpose = seal::InvitationPurpose::kDevice;
    invitation_.ticket = TicketId::Generate(random_);
    invitation_.institution = nurse_->person().institution;
    invitation_.person = nurse_->person().person;
    invitation_.expires_at = region_.clock.Now() + Days(7);
    invitation_.secret = random_.NextSecret(seal::kInvitationSecretBytes);
    EXPECT_TRUE(client::SaveInvitation(nurse_->vault(), invitation_).ok());
  }
  // A new device asks, with that secret; `change` turns what it asks for.
  void Ask(const SecretBytes& secret, const std::function<void(seal::JoinRequest&)>& change = {}) {
    const client::NewKeys keys = client::GenerateKeys(false, random_);
    const client::DevicePublicKeys wanted = keys.Public();
    seal::JoinRequest request;
    request.purpose = seal::InvitationPurpose::kDevice;
    request.ticket = invitation_.ticket;
    request.region = region_.authority.id();
    request.institution = invitation_.institution;
    request.person = invitation_.person;
    request.device = wanted.device;
    request.signing_key = wanted.signing;
    request.device_key = wanted.key;
    request.tls_key = wanted.tls;
    request.created_at = region_.clock.Now();
    if (change) {
      change(request);
    }
    relay::v1::WaitingRequest waiting;
    waiting.set_ticket(ToString(invitation_.ticket.view()));
    waiting.set_signed_request(
        ToString(seal::MakeJoinRequest(request, {keys.signing, keys.tls}, secret)));
    region_.relay.requests.push_back(waiting);
  }
  bool InvitationIsThere() {
    return client::LoadInvitation(nurse_->vault(), invitation_.ticket).value().has_value();
  }

  SeededRandom random_{5};
  client::MadeInvitation invitation_;
};

TEST_F(ServingLinks, ASyncLinksADeviceThatKnowsTheCodesSecretOnce) {
  Ask(invitation_.secret);
  nurse_->Sync();
  ASSERT_THAT(region_.relay.links, SizeIs(1));
  EXPECT_EQ(region_.relay.links[0].ticket(), ToString(invitation_.ticket.view()));
  EXPECT_FALSE(InvitationIsThere()) << "a code works once";
  nurse_->Sync();
  EXPECT_THAT(region_.relay.links, SizeIs(1));
}

TEST_F(ServingLinks, ARequestWithAnotherSecretIsNotLinked) {
  Ask(random_.NextSecret(seal::kInvitationSecretBytes));
  EXPECT_THAT(nurse_->Sync().notices, IsEmpty());
  EXPECT_THAT(region_.relay.links, IsEmpty());
  EXPECT_TRUE(InvitationIsThere()) << "the right one may still come";
}

TEST_F(ServingLinks, ARequestForSomethingElseThanInvitedIsNotLinked) {
  const std::function<void(seal::JoinRequest&)> changes[] = {
      [&](seal::JoinRequest& request) { request.person = manager_->person().person; },
      [&](seal::JoinRequest& request) { request.institution = manager_->person().institution; },
      [&](seal::JoinRequest& request) { request.region = RegionId::Generate(random_); },
      [&](seal::JoinRequest& request) { request.ticket = TicketId::Generate(random_); },
  };
  for (const auto& change : changes) {
    region_.relay.requests.clear();
    Ask(invitation_.secret, change);
    nurse_->Sync();
    EXPECT_THAT(region_.relay.links, IsEmpty());
  }
}

TEST_F(ServingLinks, OnlyWhoInvitedLinks) {
  Ask(invitation_.secret);
  manager_->Sync();
  EXPECT_THAT(region_.relay.links, IsEmpty());
}

TEST_F(ServingLinks, BadRequestsBeforeAGoodOneDoNotKeepItWaiting) {
  relay::v1::WaitingRequest garbage;
  garbage.set_ticket("no ticket");
  region_.relay.requests.push_back(garbage);
  Ask(random_.NextSecret(seal::kInvitationSecretBytes));
  garbage.set_ticket(ToString(invitation_.ticket.view()));
  garbage.set_signed_request("no request");
  region_.relay.requests.push_back(garbage);
  Ask(invitation_.secret);
  nurse_->Sync();
  EXPECT_THAT(region_.relay.links, SizeIs(1));
}

TEST_F(ServingLinks, WhatTheSyncBroughtIsToldEvenIfTheRelayRefusesToListRequests) {
  Post(*manager_, "届くもの");
  region_.relay.refuse_requests = Error(Code::kDenied, "the relay does not allow this");
  const auto report = nurse_->Sync();
  EXPECT_THAT(report.new_records, SizeIs(1));
  ASSERT_THAT(report.notices, SizeIs(1));
  EXPECT_THAT(report.notices[0], HasSubstr(client::NoticeText(client::Said::kDevicesNotServed)));
}

TEST_F(ServingLinks, AnInvitationIsForgottenWholeOrNotAtAll) {
  const client::Identity identity = nurse_->Identity();
  const auto relay = region_.relay.ConnectionFor(nurse_->device(), nurse_->person());
  Ask(invitation_.secret);
  for (std::size_t nth = 1; nth <= 3; ++nth) {
    nurse_->vault().FailAtWrite(nth, client::MemoryVault::Fault::kFailOnce);
    EXPECT_EQ(client::ServeLinks(nurse_->Env(), identity, *relay).error().code(),
              Code::kUnavailable);
    const auto left = client::LoadInvitation(nurse_->vault(), invitation_.ticket).value();
    ASSERT_TRUE(left.has_value()) << nth;
    EXPECT_TRUE(Equal(left->secret, invitation_.secret)) << nth;
  }
  EXPECT_TRUE(client::ServeLinks(nurse_->Env(), identity, *relay).ok());
  EXPECT_FALSE(InvitationIsThere());
}

// An administrator certifies what a colleague's device has linked; here from a relay that lies.
class Certifying : public testing::Test {
 protected:
  Certifying() {
    const std::string code = colleague_.Enrol().InviteDevice().value();
    EXPECT_TRUE(tablet_.Enrol().Join(code, "", "").ok());
    EXPECT_TRUE(colleague_.Open().Sync().ok());
    const auto relay = world_.connector.Connect(client::EndpointOf(identity_).value()).value();
    const auto listed = relay->ListRequests({}).value();
    EXPECT_EQ(listed.requests_size(), 1);
    genuine_ = listed.requests(0);
  }
  // How many approvals a relay that shows this request gets.
  std::size_t Approvals(const relay::v1::WaitingRequest& waiting) {
    liar_.requests = {waiting};
    liar_.approvals.clear();
    const auto relay =
        liar_.ConnectionFor(identity_.device, {identity_.institution, identity_.person});
    EXPECT_TRUE(client::ServeLinks(nurse_.Env(), identity_, *relay).ok());
    return liar_.approvals.size();
  }

  sim::SimWorld world_{1};
  sim::Actor& nurse_ =
      world_.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口 さくら", "nurse");
  sim::Actor& colleague_ = world_.AddStaff(nurse_, "江本 二郎", "nurse");
  sim::Actor& tablet_ = world_.New("tablet");
  client::Identity identity_ = client::LoadIdentity(nurse_.vault()).value();
  FakeRelay liar_{world_.clock, SigningKey::Generate(world_.random)};
  relay::v1::WaitingRequest genuine_;
};

TEST_F(Certifying, ALinkThatHoldsIsEnough) {
  EXPECT_EQ(Approvals(genuine_), 1U);
}

TEST_F(Certifying, ARequestWithoutLinkIsNotCertified) {
  genuine_.clear_signed_link();
  EXPECT_EQ(Approvals(genuine_), 0U);
}

TEST_F(Certifying, AnAlteredLinkIsNotCertified) {
  for (const std::size_t at : {std::size_t{40}, genuine_.signed_link().size() / 2}) {
    relay::v1::WaitingRequest altered = genuine_;
    (*altered.mutable_signed_link())[at] ^= 1;
    EXPECT_EQ(Approvals(altered), 0U) << at;
  }
}

TEST_F(Certifying, AnotherDevicesRequestUnderAGoodLinkIsNotCertified) {
  const std::string code = colleague_.Enrol().InviteDevice().value();
  sim::Actor& other = world_.New("other");
  ASSERT_TRUE(other.Enrol().Join(code, "", "").ok());
  const auto join = client::LoadPendingJoin(other.vault()).value();
  genuine_.set_signed_request(ToString(join->signed_request));
  EXPECT_EQ(Approvals(genuine_), 0U);
}

TEST_F(Certifying, WhoHoldsNoCaCertifiesNothing) {
  identity_ = client::LoadIdentity(colleague_.vault()).value();
  EXPECT_EQ(Approvals(genuine_), 0U);
}

}  // namespace
}  // namespace renkei::test
