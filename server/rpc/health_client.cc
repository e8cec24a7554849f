#include "server/rpc/health_client.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <vector>

namespace renkei::server {
namespace {

constexpr const char* kCheck = "/grpc.health.v1.Health/Check";
constexpr std::uint8_t kServiceField = 0x0a;  // HealthCheckRequest.service: field 1, a string
constexpr std::uint8_t kStatusField = 0x08;   // HealthCheckResponse.status: field 1, an enum
constexpr std::uint8_t kServing = 1;
constexpr std::size_t kMaxServiceBytes = 127;  // its length is one byte then

// grpc.health.v1 by hand: its generated code is in no package.
grpc::ByteBuffer RequestFor(const std::string& service) {
  std::string bytes;
  if (!service.empty()) {
    bytes.push_back(static_cast<char>(kServiceField));
    bytes.push_back(static_cast<char>(service.size()));
    bytes += service;
  }
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

HealthAnswer AnswerOf(const grpc::ByteBuffer& response) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (response.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  const bool is_serving = bytes.size() == 2 &&
                          static_cast<std::uint8_t>(bytes[0]) == kStatusField &&
                          static_cast<std::uint8_t>(bytes[1]) == kServing;
  return is_serving ? HealthAnswer::kServing : HealthAnswer::kNotServing;
}

}  // namespace

HealthClient::HealthClient(const std::string& address, const std::string& root_pem,
                           const std::string& dns_name) {
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = root_pem;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(dns_name);
  channel_ = grpc::CreateCustomChannel(address, grpc::SslCredentials(ssl), arguments);
}

HealthClient::~HealthClient() = default;

HealthAnswer HealthClient::Ask(const std::string& service, Millis limit) const {
  if (service.size() > kMaxServiceBytes) {
    return HealthAnswer::kUnknown;
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(limit.value));
  grpc::GenericStub stub(channel_);
  grpc::CompletionQueue queue;
  auto call = stub.PrepareUnaryCall(&context, kCheck, RequestFor(service), &queue);
  grpc::ByteBuffer response;
  grpc::Status status;
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  (void)queue.Next(&tag, &ok);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    return HealthAnswer::kUnknown;
  }
  return status.ok() ? AnswerOf(response) : HealthAnswer::kNoAnswer;
}

}  // namespace renkei::server
