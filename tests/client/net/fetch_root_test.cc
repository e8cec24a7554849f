// Learning a region's root from whoever answers: only the fingerprint is believed.
#include "client/net/fetch_root.h"

#include <csignal>

#include "tests/client/net/hostile_server.h"
#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

class FetchRoot : public LiveRelay {
 protected:
  const Bytes& Root() { return world.region().root().certificate().der(); }
  Code Failure(const std::string& address, const Hash32& fingerprint) {
    const auto fetched = client::FetchRootCertificate(address, fingerprint);
    EXPECT_FALSE(fetched.ok());
    return fetched.ok() ? Code::kInternal : fetched.error().code();
  }
};

TEST_F(FetchRoot, TheRelaysRootIsFoundByItsFingerprint) {
  const auto fetched = client::FetchRootCertificate(Address(), Sha256(Root()));
  ASSERT_TRUE(fetched.ok()) << fetched.error().where();
  EXPECT_EQ(*fetched, Root());
}

TEST_F(FetchRoot, AnotherFingerprintIsAnotherRegionOrAnImpostor) {
  Hash32 other = Sha256(Root());
  other[0] ^= 1;
  EXPECT_EQ(Failure(Address(), other), Code::kAuthFailed);
}

TEST_F(FetchRoot, AnImpostorsRootOfTheSameNameIsNotTaken) {
  Region impostor(99, "ひがし地区医師会", clock.Now() - Days(1));
  const AnsweringServer other(impostor, "");
  EXPECT_EQ(Failure(other.Address(), Sha256(Root())), Code::kAuthFailed);
}

TEST_F(FetchRoot, NobodyThereOrNoTlsIsUnreachable) {
  // As in a shell: CTest starts its tests with this signal ignored.
  struct sigaction before {};
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  ASSERT_EQ(sigaction(SIGPIPE, &usual, &before), 0);
  EXPECT_EQ(Failure(NobodysAddress(), Sha256(Root())), Code::kUnavailable);
  const RudeServer web("HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(Failure(web.Address(), Sha256(Root())), Code::kUnavailable);
  const RudeServer silent("");
  EXPECT_EQ(Failure(silent.Address(), Sha256(Root())), Code::kUnavailable);
  ASSERT_EQ(sigaction(SIGPIPE, &before, nullptr), 0);
}

TEST_F(FetchRoot, WhatIsNoAddressIsNotDialled) {
  for (const char* address : {"", "127.0.0.1:"}) {
    EXPECT_FALSE(client::FetchRootCertificate(address, Sha256(Root())).ok()) << address;
  }
}

}  // namespace
}  // namespace renkei::test
