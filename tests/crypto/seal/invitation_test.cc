#include "crypto/seal/invitation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "crypto/base/hash.h"
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
  std::string capital_i = code.substr(0, 8);
  for (const char c : code.substr(8)) {
    capital_i += c == '1' ? 'I' : c;
  }
  ASSERT_NE(capital_i, code);
  for (const std::string& typed : {lower, bare, look_alikes, capital_i, " " + code + "\r\n"}) {
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
  for (const char* address : {"", "host", "host:", ":1", "host:123456", "host:12a", "ho st:1",
                              "host\n:1", "\xff:1", "host\x7f:1", "12345", ":12345"}) {
    EXPECT_EQ(CheckRelayAddress(address).error().code(), Code::kMalformed) << address;
  }
  EXPECT_EQ(CheckRelayAddress(std::string(254, 'a') + ":1").error().code(), Code::kMalformed);
  EXPECT_TRUE(CheckRelayAddress(std::string(253, 'a') + ":1").ok());
}

// The code that says exactly these bytes, with a right checksum.
std::string CodeOf(Bytes payload) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  Append(payload, ByteView(Sha256({AsBytes("Renkei 1.0 invitation checksum"), payload})).first(4));
  std::string out = "RENKEI1-";
  for (std::size_t bit = 0; bit < payload.size() * 8; bit += 5) {
    unsigned digit = 0;
    for (std::size_t i = bit; i < bit + 5; ++i) {
      const unsigned value = i / 8 < payload.size() ? (payload[i / 8] >> (7 - i % 8)) & 1U : 0U;
      digit = (digit << 1U) | value;
    }
    out += kDigits[digit];
  }
  return out;
}

// Version 1, staff, zeros, and an address of which its length byte says `said`.
Bytes Payload(std::size_t said, std::string_view address) {
  Bytes out = {1, 2};
  out.resize(170);
  out.push_back(static_cast<std::uint8_t>(said));
  Append(out, AsBytes(address));
  return out;
}

TEST(InvitationBytes, OfRightChecksumAreStillChecked) {
  ASSERT_TRUE(ParseInvitation(CodeOf(Payload(3, "a:1"))).ok());
  const auto expect = [](Bytes payload, std::string_view where) {
    const auto read = ParseInvitation(CodeOf(std::move(payload)));
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().where(), where);
  };
  expect(Payload(4, "a:1"), kMistyped);
  expect(Payload(3, "a:12"), kMistyped);
  expect(Payload(0, ""), kMistyped);
  expect({}, kMistyped);
  expect(Payload(3, "abc"), "invitation: the relay's address is not host:port");
  Bytes version = Payload(3, "a:1");
  version[0] = 2;
  expect(version, kUnknownVersion);
}

// The last letter may hold up to four bits that mean nothing: they are zero, and no letter follows.
TEST(InvitationBytes, HaveOneCodeForEachLength) {
  for (const char* address : {"a:1", "ab:1", "abc:1", "abcd:1", "abcde:1"}) {
    const std::string code = CodeOf(Payload(std::string_view(address).size(), address));
    ASSERT_TRUE(ParseInvitation(code).ok());
    EXPECT_FALSE(ParseInvitation(code + "0").ok()) << address;
    EXPECT_FALSE(ParseInvitation(code + "00000000").ok()) << address;
    std::size_t accepted = 0;
    for (const char last : std::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ")) {
      accepted += ParseInvitation(code.substr(0, code.size() - 1) + last).ok() ? 1 : 0;
    }
    EXPECT_EQ(accepted, 1U) << address;
  }
}

TEST_F(Invitations, TextOverTheLimitIsRefusedWhateverItIsMadeOf) {
  std::string text = FormatInvitation(invitation_);
  text.resize(kMaxInvitationTextBytes, ' ');
  EXPECT_TRUE(ParseInvitation(text).ok());
  text += ' ';
  EXPECT_EQ(ParseInvitation(text).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::seal
