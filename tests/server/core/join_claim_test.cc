#include "server/core/join_claim.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/base/labels.h"
#include "crypto/base/random.h"
#include "crypto/seal/join_request.h"
#include "crypto/thread/encoding.h"
#include "server/core/limits.h"

namespace renkei::test {
namespace {

using server::Purpose;
using server::ReadJoinClaim;
using thread::FieldWriter;

// Requests field by field, so that each can be broken while everything else is as it should be:
// whoever joins signs whatever they please.
class JoinClaims : public ::testing::Test {
 protected:
  // The fields of JoinRequest (enrolment.proto); one of no bytes is left out.
  struct Request {
    std::uint64_t version = 1;
    std::uint64_t purpose = 2;
    Bytes ticket;
    Bytes region;
    Bytes institution;
    Bytes person;
    Bytes device;
    Bytes name = ToBytes("架空 花子");
    Bytes profession = ToBytes("nurse");
    Bytes signing_key;
    Bytes device_key;
    Bytes tls_key;
    Bytes person_archive_key;
    Bytes ca_key;
    Bytes institution_archive_key;
    Millis created_at{1717372800000};
  };
  struct Proofs {
    Bytes signature;
    Bytes tls_signature;
    Bytes ca_signature;
    Bytes mac = Bytes(32, 9);
  };

  JoinClaims() {
    for (Bytes* id : {&request.ticket, &request.region, &request.institution, &request.person,
                      &request.device}) {
      *id = random.NextBytes(16);
    }
    request.signing_key = ToBytes(ByteView(signing.public_key()));
    request.device_key = random.NextBytes(32);
    request.tls_key = ToBytes(ByteView(tls.public_key()));
    request.person_archive_key = random.NextBytes(32);
  }
  void MakeItAnInstitutions() {
    request.purpose = 1;
    request.ca_key = ToBytes(ByteView(ca.public_key()));
    request.institution_archive_key = random.NextBytes(32);
  }
  void MakeItADevices() {
    request.purpose = 3;
    request.name.clear();
    request.profession.clear();
    request.person_archive_key.clear();
  }
  Bytes RequestBytes() const {
    return thread::Encode([this](FieldWriter& out) {
      out.U64(1, request.version);
      out.U64(2, request.purpose);
      out.Blob(3, request.ticket);
      out.Blob(4, request.region);
      out.Blob(5, request.institution);
      out.Blob(6, request.person);
      out.Blob(7, request.device);
      out.Blob(8, request.name);
      out.Blob(9, request.profession);
      out.Blob(10, request.signing_key);
      out.Blob(11, request.device_key);
      out.Blob(12, request.tls_key);
      out.Blob(13, request.person_archive_key);
      out.Blob(14, request.ca_key);
      out.Blob(15, request.institution_archive_key);
      out.Time(16, request.created_at);
    });
  }
  static Bytes Sign(const SigningKey& key, std::string_view label, ByteView bytes) {
    return ToBytes(ByteView(key.SignLabelled(label, bytes)));
  }
  // All keys have signed what the request says, and then `change` has changed the proofs.
  Bytes Signed(const std::function<void(Proofs&, ByteView)>& change = {}) const {
    const Bytes bytes = RequestBytes();
    Proofs proofs;
    proofs.signature = Sign(signing, labels::kJoinRequest, bytes);
    proofs.tls_signature = Sign(tls, labels::kJoinRequestTls, bytes);
    if (!request.ca_key.empty()) {
      proofs.ca_signature = Sign(ca, labels::kJoinRequestCa, bytes);
    }
    if (change) {
      change(proofs, bytes);
    }
    return thread::Encode([&](FieldWriter& out) {
      out.Blob(1, bytes);
      out.Blob(2, proofs.signature);
      out.Blob(3, proofs.tls_signature);
      out.Blob(4, proofs.ca_signature);
      out.Blob(5, proofs.mac);
    });
  }
  static std::string Told(ByteView signed_request) {
    const auto claim = ReadJoinClaim(signed_request);
    return claim.ok() ? "ok" : CodeName(claim.error().code());
  }

