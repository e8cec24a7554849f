#include "crypto/seal/join_request.h"

#include <gtest/gtest.h>

#include "renkei/seal/v1/enrolment.pb.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::seal {
namespace {

namespace proto = renkei::seal::v1;

class JoinRequests : public testing::Test {
 protected:
  JoinRequests() {
    request_.ticket = TicketId::Generate(random_);
    request_.region = RegionId::Generate(random_);
    request_.institution = InstitutionId::Generate(random_);
    request_.person = PersonId::Generate(random_);
    request_.device = DeviceId::Generate(random_);
    request_.person_name = "佐藤 架空";
    request_.profession = "Registered Nurse";
    request_.signing_key = signing_.public_key();
    request_.device_key = random_.NextArray<32>();
    request_.tls_key = tls_.public_key();
    request_.person_archive_key = random_.NextArray<32>();
    request_.created_at = test::kExampleTime;
  }
  JoinRequest ForInstitution() {
    JoinRequest out = request_;
    out.purpose = InvitationPurpose::kInstitution;
    out.institution_ca_key = ca_.public_key();
    out.institution_archive_key = random_.NextArray<32>();
    return out;
  }
  JoinRequest ForDevice() const {
    JoinRequest out = request_;
    out.purpose = InvitationPurpose::kDevice;
    out.person_name.clear();
    out.profession.clear();
    out.person_archive_key.reset();
    return out;
  }
  Bytes Make(const JoinRequest& request) const {
    const bool institution = request.purpose == InvitationPurpose::kInstitution;
    return MakeJoinRequest(request, {signing_, tls_, institution ? &ca_ : nullptr}, secret_);
  }
  proto::SignedJoinRequest Message(const JoinRequest& request) const {
    proto::SignedJoinRequest message;
    EXPECT_TRUE(message.ParseFromString(ToString(Make(request))));
    return message;
  }
  Result<JoinRequest> Verify(const proto::SignedJoinRequest& message) const {
    return VerifyJoinRequest(AsBytes(message.SerializeAsString()), secret_);
  }

