// Who calls: what a verified device TLS certificate says. Value; any thread.
#ifndef RENKEI_SERVER_CORE_CALLER_H_
#define RENKEI_SERVER_CORE_CALLER_H_

#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/thread/names.h"

namespace renkei::server {

struct Caller {
  thread::PersonRef person;
  DeviceId device;
  Hash32 certificate{};    // fingerprint of the TLS certificate
  bool published = false;  // the certificate is in the directory; Directory.Publish needs no more
                           // than a chain
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_CALLER_H_
