// The part of Directory that deals with revocation lists and with the paths of callers.
#include <algorithm>

#include "server/core/directory.h"
#include "server/core/watch_hub.h"

namespace renkei::server {
namespace {

// Revocation is for ever, and only the newest list is kept: one that left somebody out would let
// them in again with the next start.
bool NamesAllOf(const pki::RevocationList& list, ByteView held_der) {
  const auto held = pki::RevocationList::Parse(held_der);
  const auto by_serial = [](const pki::Revocation& a, const pki::Revocation& b) {
    return a.serial < b.serial;
  };
  return held.ok() &&
         std::includes(list.fields().revoked.begin(), list.fields().revoked.end(),
                       held->fields().revoked.begin(), held->fields().revoked.end(), by_serial);
}

}  // namespace

bool Directory::IsRevoked(const pki::Certificate& certificate) const {
  const std::shared_lock lock(revoked_mutex_);
  return revoked_.Find(certificate).has_value();
}

Result<pki::VerifiedIdentity> Directory::VerifyDevice(const pki::Certificate& leaf,
                                                      std::span<const pki::Certificate> sent,
                                                      Millis at) const {
  // A resumed TLS session carries the leaf only; the directory knows its CA then.
  RENKEI_ASSIGN(pki::Certificate institution, IssuerOf(leaf.issuer_key_id(), sent));
  const std::vector<pki::Certificate> path = {std::move(institution), trust_.issuing};
  const std::shared_lock lock(revoked_mutex_);
  for (const pki::Certificate& certificate : path) {
    if (revoked_.Find(certificate)) {
      return Error(Code::kAuthFailed, "caller: revoked");
    }
  }
  if (revoked_.Find(leaf)) {
    return Error(Code::kAuthFailed, "caller: revoked");
  }
  return trust_.verifier.Verify(leaf, path, at, pki::CertRole::kDeviceTls, &revoked_);
}

void Directory::PublishRevocations(const Caller& caller, ByteView list,
                                   const Reply<RevocationOutcome>& reply) {
  auto parsed = pki::RevocationList::Parse(list);
  if (!parsed.ok()) {
    audit_.NoteRefusal(EventOf(caller, "directory.revoke", "bad list"));
    return reply(RevocationOutcome(RevocationRefusal::kBadList));
  }
  auto issuer = IssuerOf(parsed->fields().issuer_key_id, {});
  const bool is_store_fault = !issuer.ok() && issuer.error().code() != Code::kAuthFailed;
  if (is_store_fault) {
    return reply(issuer.error());
  }
  if (!issuer.ok() || !pki::VerifyCrl(*parsed, *issuer).ok()) {
    audit_.NoteRefusal(EventOf(caller, "directory.revoke", "bad list"));
    return reply(RevocationOutcome(RevocationRefusal::kBadList));
  }
  const InstitutionId owner = issuer->role() == pki::CertRole::kInstitution
                                  ? issuer->ids().institution
                                  : trust_.operator_institution;
  if (owner != caller.person.institution) {
    audit_.NoteRefusal(EventOf(caller, "directory.revoke", "not allowed"));
    return reply(Error(Code::kDenied, "revocation: another institution's list"));
  }
  auto outcome = std::make_shared<RevocationOutcome>();
  store_.Write(
      [this, caller, list = *parsed, outcome](WriteTransaction& transaction) -> Status {
        RENKEI_ASSIGN(*outcome, AddList(transaction, caller, list));
        return Ok();
      },
      [this, list = *parsed, issuer = *issuer, outcome, reply](const Status& status) {
        if (!status.ok()) {
          return reply(status.error());
        }
        if (std::holds_alternative<std::uint64_t>(*outcome)) {
          KeepList(list, issuer);
          hub_.CutInvalid();
          hub_.DirectoryChanged();
        }
        reply(*outcome);
      });
}

Result<RevocationOutcome> Directory::AddList(WriteTransaction& transaction, const Caller& caller,
                                             const pki::RevocationList& list) const {
  const pki::KeyId issuer = list.fields().issuer_key_id;
  RENKEI_ASSIGN(const std::optional<RevocationRow> held, transaction.FindRevocations(issuer));
  if (held && held->der == list.der()) {
    RENKEI_ASSIGN(const std::uint64_t newest, transaction.DirectoryPosition());
    return RevocationOutcome(newest);
  }
  if (held && held->number >= list.fields().number) {
    return RevocationOutcome(RevocationRefusal::kOlder);
  }
  if (held && !NamesAllOf(list, held->der)) {
    RENKEI_TRY(audit_.Add(transaction, EventOf(caller, "directory.revoke", "leaves out")));
    return RevocationOutcome(RevocationRefusal::kBadList);
  }
  RENKEI_ASSIGN(const std::uint64_t position,
                transaction.AddRevocations({issuer, list.fields().number, list.der()}));
  RENKEI_TRY(audit_.Add(transaction, EventOf(caller, "directory.revoke", "done")));
  return RevocationOutcome(position);
}

void Directory::KeepList(const pki::RevocationList& list, const pki::Certificate& issuer) {
  {
    const std::lock_guard lock(revoked_mutex_);
    // Older than what is held (two came at once): what is held already says it.
    (void)revoked_.Add(list, issuer);
  }
  revocation_count_.fetch_add(1);
}

}  // namespace renkei::server
