#include "crypto/seal/invitation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "crypto/base/random.h"

namespace renkei::seal {
namespace {

constexpr std::string_view kMistyped = "invitation: mistyped";
constexpr std::string_view kUnknownVersion = "invitation: unknown version";

class Invitations : public testing::Test {
 protected:
  Invitations() {
    invitation_.purpose = InvitationPurpose::kStaff;
    invitation_.region = RegionId::Generate(random_);
    invitation_.root_fingerprint = random_.NextArray<32>();
    invitation_.institution = InstitutionId::Generate(random_);
    invitation_.person = PersonId::Generate(random_);
    invitation_.institution_key_hash = random_.NextArray<32>();
    invitation_.ticket = TicketId::Generate(random_);
    invitation_.secret = random_.NextSecret(kInvitationSecretBytes);
    invitation_.expires_at = {1717372800000};
    invitation_.relay_address = "relay.example.jp:7443";
  }
  void ExpectSame(const Invitation& read) const {
    EXPECT_EQ(read.purpose, invitation_.purpose);
    EXPECT_EQ(read.region, invitation_.region);
    EXPECT_EQ(read.root_fingerprint, invitation_.root_fingerprint);
    EXPECT_EQ(read.institution, invitation_.institution);
    EXPECT_EQ(read.person, invitation_.person);
    EXPECT_EQ(read.institution_key_hash, invitation_.institution_key_hash);
    EXPECT_EQ(read.ticket, invitation_.ticket);
    EXPECT_TRUE(Equal(read.secret, invitation_.secret));
    EXPECT_EQ(read.expires_at, invitation_.expires_at);
    EXPECT_EQ(read.relay_address, invitation_.relay_address);
  }

  SeededRandom random_{53};
  Invitation invitation_;
};

TEST_F(Invitations, ComeBackAsTheyWereWritten) {
  for (const char* address : {"a:1", "127.0.0.1:7443", "[::1]:443", "中継.example:65535"}) {
    invitation_.relay_address = address;
    const auto read = ParseInvitation(FormatInvitation(invitation_));
    ASSERT_TRUE(read.ok()) << address;
    ExpectSame(*read);
  }
}

TEST_F(Invitations, AreGroupsOfFiveInCrockfordsAlphabet) {
  const std::string code = FormatInvitation(invitation_);
  ASSERT_TRUE(code.starts_with("RENKEI1-"));
  const std::string_view body = std::string_view(code).substr(8);
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (i % 6 == 5) {
      EXPECT_EQ(body[i], '-');
    } else {
      EXPECT_NE(std::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ").find(body[i]),
                std::string_view::npos);
    }
  }
}

TEST_F(Invitations, AreReadAsPeopleTypeThem) {
  const std::string code = FormatInvitation(invitation_);
  std::string lower = code;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string bare = code;
  bare.erase(std::remove(bare.begin(), bare.end(), '-'), bare.end());
  std::string look_alikes = code.substr(0, 8);
  for (const char c : code.substr(8)) {
    look_alikes += c == '0' ? 'O' : c == '1' ? 'l' : c;
  }
  for (const std::string& typed : {lower, bare, look_alikes, " " + code + "\r\n"}) {
    const auto read = ParseInvitation(typed);
    ASSERT_TRUE(read.ok()) << typed;
    ExpectSame(*read);
  }
}

TEST_F(Invitations, EveryMistypedLetterIsNoticed) {
  const std::string code = FormatInvitation(invitation_);
  for (std::size_t i = 8; i < code.size(); ++i) {
    if (code[i] == '-') {
      continue;
    }
    std::string typed = code;
    typed[i] = typed[i] == 'A' ? 'B' : 'A';
    const auto read = ParseInvitation(typed);
    ASSERT_FALSE(read.ok()) << i;
    EXPECT_EQ(read.error().code(), Code::kMalformed);
    EXPECT_EQ(read.error().where(), kMistyped);
  }
}

TEST_F(Invitations, MissingDoubledAndSwappedLettersAreNoticed) {
  const std::string code = FormatInvitation(invitation_);
  for (std::size_t i = 8; i + 1 < code.size(); ++i) {
    std::string missing = code;
    std::string doubled = code;
    std::string swapped = code;
    missing.erase(i, 1);
    doubled.insert(i, 1, code[i]);
    std::swap(swapped[i], swapped[i + 1]);
    if (code[i] == '-' || code[i + 1] == '-' || code[i] == code[i + 1]) {
      continue;
    }
    EXPECT_FALSE(ParseInvitation(missing).ok());
    EXPECT_FALSE(ParseInvitation(doubled).ok());
    EXPECT_FALSE(ParseInvitation(swapped).ok());
  }
}

TEST_F(Invitations, SomethingElseIsMistyped) {
  for (const char* text : {"", "RENKEI", "RENKEI1", "RENKEI1-", "RENKEI1-U", "hello",
                           "RENKEI1-AAAAA", "0RENKEI1-00000", "RENKEI1-\xE3\x81\x82"}) {
    const auto read = ParseInvitation(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().where(), kMistyped) << text;
  }
  EXPECT_EQ(ParseInvitation(std::string(kMaxInvitationTextBytes + 1, 'A')).error().code(),
            Code::kMalformed);
}

TEST_F(Invitations, OfALaterVersionAskForAnUpdate) {
  std::string code = FormatInvitation(invitation_);
  code[6] = '2';
  EXPECT_EQ(ParseInvitation(code).error().code(), Code::kUnsupported);
  EXPECT_EQ(ParseInvitation(code).error().where(), kUnknownVersion);
  invitation_.purpose = static_cast<InvitationPurpose>(4);
  EXPECT_EQ(ParseInvitation(FormatInvitation(invitation_)).error().where(), kUnknownVersion);
}

TEST_F(Invitations, RelayAddressIsHostAndPort) {
  for (const char* address :
       {"", "host", "host:", ":1", "host:123456", "host:12a", "ho st:1", "host\n:1", "\xff:1"}) {
    EXPECT_EQ(CheckRelayAddress(address).error().code(), Code::kMalformed) << address;
  }
  EXPECT_EQ(CheckRelayAddress(std::string(254, 'a') + ":1").error().code(), Code::kMalformed);
  EXPECT_TRUE(CheckRelayAddress(std::string(253, 'a') + ":1").ok());
}

}  // namespace
}  // namespace renkei::seal
