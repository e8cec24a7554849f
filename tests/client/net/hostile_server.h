// Servers that hold a relay's certificate, or none, and answer what no relay would.
#ifndef RENKEI_TESTS_CLIENT_NET_HOSTILE_SERVER_H_
#define RENKEI_TESTS_CLIENT_NET_HOSTILE_SERVER_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "tests/support/region.h"

namespace renkei::test {

// gRPC over TLS 1.3: every call is answered with these bytes as the message, or with this status if
// it is not OK.
class AnsweringServer {
 public:
  AnsweringServer(Region& region, std::string answer, grpc::Status status = grpc::Status::OK);
  ~AnsweringServer();
  AnsweringServer(const AnsweringServer&) = delete;
  AnsweringServer& operator=(const AnsweringServer&) = delete;

  std::string Address() const;
  // How long the last call had before it would have been given up, when it came here.
  std::chrono::milliseconds TimeOfLast() const;

 private:
  class Service;

  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// TCP without TLS: takes one connection, says something, closes.
class RudeServer {
 public:
  explicit RudeServer(std::string greeting);
  ~RudeServer();
  RudeServer(const RudeServer&) = delete;
  RudeServer& operator=(const RudeServer&) = delete;

  std::string Address() const;

 private:
  std::string greeting_;
  int port_ = 0;  // before the listener, which sets it
  int listener_ = -1;
  std::thread thread_;
};

// Loopback, with nobody there.
std::string NobodysAddress();

}  // namespace renkei::test

#endif  // RENKEI_TESTS_CLIENT_NET_HOSTILE_SERVER_H_
