#include "crypto/mls/proposal.h"

#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(ProposalTypes, EveryTypeIsCanonicalAndKnowsItsNumber) {
  std::uint16_t number = 1;
  for (const Proposal& proposal : test::ExampleProposals()) {
    EXPECT_EQ(static_cast<std::uint16_t>(proposal.type()), number++);
    test::ExpectCanonicalAndEqual(proposal);
  }
  EXPECT_EQ(number, 8);
}

TEST(ProposalTypes, UnknownTypeIsUnsupported) {  // RFC 9420 §12.2, §13.5
  for (const char* bytes : {"000000000005", "000800000005", "0a0a00000005", "f00100000005"}) {
    EXPECT_EQ(test::ParseError<Proposal>(FromHex(bytes).value()), Code::kUnsupported) << bytes;
  }
}

TEST(ProposalTypes, RemoveIsSixBytes) {
  EXPECT_EQ(ToHex(wire::Serialize(Proposal{Remove{LeafIndex{5}}})), "000300000005");
}

TEST(ProposalTypes, ReferenceIsCanonical) {
  test::ExpectCanonicalAndEqual(ProposalRef{test::Filler(32, 1)});
}

TEST(ProposalTypes, RepeatedGroupContextExtensionIsMalformed) {  // RFC 9420 §13.4
  const Extension extension = MakeExtension(ExternalPub{{1}});
  const Proposal proposal{GroupContextExtensions{{extension, extension}}};
  EXPECT_EQ(test::ParseError<Proposal>(wire::Serialize(proposal)), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::mls
