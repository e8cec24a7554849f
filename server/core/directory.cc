#include "server/core/directory.h"

#include <cstring>
#include <future>
#include <map>

#include "server/core/limits.h"
#include "server/core/usage.h"
#include "server/core/watch_hub.h"

namespace renkei::server {
namespace {

constexpr std::size_t kMaxKnown = 20000;

CertificateRow RowOf(const pki::Certificate& certificate, const pki::VerifiedIdentity& identity) {
  CertificateRow row;
  row.fingerprint = certificate.fingerprint();
  row.role = certificate.role();
  row.person = {identity.institution, identity.person};
  row.device = identity.device;
  row.subject_key_id = certificate.subject_key_id();
  row.institution_key = identity.institution_key;
  row.der = certificate.der();
  return row;
}

Result<std::vector<pki::Certificate>> ParseAll(std::span<const ByteView> ders) {
  std::vector<pki::Certificate> out;
  out.reserve(ders.size());
  for (const ByteView der : ders) {
    RENKEI_ASSIGN(pki::Certificate certificate, pki::Certificate::Parse(der));
    out.push_back(std::move(certificate));
  }
  return out;
}

// Mailboxes and key packages go by the device's id alone: it must have one owner, before these rows
// and among them. Looked at before the first is written: a refusal after a write makes the store
// undo everything that it was about to commit together with it.
Status CheckOwners(ReadTransaction& transaction, std::span<const CertificateRow> rows) {
  std::map<DeviceId, PersonRef> owners;
  for (const CertificateRow& row : rows) {
    if (row.device.IsZero()) {
      continue;
    }
    RENKEI_ASSIGN(const std::optional<PersonRef> owner, transaction.DeviceOwner(row.device));
    const PersonRef& known =
        owners.try_emplace(row.device, owner.value_or(row.person)).first->second;
    if (known != row.person) {
      return Error(Code::kDenied, "directory: the device id is another person's");
    }
  }
  return Ok();
}

}  // namespace

Status Directory::Open(std::span<const pki::Certificate> own) {
  RENKEI_TRY(PublishOwn(own));
  return LoadRevocations();
}

Status Directory::PublishOwn(std::span<const pki::Certificate> own) {
  std::vector<ByteView> ders;
  for (const pki::Certificate& certificate : own) {
    ders.emplace_back(certificate.der());
  }
  RENKEI_ASSIGN(const std::vector<CertificateRow> rows, VerifyAll(ders));
  // At start nothing else runs, so that waiting here holds nobody up.
  auto durable = std::make_shared<std::promise<Status>>();
  store_.Write(
      [this, rows](WriteTransaction& transaction) -> Status {
        RENKEI_TRY(Add(transaction, rows));
        return Ok();
      },
      [durable](const Status& status) { durable->set_value(status); });
  return durable->get_future().get();
}

Status Directory::LoadRevocations() {
  std::vector<RevocationRow> rows;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(rows, transaction.NewestRevocations());
    return Ok();
  }));
  for (const RevocationRow& row : rows) {
    auto list = pki::RevocationList::Parse(row.der);
    if (!list.ok()) {
      return Error(Code::kCorrupt, "directory: a stored revocation list cannot be read");
    }
    RENKEI_ASSIGN(const pki::Certificate issuer, IssuerOf(row.issuer_key_id, {}));
    KeepList(*list, issuer);
  }
  return Ok();
}

void Directory::Publish(const Caller& caller, std::span<const ByteView> certificates,
                        const Reply<PublishOutcome>& reply) {
  if (certificates.empty() || certificates.size() > kMaxPublished) {
    return reply(Error(Code::kMalformed, "publish: number of certificates"));
  }
  auto verified = VerifyAll(certificates);
  if (!verified.ok()) {
    if (verified.error().code() == Code::kUnavailable ||
        verified.error().code() == Code::kCorrupt) {
      return reply(verified.error());
    }
    audit_.NoteRefusal(EventOf(caller, "directory.publish", "bad certificate"));
    return reply(PublishOutcome(PublishRefusal::kBadCertificate));
  }
  for (const CertificateRow& row : *verified) {
    if (row.person.institution != caller.person.institution) {
      audit_.NoteRefusal(EventOf(caller, "directory.publish", "not allowed"));
      return reply(PublishOutcome(PublishRefusal::kNotAllowed));
    }
  }
  auto position = std::make_shared<std::uint64_t>(0);
  store_.Write(
      [this, caller, rows = std::move(*verified),
       position](WriteTransaction& transaction) -> Status {
        RENKEI_ASSIGN(*position, Add(transaction, rows));
        return audit_.Add(transaction, EventOf(caller, "directory.publish", "done"));
      },
      [this, caller, position, reply](const Status& status) {
        if (!status.ok() && status.error().code() == Code::kDenied) {
          audit_.NoteRefusal(EventOf(caller, "directory.publish", "not allowed"));
          return reply(PublishOutcome(PublishRefusal::kNotAllowed));
        }
        if (!status.ok()) {
          return reply(status.error());
        }
        Changed();
        reply(PublishOutcome(*position));
      });
}

