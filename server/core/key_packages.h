// MLS key packages waiting to be used. The relay cannot read them; whoever claims one checks it.
// The last one of a device stays and is handed out again, so that nobody can exhaust them to keep
// a device out of a case; it is replaced by the next upload.
#ifndef RENKEI_SERVER_CORE_KEY_PACKAGES_H_
#define RENKEI_SERVER_CORE_KEY_PACKAGES_H_

#include "server/core/audit.h"
#include "server/core/directory.h"
#include "server/core/reply.h"

namespace renkei::server {

struct ClaimedKeyPackage {
  PersonRef person;
  DeviceId device;
  Bytes key_package;
};

// Any thread.
class KeyPackages {
 public:
  KeyPackages(Store& store, const Clock& clock, const Audit& audit, Directory& directory)
      : store_(store), clock_(clock), audit_(audit), directory_(directory) {}

  // For the caller's device: 1..kMaxKeyPackages, each 1..kMaxKeyPackageBytes; the reply: how many
  // wait now. kMalformed, kTooLarge; kThrottled: kMaxWaitingKeyPackages wait already.
  void Upload(const Caller& caller, std::vector<Bytes> key_packages,
              const Reply<std::uint32_t>& reply);
  // For each device of each person one, if it has any and is not revoked.
  // Of each person 64 KiB, so that one with very many devices neither makes an answer that no
  // client takes nor leaves the others without theirs; devices over it are left out, and keep
  // theirs. persons: 1..kMaxClaimedPersons, no duplicate, else kMalformed.
  void Claim(const Caller& caller, std::vector<PersonRef> persons,
             const Reply<std::vector<ClaimedKeyPackage>>& reply);

 private:
  Status ClaimFor(WriteTransaction& transaction, const PersonRef& person,
                  std::vector<ClaimedKeyPackage>& out) const;

  Store& store_;
  const Clock& clock_;
  const Audit& audit_;
  Directory& directory_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_KEY_PACKAGES_H_
