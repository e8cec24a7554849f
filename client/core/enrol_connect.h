// Connections for enrolment: as somebody certified, and as somebody who is not yet. One thread.
#ifndef RENKEI_CLIENT_CORE_ENROL_CONNECT_H_
#define RENKEI_CLIENT_CORE_ENROL_CONNECT_H_

#include <memory>
#include <string_view>

#include "client/core/identity.h"
#include "client/core/session.h"

namespace renkei::client {

// host:port with a port of 1..65535, 3..255 bytes, no spaces. kMalformed otherwise.
Status CheckRelayAddress(std::string_view address);

// With the device certificate. Certificates that the relay does not have yet are published first,
// once (the operator's, an institution's first person's). Errors as Relay's calls.
Result<std::unique_ptr<Relay>> ConnectAs(const Environment& environment, const Identity& identity);

// Publishes the device's certificates and the institution's CA. kDenied: the relay refuses them.
Status PublishOwn(Relay& relay, const Identity& identity);

// Without a certificate: only SubmitRequest and GetApproval work.
Result<std::unique_ptr<Relay>> ConnectUncertified(const Environment& environment,
                                                  std::string_view address, ByteView root_der,
                                                  const RegionId& region);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_ENROL_CONNECT_H_