  SeededRandom random{1};
  SigningKey signing = SigningKey::Generate(random);
  SigningKey tls = SigningKey::Generate(random);
  SigningKey ca = SigningKey::Generate(random);
  Request request;
};

TEST_F(JoinClaims, SayWhatTheRequestAsksFor) {
  MakeItAnInstitutions();
  const auto claim = ReadJoinClaim(Signed());
  ASSERT_TRUE(claim.ok()) << claim.error().where();
  EXPECT_EQ(claim->purpose, Purpose::kInstitution);
  EXPECT_EQ(ToBytes(claim->ticket.view()), request.ticket);
  EXPECT_EQ(ToBytes(claim->region.view()), request.region);
  EXPECT_EQ(ToBytes(claim->person.institution.view()), request.institution);
  EXPECT_EQ(ToBytes(claim->person.person.view()), request.person);
  EXPECT_EQ(ToBytes(claim->device.view()), request.device);
  EXPECT_EQ(claim->signing_key, signing.public_key());
  EXPECT_EQ(ToBytes(ByteView(claim->device_key)), request.device_key);
  EXPECT_EQ(claim->tls_key, tls.public_key());
  EXPECT_EQ(ToBytes(ByteView(claim->person_archive_key.value())), request.person_archive_key);
  EXPECT_EQ(claim->institution_ca_key, ca.public_key());
}

TEST_F(JoinClaims, AreReadFromWhatAClientSends) {
  seal::JoinRequest join;
  join.purpose = seal::InvitationPurpose::kDevice;
  join.ticket = TicketId::Generate(random);
  join.region = RegionId::Generate(random);
  join.institution = InstitutionId::Generate(random);
  join.person = PersonId::Generate(random);
  join.device = DeviceId::Generate(random);
  join.signing_key = signing.public_key();
  join.tls_key = tls.public_key();
  join.device_key = random.NextArray<kPublicKeyBytes>();
  const auto claim = ReadJoinClaim(
      seal::MakeJoinRequest(join, {signing, tls}, SecretBytes(seal::kInvitationSecretBytes)));
  ASSERT_TRUE(claim.ok()) << claim.error().where();
  EXPECT_EQ(claim->purpose, Purpose::kDevice);
  EXPECT_EQ(claim->device, join.device);
  EXPECT_FALSE(claim->person_archive_key || claim->institution_ca_key);
}

TEST_F(JoinClaims, EveryChangedByteIsRefused) {
  MakeItAnInstitutions();
  const Bytes good = Signed();
  // The MAC comes last: only who invited can tell whether it is good.
  for (std::size_t i = 0; i < good.size() - kHashBytes; ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    EXPECT_NE(Told(bad), "ok") << "byte " << i;
  }
  Bytes other_mac = good;
  other_mac.back() ^= 1;
  EXPECT_EQ(Told(other_mac), "ok");
}

TEST_F(JoinClaims, EveryKeyHasSignedUnderItsOwnLabel) {
  MakeItAnInstitutions();
  using P = Proofs;
  // Another key of the request under the right label; the right key under another label.
  EXPECT_EQ(
      Told(Signed([&](P& p, ByteView b) { p.signature = Sign(tls, labels::kJoinRequest, b); })),
      "kAuthFailed");
  EXPECT_EQ(Told(Signed([&](P& p, ByteView b) {
              p.signature = Sign(signing, labels::kJoinRequestTls, b);
            })),
            "kAuthFailed");
  EXPECT_EQ(Told(Signed([&](P& p, ByteView b) {
              p.tls_signature = Sign(signing, labels::kJoinRequestTls, b);
            })),
            "kAuthFailed");
  EXPECT_EQ(
      Told(Signed([&](P& p, ByteView b) { p.tls_signature = Sign(tls, labels::kJoinRequest, b); })),
      "kAuthFailed");
  EXPECT_EQ(Told(Signed([&](P& p, ByteView b) {
              p.ca_signature = Sign(signing, labels::kJoinRequestCa, b);
            })),
            "kAuthFailed");
  EXPECT_EQ(
      Told(Signed([&](P& p, ByteView b) { p.ca_signature = Sign(ca, labels::kJoinRequest, b); })),
      "kAuthFailed");
  EXPECT_EQ(Told(Signed()), "ok");
}

TEST_F(JoinClaims, SignaturesAndMacHaveTheirLengths) {
  MakeItAnInstitutions();
  for (Bytes Proofs::*proof :
       {&Proofs::signature, &Proofs::tls_signature, &Proofs::ca_signature, &Proofs::mac}) {
    EXPECT_EQ(Told(Signed([&](Proofs& p, ByteView) { (p.*proof).clear(); })), "kMalformed");
    EXPECT_EQ(Told(Signed([&](Proofs& p, ByteView) { (p.*proof).pop_back(); })), "kMalformed");
    EXPECT_EQ(Told(Signed([&](Proofs& p, ByteView) { (p.*proof).push_back(0); })), "kMalformed");
  }
}

TEST_F(JoinClaims, CaKeyAndCaSignatureComeTogether) {
  EXPECT_EQ(Told(Signed([&](Proofs& p, ByteView b) {
              p.ca_signature = Sign(ca, labels::kJoinRequestCa, b);
            })),
            "kMalformed")
      << "a signature without a key";
  MakeItAnInstitutions();
  EXPECT_EQ(Told(Signed([](Proofs& p, ByteView) { p.ca_signature.clear(); })), "kMalformed")
      << "a key without a signature";
}

TEST_F(JoinClaims, EveryPurposeHasItsKeysAndNoOther) {
  EXPECT_EQ(Told(Signed()), "ok");
  const Request staff = request;
  request.person_archive_key.clear();
  EXPECT_EQ(Told(Signed()), "kMalformed") << "a colleague without an archive key";
  request = staff;
  request.ca_key = ToBytes(ByteView(ca.public_key()));
  EXPECT_EQ(Told(Signed()), "kMalformed") << "a colleague with a CA of their own";

  request = staff;
  MakeItADevices();
  EXPECT_EQ(Told(Signed()), "ok");
  request.person_archive_key = staff.person_archive_key;
  EXPECT_EQ(Told(Signed()), "kMalformed") << "its person has an archive key already";

  request = staff;
  MakeItAnInstitutions();
  EXPECT_EQ(Told(Signed()), "ok");
  request.ca_key.clear();
  EXPECT_EQ(Told(Signed()), "kMalformed") << "an institution without a CA";
}

TEST_F(JoinClaims, PurposeIsOneOfThree) {
  for (const std::uint64_t purpose : {0U, 4U, 258U}) {
    request.purpose = purpose;
    EXPECT_EQ(Told(Signed()), "kMalformed") << purpose;
  }
}

TEST_F(JoinClaims, VersionIsOne) {
  request.version = 2;
  EXPECT_EQ(Told(Signed()), "kUnsupported");
  request.version = 0;
  EXPECT_EQ(Told(Signed()), "kMalformed");
}

TEST_F(JoinClaims, IdsAndKeysHaveTheirLengths) {
  const Request good = request;
  for (Bytes Request::*field :
       {&Request::ticket, &Request::region, &Request::institution, &Request::person,
        &Request::device, &Request::signing_key, &Request::device_key, &Request::tls_key,
        &Request::person_archive_key}) {
    request = good;
    (request.*field).pop_back();
    EXPECT_EQ(Told(Signed()), "kMalformed");
    request = good;
    (request.*field).push_back(0);
    EXPECT_EQ(Told(Signed()), "kMalformed");
  }
  request = good;
  request.institution_archive_key = Bytes(31, 1);
  EXPECT_EQ(Told(Signed()), "kMalformed");
}

TEST_F(JoinClaims, NothingFollowsAndNothingIsMissing) {
  const Bytes good = Signed();
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(Told(longer), "kMalformed");
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(Told(ByteView(good).first(size)), "kMalformed") << size;
  }
}

// The relay does not read the name, so that it stands for any length.
TEST_F(JoinClaims, HaveAtMostEightKibibytes) {
  request.name = Bytes(server::kMaxSignedRequestBytes - Signed().size(), 'n');
  // Lengths of two bytes now, where they had one.
  while (Signed().size() > server::kMaxSignedRequestBytes) {
    request.name.pop_back();
  }
  while (Signed().size() < server::kMaxSignedRequestBytes) {
    request.name.push_back('n');
  }
  EXPECT_EQ(Told(Signed()), "ok");
  request.name.push_back('n');
  EXPECT_EQ(Told(Signed()), "kTooLarge");
}

}  // namespace
}  // namespace renkei::test
