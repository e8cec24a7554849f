// What enrolment keeps in the vault between two commands: invitations made, and a join under way
// (client/core/README.md "Tables": kEnrolment, kKeys). Functions on a vault; one thread.
#ifndef RENKEI_CLIENT_CORE_ENROLMENT_STORE_H_
#define RENKEI_CLIENT_CORE_ENROLMENT_STORE_H_

#include <optional>
#include <string>

#include "client/core/certify.h"
#include "client/core/vault.h"
#include "crypto/seal/invitation.h"

namespace renkei::client {

// An invitation that this vault has made.
struct MadeInvitation {
  seal::InvitationPurpose purpose = seal::InvitationPurpose::kStaff;
  TicketId ticket;
  InstitutionId institution;
  PersonId person;
  std::string name;    // of the institution or person invited; empty for a device
  std::string detail;  // kind of institution or profession, certificate's spelling
  Millis expires_at;
  bool linked = false;  // a device: the link signature was attached
  SecretBytes secret;
};

// In the caller's transaction. Errors of all: as Vault's; kCorrupt for a damaged row.
Status SaveInvitation(Vault& vault, const MadeInvitation& invitation);
Result<std::optional<MadeInvitation>> LoadInvitation(Vault& vault, const TicketId& ticket);
Status EraseInvitation(Vault& vault, const TicketId& ticket);

// A join under way: what was asked of whom, and the private keys.
struct PendingJoin {
  seal::InvitationPurpose purpose = seal::InvitationPurpose::kStaff;
  TicketId ticket{};
  RegionId region{};
  Bytes root_der{};
  std::string relay_address{};
  InstitutionId institution{};
  PersonId person{};
  Hash32 institution_key_hash{};
  std::string name{};
  std::string profession{};
  Bytes signed_request{};
  bool submitted = false;
  NewKeys keys;
  std::optional<SigningKey> institution_key{};  // an institution's first person
  SecretBytes institution_archive{};            // likewise
};

Status SavePendingJoin(Vault& vault, const PendingJoin& join);
Status MarkSubmitted(Vault& vault);
Result<std::optional<PendingJoin>> LoadPendingJoin(Vault& vault);
Status ErasePendingJoin(Vault& vault);

// Certificates of ours that the relay does not have yet (Directory.Publish), a mark in kMeta.
Status MarkUnpublished(Vault& vault, bool unpublished);
Result<bool> IsUnpublished(Vault& vault);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_ENROLMENT_STORE_H_