Result<DirectoryPage> Directory::Sync(std::uint64_t after, std::size_t limit,
                                      std::size_t max_bytes) const {
  if (limit == 0 || limit > kMaxDirectoryItems) {
    return Error(Code::kMalformed, "directory sync: limit");
  }
  DirectoryPage page;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(page.items, transaction.ReadDirectory(after, limit, max_bytes));
    RENKEI_ASSIGN(const std::uint64_t newest, transaction.DirectoryPosition());
    page.complete = page.items.empty() || page.items.back().position >= newest;
    return Ok();
  }));
  return page;
}

Result<std::vector<CertificateRow>> Directory::VerifyAll(
    std::span<const ByteView> certificates) const {
  RENKEI_ASSIGN(const std::vector<pki::Certificate> parsed, ParseAll(certificates));
  const Millis now = clock_.Now();
  std::vector<CertificateRow> rows;
  rows.reserve(parsed.size());
  for (const pki::Certificate& certificate : parsed) {
    RENKEI_ASSIGN(CertificateRow row, VerifyOne(certificate, parsed, now));
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<CertificateRow> Directory::VerifyOne(const pki::Certificate& certificate,
                                            std::span<const pki::Certificate> beside,
                                            Millis at) const {
  std::vector<pki::Certificate> path;
  if (certificate.profile().issuer == pki::CertRole::kInstitution) {
    RENKEI_ASSIGN(pki::Certificate institution, IssuerOf(certificate.issuer_key_id(), beside));
    path.push_back(std::move(institution));
  }
  if (certificate != trust_.issuing) {
    path.push_back(trust_.issuing);
  }
  const std::shared_lock lock(revoked_mutex_);
  RENKEI_ASSIGN(const pki::VerifiedIdentity identity,
                trust_.verifier.Verify(certificate, path, at, certificate.role(), &revoked_));
  return RowOf(certificate, identity);
}

Result<pki::Certificate> Directory::IssuerOf(const pki::KeyId& key_id,
                                             std::span<const pki::Certificate> beside) const {
  for (const pki::Certificate& candidate : beside) {
    if (candidate.profile().is_ca() && candidate.subject_key_id() == key_id) {
      return candidate;
    }
  }
  std::optional<pki::Certificate> found;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(found, IssuerOf(transaction, key_id));
    return Ok();
  }));
  return *found;
}

Result<pki::Certificate> Directory::IssuerOf(ReadTransaction& transaction,
                                             const pki::KeyId& key_id) const {
  for (const pki::Certificate* own : {&trust_.issuing, &trust_.verifier.root()}) {
    if (own->subject_key_id() == key_id) {
      return *own;
    }
  }
  RENKEI_ASSIGN(const std::vector<CertificateRow> rows, transaction.FindIssuers(key_id));
  if (rows.empty()) {
    return Error(Code::kAuthFailed, "directory: issuer unknown");
  }
  // The newest: the same key with a renewed certificate.
  auto newest = pki::Certificate::Parse(rows.back().der);
  if (!newest.ok()) {
    return Error(Code::kCorrupt, "directory: a stored certificate cannot be read");
  }
  return std::move(*newest);
}

// The region's own are nobody's.
Status Directory::Charge(WriteTransaction& transaction, const CertificateRow& row) const {
  if (row.person.institution.IsZero()) {
    return Ok();
  }
  RENKEI_ASSIGN(const auto there, transaction.FindCertificate(row.fingerprint));
  return there ? Ok()
               : quota_.Charge(transaction, {row.person.institution, std::nullopt},
                               BytesOfRow(row.der.size()), Weight::kMustGetThrough);
}

Result<std::uint64_t> Directory::Add(WriteTransaction& transaction,
                                     std::span<const CertificateRow> rows) const {
  RENKEI_TRY(CheckOwners(transaction, rows));
  for (const CertificateRow& row : rows) {
    RENKEI_TRY(Charge(transaction, row));
    RENKEI_TRY(transaction.AddCertificate(row));
  }
  return transaction.DirectoryPosition();
}

void Directory::Changed() const {
  hub_.DirectoryChanged();
}

std::size_t Directory::HashOfHash::operator()(const Hash32& hash) const {
  std::size_t out = 0;
  std::memcpy(&out, hash.data(), sizeof(out));
  return out;
}

Result<std::shared_ptr<const KnownCertificate>> Directory::Find(ReadTransaction& transaction,
                                                                const Hash32& fingerprint) {
  {
    const std::shared_lock lock(known_mutex_);
    if (const auto it = known_.find(fingerprint); it != known_.end()) {
      return it->second;
    }
  }
  RENKEI_ASSIGN(const std::optional<CertificateRow> row, transaction.FindCertificate(fingerprint));
  if (!row) {
    return std::shared_ptr<const KnownCertificate>();
  }
  auto parsed = pki::Certificate::Parse(row->der);
  if (!parsed.ok()) {
    return Error(Code::kCorrupt, "directory: a stored certificate cannot be read");
  }
  auto known = std::make_shared<const KnownCertificate>(
      KnownCertificate{std::move(*parsed), row->person, row->device, row->institution_key});
  const std::lock_guard lock(known_mutex_);
  if (known_.size() >= kMaxKnown) {
    known_.clear();
  }
  known_[fingerprint] = known;
  return known;
}

}  // namespace renkei::server
