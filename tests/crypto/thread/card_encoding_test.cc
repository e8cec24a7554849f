// What may follow the bytes of a card from one place to the next, and what may not. The messages
// are built by protobuf, so that what is wrong is wrong in one place.
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "crypto/thread/card.h"
#include "crypto/thread/encoding.h"
#include "renkei/seal/v1/card.pb.h"
#include "tests/crypto/thread/support/card_case.h"

namespace renkei::thread {
namespace {

namespace proto = renkei::seal::v1;

void AddUnknown(google::protobuf::Message* message) {
  message->GetReflection()->MutableUnknownFields(message)->AddVarint(99, 1);
}

class CardBytes : public test::CardCase {
 protected:
  Status ParseChangedCard(const std::function<void(proto::EpochCard&)>& change) const {
    const Bytes bytes = SerializeCard(card_).value();
    proto::EpochCard card;
    EXPECT_TRUE(card.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    change(card);
    const auto read = ParseCard(AsBytes(card.SerializeAsString()));
    return read.ok() ? Ok() : Status(read.error());
  }
  static void Expect(const Status& status, Code code, const std::string& where) {
    ASSERT_FALSE(status.ok()) << "accepted, expected: " << where;
    EXPECT_EQ(CodeName(status.error().code()), std::string(CodeName(code)));
    EXPECT_EQ(status.error().where(), where);
  }
};

TEST_F(CardBytes, ComeBackAsTheyWereWritten) {
  card_.evidence.revocation_lists = {Bytes(40, 1), Bytes(50, 2)};
  card_.evidence.link = Bytes(300, 3);
  card_.evidence.leave_requests = {Bytes(100, 4)};
  card_.trust_head = Sha256(AsBytes("directory"));
  const auto bytes = SerializeCard(card_);
  ASSERT_TRUE(bytes.ok());
  const auto read = ParseCard(*bytes);
  ASSERT_TRUE(read.ok()) << read.error().where();
  EXPECT_EQ(*read, card_);
}

TEST_F(CardBytes, HaveOneEncoding) {
  const auto second_encoding = [&](ByteView bytes) {
    const auto read = ParseCard(bytes);
    return read.ok() && SerializeCard(*read).value() != ToBytes(bytes);
  };
  EXPECT_EQ(test::CountAcceptedMutations(SerializeCard(card_).value(), second_encoding), 0U);
}

TEST_F(CardBytes, OfALaterVersionAskForAnUpdate) {
  Bytes bytes = SerializeCard(card_).value();
  bytes[1] = 2;
  EXPECT_EQ(ParseCard(bytes).error().code(), Code::kUnsupported);
}

// The field is there, the procedure comes later: nobody may fill it before it means something.
TEST_F(CardBytes, WithRefoundEvidenceAskForAnUpdate) {
  Bytes bytes = SerializeCard(card_).value();
  Append(bytes, FromHex("7a031a01aa").value());  // evidence { refound: aa }
  EXPECT_EQ(ParseCard(bytes).error().code(), Code::kUnsupported);
}

TEST_F(CardBytes, WithEvidenceOfALaterProcedureSayWhich) {
  Expect(ParseChangedCard([](auto& c) { c.mutable_evidence()->set_refound("a"); }),
         Code::kUnsupported, "card: refounding is not in this version");
  Expect(ParseChangedCard([](auto& c) { c.mutable_evidence()->set_recovery("a"); }),
         Code::kUnsupported, "card: recovery is not in this version");
}

// Empty is left out; written as empty, the place would be a second encoding of the same card.
TEST_F(CardBytes, WithAReservedPlaceWrittenOutEmptyAreRefused) {
  card_.evidence = {};
  const Bytes bytes = SerializeCard(card_).value();
  const ByteView before = ByteView(bytes).first(bytes.size() - (card_.trust_head ? 35 : 0));
  const ByteView trust_head = ByteView(bytes).subspan(before.size());
  const auto parse = [&](std::string_view evidence) {
    Bytes changed = ToBytes(before);
    Append(changed, FromHex(evidence).value());
    Append(changed, trust_head);
    return ParseCard(changed).ok() ? Status(Ok()) : Status(ParseCard(changed).error());
  };
  for (const std::string_view field : {"1a", "2a"}) {  // refound, recovery
    Expect(parse("7a02" + std::string(field) + "00"), Code::kMalformed,
           "card: not the one encoding of evidence");
    EXPECT_EQ(parse("7a03" + std::string(field) + "01aa").error().code(), Code::kUnsupported);
  }
}

TEST_F(CardBytes, LargestCaseFits) {
  std::vector<test::ExampleDevice> devices;
  test::Devices members;
  devices.reserve(kMaxMembers);
  for (std::uint32_t leaf = 0; leaf < kMaxMembers; ++leaf) {
    devices.push_back(example_.NewDevice(example_.NewPerson(example_.NewInstitution()), leaf));
    members.push_back(&devices.back());
  }
  const SignedCard first = test::MakeCommit(example_.FirstCard(devices[0]), devices[0], {}).card;
  Card card = example_.NextCard(first, devices[0], members);
  card.commit_hash = Sha256(AsBytes("commit"));
  const auto bytes = SerializeCard(card);
  ASSERT_TRUE(bytes.ok()) << bytes.error().where();
  EXPECT_EQ(*ParseCard(*bytes), card);
}

TEST_F(CardBytes, CardUnchangedIsAccepted) {
  EXPECT_TRUE(ParseChangedCard([](auto&) {}).ok());
}

TEST_F(CardBytes, UnknownFieldAnywhereOnACardIsRefused) {
  Expect(ParseChangedCard([](auto& c) { AddUnknown(&c); }), Code::kMalformed,
         "card: not the one encoding of a card");
  Expect(ParseChangedCard([](auto& c) { AddUnknown(c.mutable_members(1)); }), Code::kMalformed,
         "card: not the one encoding of a member");
  Expect(ParseChangedCard([](auto& c) { AddUnknown(c.mutable_institutions(0)); }), Code::kMalformed,
         "card: not the one encoding of an institution");
  Expect(ParseChangedCard([](auto& c) { AddUnknown(c.mutable_recipients(3)); }), Code::kMalformed,
         "card: not the one encoding of a recipient");
  Expect(ParseChangedCard([](auto& c) { AddUnknown(c.mutable_evidence()); }), Code::kMalformed,
         "card: not the one encoding of evidence");
}

TEST_F(CardBytes, CardListsAreCutOffAtTheirLimit) {
  Expect(ParseChangedCard([](auto& c) {
           for (std::size_t i = 0; i < kMaxMembers; ++i) {
             *c.add_members() = c.members(0);
           }
         }),
         Code::kTooLarge, "card: a list is too long");
  Expect(ParseChangedCard([](auto& c) {
           for (std::size_t i = 0; i <= kMaxEvidenceItems; ++i) {
             c.mutable_evidence()->add_revocation_lists("x");
           }
         }),
         Code::kTooLarge, "card: a list is too long");
}

TEST_F(CardBytes, OverTheLimitAreRefusedBeforeTheyAreReadAndNotWritten) {
  EXPECT_EQ(ParseCard(Bytes(kMaxCardBytes + 1)).error().code(), Code::kTooLarge);
  EXPECT_NE(ParseCard(Bytes(kMaxCardBytes)).error().code(), Code::kTooLarge);
  card_.evidence.revocation_lists = {Bytes(kMaxCardBytes, 1)};
  EXPECT_EQ(SerializeCard(card_).error().code(), Code::kTooLarge);
}

TEST_F(CardBytes, ThatBreakARuleAreNeitherWrittenNorRead) {
  Card broken = card_;
  broken.recipients.pop_back();
  const auto written = SerializeCard(broken);
  ASSERT_FALSE(written.ok());
  Expect(ParseChangedCard([](auto& card) { card.mutable_recipients()->RemoveLast(); }),
         written.error().code(), written.error().where());
  Expect(ParseChangedCard([](auto& card) { card.clear_policy(); }), Code::kMalformed,
         "policy: length");
}

TEST_F(CardBytes, CutAnywhereAreRefused) {
  const Bytes bytes = SerializeCard(card_).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseCard(ByteView(bytes).first(size)).ok()) << size;
  }
}

}  // namespace
}  // namespace renkei::thread
