// Becoming somebody: founding a region, inviting, joining, approving, linking a device
// (design: crypto/README.md "Invitation", "Join request", "Link"). One thread.
#ifndef RENKEI_CLIENT_CORE_ENROLMENT_H_
#define RENKEI_CLIENT_CORE_ENROLMENT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/core/session.h"

namespace renkei::client {

// Files that make a data directory into this region's relay: name -> content. The caller writes
// them (0600, atomically); the relay reads them (server/README.md "Files").
// The last one makes the folder complete.
struct RelayFile {
  std::string name;
  SecretBytes content;
};

struct Region {
  RegionId id;
  std::vector<RelayFile> relay_files;
};

// What an invitation leads to.
enum class JoinState : std::uint8_t {
  kNone,                // this vault is not joining
  kWaitingForLink,      // a device: the first device must come online
  kWaitingForApproval,  // the operator or administrator must approve
  kJoined,
};

struct ApprovalReport {
  struct Item {
    std::string name;  // person or institution; empty for a device
    std::string profession;
    std::string what;  // "institution", "staff", "device"
    bool approved = false;
    std::optional<Error> problem{};  // when it was not
  };
  std::vector<Item> items;
};

// Whether a code can be read and has not expired, before a vault is made for it. kMalformed:
// mistyped or altered; kUnsupported: of a newer version; kStaleEpoch: expired.
Status CheckCode(std::string_view code, Millis now);

class Enrolment {
 public:
  explicit Enrolment(const Environment& environment) : environment_(environment) {}

  // Operator: root, issuing CA, the operator's own institution, person and device; everything into
  // the vault, the relay's files too until FinishRegion. Of a founding that was interrupted before
  // that it returns the region as it was made. kConflict: the vault has an identity already;
  // kMalformed: not an address, or a name that no certificate can hold.
  Result<Region> InitRegion(std::string_view relay_address, std::string_view name);
  // The region whose founding was interrupted. Errors as the vault's.
  Result<std::optional<Region>> UnfinishedRegion();
  // The relay's files are where they belong: the vault forgets the relay's keys.
  Status FinishRegion();

  // Operator -> code for an institution's first person. `kind`: name in crypto/pki's table.
  // kDenied: not the operator's vault. kMalformed: unknown kind.
  Result<std::string> InviteInstitution(std::string_view name, std::string_view kind);
  // Administrator -> code for a colleague. kDenied: this vault holds no institution CA.
  Result<std::string> InviteStaff(std::string_view name, std::string_view profession);
  // Any joined person -> code for another device of their own.
  Result<std::string> InviteDevice();

  // Takes a code into an empty vault and sends the request; again, if the same join was
  // interrupted. `name` and `profession` are needed except for a device. kMalformed: mistyped or
  // altered code; kNotFound: the relay does not know it; kConflict: used already; kStaleEpoch:
  // expired; kAuthFailed: the relay is not that region's.
  Status Join(std::string_view code, std::string_view name, std::string_view profession);
  // Asks whether the approval has come and, if so, finishes joining (verifies everything, takes
  // over certificates and keys, publishes key packages). kUnavailable: nothing changed.
  Result<JoinState> FinishJoin();

  // What the vault knows of it without asking the relay. kNone only if it surely holds nothing:
  // what cannot be read may be somebody.
  JoinState PendingState();

  // Signs every waiting request whose invitation secret matches; links own new devices; certifies
  // linked devices of the own institution (these two, Session::Sync and Watch do as well). `only`:
  // request names to approve, empty: all.
  Result<ApprovalReport> ApproveWaiting(const std::optional<std::string>& only);

 private:
  Environment environment_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_ENROLMENT_H_
