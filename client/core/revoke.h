// Cutting off a device that is lost or stolen, everybody's who has left, an institution that has
// closed (README "A lost device"): whoever certified them signs a revocation list
// (crypto/pki/revocation.h) and publishes it. The relay ends their connections at once and takes
// no more of them; every member's device takes them out of a case before it seals anything there
// again (commit.h). For ever: who is to come back joins anew. One thread.
//
// What they hold they can still read. Archive keys are not exchanged.
#ifndef RENKEI_CLIENT_CORE_REVOKE_H_
#define RENKEI_CLIENT_CORE_REVOKE_H_

#include <optional>
#include <vector>

#include "client/core/session.h"
#include "crypto/pki/revocation.h"
#include "crypto/thread/names.h"

namespace renkei::client {

class Revoking {
 public:
  explicit Revoking(const Environment& environment) : environment_(environment) {}

  // Every device in the directory as it was last synced, by institution, person and age. Errors as
  // the vault's.
  Result<std::vector<DeviceView>> Devices();

  // From now on nothing counts that the person's device is certified for (all of their devices
  // without `device`). Returns those that were not revoked before.
  //   kDenied       this vault is not of an administrator of the person's institution
  //   kMalformed    one of them is this very device: another administrator has to
  //   kNotFound     no such device in the directory
  //   kConflict     they are revoked already
  //   kUnavailable  it may have been published; do it again. Or the relay says that it was and
  //   gives it
  //                 to nobody: then this device knows of it, and doing it again offers it again
  Result<std::vector<DeviceId>> RevokeDevices(const thread::PersonRef& person,
                                              const std::optional<DeviceId>& device,
                                              pki::RevocationReason reason);
  // The same for everybody of an institution, by the region's operator. kMalformed: their own.
  Status RevokeInstitution(const InstitutionId& institution);

 private:
  Environment environment_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_REVOKE_H_
