// The directory as this vault holds it: certificates whose chains led to the region's root, the
// people and institutions they name, archive keys, revocations. The relay only delivers; everything
// is verified here. One thread.
#ifndef RENKEI_CLIENT_CORE_DIRECTORY_H_
#define RENKEI_CLIENT_CORE_DIRECTORY_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "client/core/certificates.h"
#include "client/core/relay.h"
#include "client/core/vault.h"
#include "client/core/views.h"
#include "crypto/pki/revocation.h"
#include "crypto/seal/envelope.h"

namespace renkei::client {

class Directory final : public CertificateSource {
 public:
  // `root_der` from the identity. kCorrupt: the root or a row is damaged.
  static Result<std::unique_ptr<Directory>> Open(Vault& vault, ByteView root_der);

  // Fetches what changed and takes over what verifies; the rest is left out, it is of no use to
  // anybody. True if anything was new. One transaction of its own.
  Result<bool> Sync(Relay& relay, Millis now);
  // Takes over certificates and lists that did not come through Sync (a join's own), in the
  // caller's transaction.
  Status Take(const std::vector<Bytes>& certificates, const std::vector<Bytes>& lists, Millis now);

  Result<std::optional<KnownCertificate>> Find(const Hash32& fingerprint) const override;
  Certificates& certificates() { return *certificates_; }
  const pki::RevocationSet& revoked() const { return revoked_; }
  // False: no list names anything, nothing needs to be looked up in them.
  bool AnyRevoked() const { return any_revoked_; }
  // Lists that revoke `certificate` or one of its issuers: evidence for a removal.
  std::vector<Bytes> ListsAgainst(const KnownCertificate& known) const;

  // From when on it, or one of its issuers, counts as revoked.
  std::optional<Millis> RevokedAt(const KnownCertificate& known) const;

  // Every certificate held that `wanted` says yes to. kCorrupt: a row is damaged.
  Result<std::vector<pki::Certificate>> Select(
      const std::function<bool(const pki::Certificate&)>& wanted) const;
  // By institution's name, then person's.
  Result<std::vector<PersonView>> People() const;
  Result<std::optional<PersonView>> FindPerson(const thread::PersonRef& person) const;
  // By id, by name, or by "institution/name". kNotFound, kConflict.
  Result<PersonView> FindPerson(std::string_view text) const;
  // Its name; empty if not known.
  Result<std::string> InstitutionName(const InstitutionId& institution) const;

  // The newest archive key that is not revoked (of the institution itself without `person`), as
  // verified at `now`. kNotFound: none known.
  Result<seal::ArchiveKeyRef> ArchiveKeyOf(const InstitutionId& institution,
                                           const std::optional<PersonId>& person, Millis now) const;
  // The archive key of a card's recipient. kNotFound: not known here.
  Result<seal::ArchiveKeyRef> ArchiveKeyByHash(const Hash32& key_id) const;
  // The relay's signing key, if the directory has its certificate and it is valid at `at`.
  Result<std::optional<PublicKey>> RelayKey(Millis at) const;

 private:
  explicit Directory(Vault& vault) : vault_(vault) {}

  // To a relay that was restored from a backup: what it lacks of our own institution.
  // `certificates`, `lists`: all that it has. kUnavailable and the like: call again
  // (directory_restored.cc).
  Status GiveBack(Relay& relay, const std::vector<Bytes>& certificates,
                  const std::vector<Bytes>& lists);
  Result<bool> TakeCertificate(const pki::Certificate& certificate, Millis now);
  Status TakeNames(const pki::VerifiedIdentity& identity, const pki::Certificate& certificate);
  Status TakeList(ByteView der, bool save);
  Status LoadLists();
  Result<std::optional<KnownCertificate>> FindIssuer(const pki::KeyId& key_id) const;

  Vault& vault_;
  std::unique_ptr<Certificates> certificates_;
  pki::RevocationSet revoked_;
  bool any_revoked_ = false;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_DIRECTORY_H_
