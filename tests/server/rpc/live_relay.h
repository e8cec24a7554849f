// A real relay in this process: SQLite in a folder of its own, gRPC over loopback with real
// certificates, and channels of devices to it.
#ifndef RENKEI_TESTS_SERVER_RPC_LIVE_RELAY_H_
#define RENKEI_TESTS_SERVER_RPC_LIVE_RELAY_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "renkei/relay/v1/alerts.grpc.pb.h"
#include "renkei/relay/v1/directory.grpc.pb.h"
#include "renkei/relay/v1/enrolment.grpc.pb.h"
#include "renkei/relay/v1/envelopes.grpc.pb.h"
#include "renkei/relay/v1/mailbox.grpc.pb.h"
#include "renkei/relay/v1/threads.grpc.pb.h"
#include "server/region_files.h"
#include "server/rpc/grpc_server.h"
#include "server/store/sqlite_store.h"
#include "tests/support/relay_request.h"
#include "tests/support/temp_folder.h"

namespace renkei::test {

namespace v1 = relay::v1;

std::shared_ptr<grpc::Channel> ConnectAs(const Region& trusted, const std::string& address,
                                         const std::string& chain_pem, const std::string& key_pem,
                                         grpc::ChannelArguments arguments = {});

class LiveRelay : public ::testing::Test {
 protected:
  LiveRelay();
  void SetUp() override { Start(); }
  void TearDown() override { Stop(); }

  void Start(const server::AdmissionLimits& limits = {});
  void Stop();
  void PublishAll() { world.PublishAll(*relay); }
  std::string Address() const;
  // With the device's TLS certificate.
  std::shared_ptr<grpc::Channel> ChannelOf(const Handset& handset,
                                           const grpc::ChannelArguments& arguments = {});
  std::shared_ptr<grpc::Channel> ChannelWithoutCertificate();

  RelayWorld world;
  TempFolder folder{"renkei-relay"};
  SystemClock clock;
  // From the next Start() on.
  server::Meter* meter = nullptr;
  server::ConnectionLimits connections;
  server::TransportBounds transport;
  server::ReaderShares unread;
  SystemRandom random;
  std::unique_ptr<server::SqliteStore> store;
  std::unique_ptr<server::Relay> relay;
  std::unique_ptr<server::GrpcServer> server;
};

// What google.rpc.RetryInfo in the status says, if it is there.
std::optional<Millis> RetryDelayOf(const grpc::Status& status);

// Calls that give up after a while instead of hanging the test.
std::unique_ptr<grpc::ClientContext> Context();

struct Called {
  grpc::StatusCode code;
  std::string response;
};
// One message there and one back, of a service of gRPC's own, without its .proto.
Called CallByHand(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                  const std::string& bytes);
// Which services there are, of gRPC's reflection.
Called AskForServices(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_RPC_LIVE_RELAY_H_
