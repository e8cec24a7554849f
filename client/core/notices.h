// What a sync says once, in a sentence, and does not keep: trust.h has what stays true. Constants;
// any thread.
#ifndef RENKEI_CLIENT_CORE_NOTICES_H_
#define RENKEI_CLIENT_CORE_NOTICES_H_

#include <cstdint>
#include <string>

#include "crypto/base/result.h"

namespace renkei::client {

// Dense from 1, so that a test can walk through them; not stored.
enum class Said : std::uint8_t {
  kRemoved = 1,         // the person is no member any more
  kCertificateMissing,  // the relay does not deliver one that a case needs
  kCaseNotSynced,       // one case failed, the others went on
  kDevicesNotServed,    // requests of new devices could not be looked at
  kRelayRestored,       // the relay was restored from a backup; it has all that is here
  kCaseClosed,          // a steward ended a case
  kCaseReopened,        // and let it go on
  kDeletionAnnounced,   // the relay will delete one in a month
  kCaseDeleted,         // and has
};

// What happened, what was kept, what to do.
const char* NoticeText(Said said);
// The same with the literal of the error behind it, as "<sentence> [<literal>]": for whoever is
// asked for help.
std::string NoticeText(Said said, const Error& error);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_NOTICES_H_
