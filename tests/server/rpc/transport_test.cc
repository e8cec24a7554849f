// What only the settings decide; that a peer needs TLS 1.3 and a good certificate is access_test's.
#include "server/rpc/transport.h"

#include <grpcpp/generic/async_generic_service.h>
#include <gtest/gtest.h>

#include "crypto/pki/pem.h"
#include "server/rpc/tls_identity.h"
#include "tests/support/relay_world.h"

namespace renkei::test {
namespace {

class Transport : public ::testing::Test {
 protected:
  std::unique_ptr<grpc::Server> Listen(const std::string& address, int& port) {
    grpc::ServerBuilder builder;
    server::ConfigureTransport(builder, address, tls.MakeCredentials(), port);
    builder.RegisterCallbackGenericService(&service);
    return builder.BuildAndStart();
  }

  RelayWorld world{7, SystemClock().Now() - Days(1)};
  Leaf leaf = world.region().AddRelay(pki::CertRole::kRelayTls);
  server::TlsIdentity tls{pki::ToPem(world.region().root().certificate()),
                          pki::ToPem(leaf.certificate), pki::PrivateKeyPem(leaf.key)};
  grpc::CallbackGenericService service;
};

TEST_F(Transport, SaysWhichPortItTook) {
  int port = 0;
  const auto server = Listen("127.0.0.1:0", port);
  ASSERT_NE(server, nullptr);
  EXPECT_GT(port, 0);
}

// Two relays on one port would each take half of the connections unseen.
TEST_F(Transport, APortIsTakenOnce) {
  int port = 0;
  const auto server = Listen("127.0.0.1:0", port);
  ASSERT_NE(server, nullptr);
  server::TlsIdentity same(pki::ToPem(world.region().root().certificate()),
                           pki::ToPem(leaf.certificate), pki::PrivateKeyPem(leaf.key));
  grpc::CallbackGenericService other;
  int second = 0;
  grpc::ServerBuilder builder;
  server::ConfigureTransport(builder, "127.0.0.1:" + std::to_string(port), same.MakeCredentials(),
                             second);
  builder.RegisterCallbackGenericService(&other);
  EXPECT_EQ(builder.BuildAndStart(), nullptr);
  EXPECT_EQ(second, 0);
}

}  // namespace
}  // namespace renkei::test
