#include "client/core/enrol_connect.h"

#include <algorithm>
#include <charconv>

#include "client/core/enrolment_store.h"
#include "renkei/relay/v1/directory.pb.h"

namespace renkei::client {
namespace {

namespace v1 = relay::v1;

constexpr std::size_t kMinAddressBytes = 3;
constexpr std::size_t kMaxAddressBytes = 255;
constexpr unsigned kMaxPort = 65535;

}  // namespace

Status PublishOwn(Relay& relay, const Identity& identity) {
  v1::PublishRequest request;
  // The institution's CA first, because the others are verified under it; the region's own
  // certificates are the relay's already.
  request.add_certificates(ToString(identity.chain.front()));
  for (const Bytes* leaf :
       {&identity.signing_certificate, &identity.device_certificate, &identity.tls_certificate}) {
    request.add_certificates(ToString(*leaf));
  }
  for (const auto* keys : {&identity.person_archive_keys, &identity.institution_archive_keys}) {
    for (const ArchiveKey& key : *keys) {
      request.add_certificates(ToString(key.certificate));
    }
  }
  RENKEI_ASSIGN(const auto response, relay.Publish(request));
  if (response.outcome_case() != v1::PublishResponse::kPublished) {
    return Error(Code::kDenied, "the relay does not accept this device's certificates");
  }
  return Ok();
}

Status CheckRelayAddress(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (address.size() < kMinAddressBytes || address.size() > kMaxAddressBytes ||
      colon == std::string_view::npos || colon == 0 ||
      std::any_of(address.begin(), address.end(), [](char c) { return c <= ' ' || c > '~'; })) {
    return Error(Code::kMalformed, "the relay's address is not HOST:PORT");
  }
  unsigned port = 0;
  const char* end = address.data() + address.size();
  const auto [rest, problem] = std::from_chars(address.data() + colon + 1, end, port);
  if (problem != std::errc() || rest != end || port == 0 || port > kMaxPort) {
    return Error(Code::kMalformed, "the relay's address is not HOST:PORT");
  }
  return Ok();
}

Result<std::unique_ptr<Relay>> ConnectAs(const Environment& environment, const Identity& identity) {
  RENKEI_ASSIGN(const RelayEndpoint endpoint, EndpointOf(identity));
  RENKEI_ASSIGN(auto relay, environment.connector.Connect(endpoint));
  RENKEI_ASSIGN(const bool unpublished, IsUnpublished(environment.vault));
  if (unpublished) {
    RENKEI_TRY(PublishOwn(*relay, identity));
    RENKEI_TRY(MarkUnpublished(environment.vault, false));
  }
  return relay;
}

Result<std::unique_ptr<Relay>> ConnectUncertified(const Environment& environment,
                                                  std::string_view address, ByteView root_der,
                                                  const RegionId& region) {
  RelayEndpoint endpoint;
  endpoint.address = address;
  endpoint.root_der = ToBytes(root_der);
  endpoint.region = region;
  return environment.connector.Connect(endpoint);
}

}  // namespace renkei::client