  SeededRandom random_{59};
  SigningKey signing_ = SigningKey::Generate(random_);
  SigningKey tls_ = SigningKey::Generate(random_);
  SigningKey ca_ = SigningKey::Generate(random_);
  SecretBytes secret_ = random_.NextSecret(kInvitationSecretBytes);
  JoinRequest request_;
};

TEST_F(JoinRequests, OfEachPurposeComeBack) {
  for (const JoinRequest& request : {request_, ForInstitution(), ForDevice()}) {
    const auto read = VerifyJoinRequest(Make(request), secret_);
    ASSERT_TRUE(read.ok()) << read.error().where();
    EXPECT_EQ(*read, request);
    EXPECT_EQ(*ParseJoinRequest(Make(request)), request);
  }
}

TEST_F(JoinRequests, EveryChangedByteIsRefused) {
  const auto accepts = [&](ByteView bytes) { return VerifyJoinRequest(bytes, secret_).ok(); };
  for (const JoinRequest& request : {request_, ForInstitution(), ForDevice()}) {
    EXPECT_EQ(test::CountAcceptedMutations(Make(request), accepts), 0U);
  }
}

TEST_F(JoinRequests, NeedTheInvitationsSecret) {
  const SecretBytes other = random_.NextSecret(kInvitationSecretBytes);
  EXPECT_EQ(VerifyJoinRequest(Make(request_), other).error().code(), Code::kAuthFailed);
}

TEST_F(JoinRequests, AgreeWithProtobuf) {
  const proto::SignedJoinRequest message = Message(ForInstitution());
  EXPECT_TRUE(message.GetReflection()->GetUnknownFields(message).empty());
  EXPECT_TRUE(Verify(message).ok());  // protobuf writes what we read
  proto::JoinRequest inner;
  ASSERT_TRUE(inner.ParseFromString(message.request()));
  EXPECT_TRUE(inner.GetReflection()->GetUnknownFields(inner).empty());
  EXPECT_EQ(inner.SerializeAsString(), message.request());
  EXPECT_EQ(inner.purpose(), proto::TICKET_PURPOSE_INSTITUTION);
  EXPECT_EQ(inner.person_name(), request_.person_name);
  EXPECT_EQ(inner.created_at(), request_.created_at.value);
  EXPECT_EQ(inner.institution_ca_key(), ToString(ca_.public_key()));
}

// Each key proves that whoever asks holds it: without one, a stranger's key could be certified.
TEST_F(JoinRequests, EachSignatureIsOfItsOwnKeyAndPurpose) {
  const proto::SignedJoinRequest good = Message(ForInstitution());
  ASSERT_TRUE(Verify(good).ok());
  proto::SignedJoinRequest bad = good;
  bad.set_signature(good.tls_signature());
  EXPECT_EQ(Verify(bad).error().code(), Code::kAuthFailed);
  bad = good;
  bad.set_tls_signature(good.signature());
  EXPECT_EQ(Verify(bad).error().code(), Code::kAuthFailed);
  bad = good;
  bad.set_ca_signature(good.signature());
  EXPECT_EQ(Verify(bad).error().code(), Code::kAuthFailed);
  bad = good;
  bad.clear_ca_signature();
  EXPECT_EQ(Verify(bad).error().code(), Code::kMalformed);
  bad = Message(request_);
  bad.set_ca_signature(good.ca_signature());
  EXPECT_EQ(Verify(bad).error().code(), Code::kMalformed);
}

// Each field that a purpose lacks or does not have, with MAC and signatures in order.
TEST_F(JoinRequests, HaveExactlyTheFieldsOfTheirPurpose) {
  const auto refused = [&](const JoinRequest& request, void (*change)(proto::JoinRequest&)) {
    proto::SignedJoinRequest message = Message(request);
    proto::JoinRequest inner;
    inner.ParseFromString(message.request());
    change(inner);
    message.set_request(inner.SerializeAsString());
    const auto read = ParseJoinRequest(AsBytes(message.SerializeAsString()));
    return !read.ok() && read.error().code() == Code::kMalformed;
  };
  EXPECT_TRUE(refused(request_, [](auto& r) { r.clear_person_name(); }));
  EXPECT_TRUE(refused(request_, [](auto& r) { r.clear_profession(); }));
  EXPECT_TRUE(refused(request_, [](auto& r) { r.set_person_name(std::string(201, 'n')); }));
  EXPECT_TRUE(refused(request_, [](auto& r) { r.set_profession(std::string(65, 'n')); }));
  EXPECT_TRUE(refused(request_, [](auto& r) { r.clear_person_archive_key(); }));
  EXPECT_TRUE(refused(request_, [](auto& r) { r.set_institution_ca_key(std::string(32, 'k')); }));
  EXPECT_TRUE(
      refused(request_, [](auto& r) { r.set_institution_archive_key(std::string(32, 'k')); }));
  EXPECT_TRUE(refused(ForDevice(), [](auto& r) { r.set_person_name("name"); }));
  EXPECT_TRUE(refused(ForDevice(), [](auto& r) { r.set_profession("Pharmacist"); }));
  EXPECT_TRUE(
      refused(ForDevice(), [](auto& r) { r.set_person_archive_key(std::string(32, 'k')); }));
  EXPECT_TRUE(refused(ForInstitution(), [](auto& r) { r.clear_institution_archive_key(); }));
  EXPECT_TRUE(refused(request_, [](auto& r) { r.clear_purpose(); }));
  EXPECT_TRUE(refused(request_, [](auto& r) { r.set_device_key(std::string(31, 'k')); }));
  EXPECT_TRUE(refused(request_, [](auto& r) { r.set_tls_key(std::string(33, 'k')); }));
  EXPECT_TRUE(refused(request_, [](auto& r) { r.clear_ticket(); }));
}

TEST_F(JoinRequests, NamesAreUtf8) {
  JoinRequest bad = request_;
  bad.person_name = "\xff";
  EXPECT_EQ(ParseJoinRequest(Make(bad)).error().code(), Code::kMalformed);
  bad = request_;
  bad.profession = "\xc0\xaf";
  EXPECT_EQ(ParseJoinRequest(Make(bad)).error().code(), Code::kMalformed);
}

TEST_F(JoinRequests, OutOfBoundsOrLaterVersionsAreTold) {
  EXPECT_EQ(ParseJoinRequest(Bytes(kMaxSignedJoinRequestBytes + 1)).error().code(),
            Code::kTooLarge);
  Bytes bytes = Make(request_);
  bytes[4] = 2;  // 0a <length, two bytes> 08 <version>
  EXPECT_EQ(ParseJoinRequest(bytes).error().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace renkei::seal
