#include "crypto/mls/group_context.h"

#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(GroupContexts, AreCanonical) {
  test::ExpectCanonicalAndEqual(test::ExampleGroupContext());
}

TEST(GroupContexts, OtherSuitesAndVersionsDecodeUnchanged) {
  GroupContext context = test::ExampleGroupContext();
  context.version = static_cast<ProtocolVersion>(9);
  context.cipher_suite = static_cast<CipherSuite>(9);
  test::ExpectCanonicalAndEqual(context);
}

}  // namespace
}  // namespace renkei::mls
