#include "client/core/directory.h"

#include <algorithm>
#include <utility>

#include "client/core/keys.h"
#include "renkei/relay/v1/directory.pb.h"
#include "renkei/vault/v1/directory.pb.h"

namespace renkei::client {
namespace {

constexpr std::string_view kPosition = "directory-position";
constexpr std::string_view kIncarnation = "directory-incarnation";
constexpr std::uint32_t kSyncLimit = 1000;

Bytes CertificateKey(const Hash32& fingerprint) {
  return RowKey("c").Add(fingerprint).bytes();
}

Bytes PersonKey(const thread::PersonRef& person) {
  return RowKey("p").AddPerson(person).bytes();
}

Bytes InstitutionKey(const InstitutionId& institution) {
  return RowKey("i").Add(institution.view()).bytes();
}

// A stored row, or an empty message.
template <typename Message>
Result<Message> LoadOrEmpty(Vault& vault, ByteView key) {
  RENKEI_ASSIGN(const auto value, vault.Get(Table::kDirectory, key));
  return value.has_value() ? ParseRow<Message>(*value) : Result<Message>(Message());
}

template <typename Message>
Status Save(Vault& vault, ByteView key, const Message& message) {
  return vault.Put(Table::kDirectory, key, AsBytes(message.SerializeAsString()));
}

template <typename Message>
void TakeArchiveKey(const pki::VerifiedIdentity& identity, Message& stored) {
  if (identity.archive_version > stored.archive_version()) {
    stored.set_archive_version(identity.archive_version);
    stored.set_archive_key(ToString(identity.fingerprint));
  }
}

struct Fetched {
  std::uint64_t position = 0;
  std::vector<Bytes> certificates;
  std::vector<Bytes> lists;
  Bytes incarnation;  // the relay's
};

Result<Fetched> Fetch(Relay& relay, std::uint64_t after) {
  Fetched out{.position = after, .certificates = {}, .lists = {}, .incarnation = {}};
  for (bool complete = false; !complete;) {
    relay::v1::DirectorySyncRequest request;
    request.set_after(out.position);
    request.set_limit(kSyncLimit);
    request.set_max_bytes(kPageBytes);
    RENKEI_ASSIGN(const auto response, relay.SyncDirectory(request));
    complete = response.complete() || response.entries().empty();
    out.incarnation = ToBytes(response.incarnation());
    for (const auto& entry : response.entries()) {
      if (entry.position() <= out.position) {
        return Error(Code::kMalformed, "directory: the relay repeats itself");
      }
      out.position = entry.position();
      if (entry.has_certificate()) {
        out.certificates.push_back(ToBytes(entry.certificate()));
      } else if (entry.has_revocation_list()) {
        out.lists.push_back(ToBytes(entry.revocation_list()));
      }
    }
  }
  return out;
}

// CAs first, so that whoever they issued can be verified.
int Order(const pki::Certificate& certificate) {
  switch (certificate.role()) {
    case pki::CertRole::kRegionRoot:
      return 0;
    case pki::CertRole::kRegionIssuing:
      return 1;
    case pki::CertRole::kInstitution:
      return 2;
    default:
      return 3;
  }
}

PersonView ToView(const thread::PersonRef& person, const vault::v1::StoredPersonEntry& entry,
                  const vault::v1::StoredInstitution& institution) {
  return {.institution_id = person.institution,
          .person_id = person.person,
          .name = entry.name(),
          .profession = entry.profession(),
          .institution = institution.name(),
          .institution_kind = institution.kind()};
}

}  // namespace

Result<std::unique_ptr<Directory>> Directory::Open(Vault& vault, ByteView root_der) {
  const Error damaged(Code::kCorrupt, "directory: the region's root is damaged");
  auto root = pki::Certificate::Parse(root_der);
  if (!root.ok()) {
    return damaged;
  }
  auto verifier = pki::ChainVerifier::Create(*root);
  if (!verifier.ok()) {
    return damaged;
  }
  std::unique_ptr<Directory> out(new Directory(vault));
  out->certificates_ = std::make_unique<Certificates>(std::move(*verifier), *out);
  RENKEI_TRY(out->LoadLists());
  return out;
}

Result<bool> Directory::Sync(Relay& relay, Millis now) {
  RENKEI_ASSIGN(const auto stored, vault_.Get(Table::kMeta, AsBytes(kPosition)));
  std::uint64_t after = 0;
  if (stored.has_value()) {
    RENKEI_ASSIGN(after, LastU64(*stored));
  }
  RENKEI_ASSIGN(Fetched fetched, Fetch(relay, after));
  RENKEI_ASSIGN(const auto incarnation, vault_.Get(Table::kMeta, AsBytes(kIncarnation)));
  const bool told = !fetched.incarnation.empty();
  const bool restored =
      told && incarnation.has_value() && !Equal(*incarnation, fetched.incarnation);
  if (restored) {
    RENKEI_ASSIGN(fetched, Fetch(relay, 0));
    RENKEI_TRY(GiveBack(relay, fetched.certificates, fetched.lists));
  }
  if (fetched.position == after && !restored && (incarnation.has_value() || !told)) {
    return false;
  }
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(vault_));
  RENKEI_TRY(Take(fetched.certificates, fetched.lists, now));
  RENKEI_TRY(
      vault_.Put(Table::kMeta, AsBytes(kPosition), RowKey().AddU64(fetched.position).bytes()));
  if (told) {
    RENKEI_TRY(vault_.Put(Table::kMeta, AsBytes(kIncarnation), fetched.incarnation));
  }
  RENKEI_TRY(transaction.Commit());
  return true;
}

Status Directory::Take(const std::vector<Bytes>& certificates, const std::vector<Bytes>& lists,
                       Millis now) {
  std::vector<pki::Certificate> parsed;
  for (const Bytes& der : certificates) {
    auto certificate = pki::Certificate::Parse(der);
    if (certificate.ok()) {
      parsed.push_back(std::move(*certificate));
    }
  }
  std::stable_sort(parsed.begin(), parsed.end(),
                   [](const auto& a, const auto& b) { return Order(a) < Order(b); });
  for (const pki::Certificate& certificate : parsed) {
    RENKEI_TRY(TakeCertificate(certificate, now));
  }
  for (const Bytes& der : lists) {
    RENKEI_TRY(TakeList(der, true));
  }
  return Ok();
}

Result<bool> Directory::TakeCertificate(const pki::Certificate& certificate, Millis now) {
  if (certificate == certificates_->root()) {
    return false;
  }
  KnownCertificate known{.certificate = certificate, .issuers = {}};
  if (certificate.issuer_key_id() != certificates_->root().subject_key_id()) {
    RENKEI_ASSIGN(auto issuer, FindIssuer(certificate.issuer_key_id()));
    if (!issuer.has_value()) {
      return false;
    }
    known.issuers = std::move(issuer->issuers);
    known.issuers.insert(known.issuers.begin(), issuer->certificate);
  }
  const auto identity = certificates_->VerifyKnown(known, now, certificate.role(), true);
  if (!identity.ok()) {
    return false;
  }
  vault::v1::StoredCertificate stored;
  stored.set_der(ToString(certificate.der()));
  for (const pki::Certificate& issuer : known.issuers) {
    stored.add_path(ToString(issuer.fingerprint()));
  }
  RENKEI_TRY(Save(vault_, CertificateKey(certificate.fingerprint()), stored));
  if (certificate.profile().is_ca()) {
    const Bytes key = RowKey("k").Add(certificate.subject_key_id()).bytes();
    RENKEI_TRY(vault_.Put(Table::kDirectory, key, certificate.fingerprint()));
  }
  RENKEI_TRY(TakeNames(*identity, certificate));
  return true;
}

Status Directory::TakeNames(const pki::VerifiedIdentity& identity,
                            const pki::Certificate& certificate) {
  const std::int64_t since = certificate.not_before().value;
  const thread::PersonRef person{identity.institution, identity.person};
  switch (identity.role) {
    case pki::CertRole::kRelaySigning:
      return vault_.Put(Table::kDirectory, AsBytes("r"), identity.fingerprint);
    case pki::CertRole::kInstitution:
    case pki::CertRole::kInstitutionArchive: {
      const Bytes key = InstitutionKey(identity.institution);
      RENKEI_ASSIGN(auto stored, LoadOrEmpty<vault::v1::StoredInstitution>(vault_, key));
      if (identity.role == pki::CertRole::kInstitution && since >= stored.newest()) {
        stored.set_name(identity.institution_name);
        stored.set_kind(std::string(pki::NamesOf(identity.institution_kind).certificate));
        stored.set_newest(since);
      }
      if (identity.role == pki::CertRole::kInstitutionArchive) {
        TakeArchiveKey(identity, stored);
      }
      return Save(vault_, key, stored);
    }
    case pki::CertRole::kDeviceSigning:
    case pki::CertRole::kPersonArchive: {
      RENKEI_ASSIGN(auto stored,
                    LoadOrEmpty<vault::v1::StoredPersonEntry>(vault_, PersonKey(person)));
      if (since >= stored.newest()) {
        stored.set_name(identity.name);
        stored.set_profession(std::string(pki::NamesOf(identity.profession).certificate));
        stored.set_newest(since);
      }
      if (identity.role == pki::CertRole::kPersonArchive) {
        TakeArchiveKey(identity, stored);
      }
      return Save(vault_, PersonKey(person), stored);
    }
    default:
      return Ok();
  }
}

Status Directory::TakeList(ByteView der, bool save) {
  const auto list = pki::RevocationList::Parse(der);
  if (!list.ok()) {
    return Ok();
  }
  const pki::KeyId& issuer_id = list->fields().issuer_key_id;
  std::optional<pki::Certificate> issuer;
  if (issuer_id == certificates_->root().subject_key_id()) {
    issuer = certificates_->root();
  } else {
    RENKEI_ASSIGN(auto known, FindIssuer(issuer_id));
    if (known.has_value()) {
      issuer = known->certificate;
    }
  }
  if (!issuer.has_value() || !revoked_.Add(*list, *issuer).ok()) {
    return Ok();
  }
  any_revoked_ = any_revoked_ || !list->fields().revoked.empty();
  return save ? vault_.Put(Table::kTrust, RowKey("crl/").Add(issuer_id).bytes(), list->der())
              : Ok();
}

Status Directory::LoadLists() {
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kTrust, AsBytes("crl/"), {}));
  for (const Row& row : rows) {
    RENKEI_TRY(TakeList(row.value, false));
  }
  return Ok();
}

Result<std::optional<KnownCertificate>> Directory::FindIssuer(const pki::KeyId& key_id) const {
  RENKEI_ASSIGN(const auto fingerprint,
                vault_.Get(Table::kDirectory, RowKey("k").Add(key_id).bytes()));
  if (!fingerprint.has_value()) {
    return std::optional<KnownCertificate>();
  }
  RENKEI_ASSIGN(const Hash32 hash, StoredHash(AsText(*fingerprint)));
  return Find(hash);
}

Result<std::optional<KnownCertificate>> Directory::Find(const Hash32& fingerprint) const {
  const Error damaged(Code::kCorrupt, "directory: damaged certificate");
  RENKEI_ASSIGN(const auto row, vault_.Get(Table::kDirectory, CertificateKey(fingerprint)));
  if (!row.has_value()) {
    return std::optional<KnownCertificate>();
  }
  RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredCertificate>(*row));
  auto certificate = pki::Certificate::Parse(AsBytes(stored.der()));
  if (!certificate.ok() || certificate->fingerprint() != fingerprint) {
    return damaged;
  }
  KnownCertificate out{.certificate = std::move(*certificate), .issuers = {}};
  for (const std::string& each : stored.path()) {
    RENKEI_ASSIGN(const Hash32 hash, StoredHash(each));
    RENKEI_ASSIGN(const auto issuer_row, vault_.Get(Table::kDirectory, CertificateKey(hash)));
    if (!issuer_row.has_value()) {
      return damaged;
    }
    RENKEI_ASSIGN(const auto issuer, ParseRow<vault::v1::StoredCertificate>(*issuer_row));
    auto parsed = pki::Certificate::Parse(AsBytes(issuer.der()));
    if (!parsed.ok()) {
      return damaged;
    }
    out.issuers.push_back(std::move(*parsed));
  }
  return std::optional<KnownCertificate>(std::move(out));
}

std::vector<Bytes> Directory::ListsAgainst(const KnownCertificate& known) const {
  std::vector<Bytes> out;
  std::vector<pki::Certificate> path = {known.certificate};
  path.insert(path.end(), known.issuers.begin(), known.issuers.end());
  for (const pki::Certificate& certificate : path) {
    const auto list = revoked_.ListOf(certificate.issuer_key_id());
    if (revoked_.Find(certificate).has_value() && list.has_value()) {
      out.push_back(list->der());
    }
  }
  return out;
}

std::optional<Millis> Directory::RevokedAt(const KnownCertificate& known) const {
  std::optional<Millis> out;
  std::vector<pki::Certificate> path = {known.certificate};
  path.insert(path.end(), known.issuers.begin(), known.issuers.end());
  for (const pki::Certificate& certificate : path) {
    const auto found = revoked_.Find(certificate);
    if (found.has_value() && (!out.has_value() || found->revoked_at < *out)) {
      out = found->revoked_at;
    }
  }
  return out;
}

Result<std::vector<pki::Certificate>> Directory::Select(
    const std::function<bool(const pki::Certificate&)>& wanted) const {
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kDirectory, AsBytes("c"), {}));
  std::vector<pki::Certificate> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredCertificate>(row.value));
    auto certificate = pki::Certificate::Parse(AsBytes(stored.der()));
    if (!certificate.ok()) {
      return Error(Code::kCorrupt, "directory: damaged certificate");
    }
    if (wanted(*certificate)) {
      out.push_back(std::move(*certificate));
    }
  }
  return out;
}

Result<std::vector<PersonView>> Directory::People() const {
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kDirectory, AsBytes("p"), {}));
  std::map<InstitutionId, vault::v1::StoredInstitution> institutions;
  std::vector<PersonView> out;
  for (const Row& row : rows) {
    if (row.key.size() != 1 + 2 * kIdBytes) {
      return Error(Code::kCorrupt, "directory: damaged key");
    }
    const ByteView ids = ByteView(row.key).subspan(1);
    thread::PersonRef person;
    RENKEI_ASSIGN(person.institution, InstitutionId::FromBytes(ids.first(kIdBytes)));
    RENKEI_ASSIGN(person.person, PersonId::FromBytes(ids.last(kIdBytes)));
    RENKEI_ASSIGN(const auto entry, ParseRow<vault::v1::StoredPersonEntry>(row.value));
    if (!institutions.contains(person.institution)) {
      RENKEI_ASSIGN(
          institutions[person.institution],
          LoadOrEmpty<vault::v1::StoredInstitution>(vault_, InstitutionKey(person.institution)));
    }
    out.push_back(ToView(person, entry, institutions[person.institution]));
  }
  std::sort(out.begin(), out.end(), [](const PersonView& a, const PersonView& b) {
    return std::tie(a.institution, a.name, a.person_id) <
           std::tie(b.institution, b.name, b.person_id);
  });
  return out;
}

Result<std::optional<PersonView>> Directory::FindPerson(const thread::PersonRef& person) const {
  RENKEI_ASSIGN(const auto row, vault_.Get(Table::kDirectory, PersonKey(person)));
  if (!row.has_value()) {
    return std::optional<PersonView>();
  }
  RENKEI_ASSIGN(const auto entry, ParseRow<vault::v1::StoredPersonEntry>(*row));
  RENKEI_ASSIGN(const auto institution, LoadOrEmpty<vault::v1::StoredInstitution>(
                                            vault_, InstitutionKey(person.institution)));
  return std::optional<PersonView>(ToView(person, entry, institution));
}

Result<PersonView> Directory::FindPerson(std::string_view text) const {
  RENKEI_ASSIGN(const auto people, People());
  const auto id = PersonId::Parse(text);
  std::vector<const PersonView*> found;
  for (const PersonView& person : people) {
    const bool matches =
        id.ok() ? person.person_id == *id
                : person.name == text || person.institution + "/" + person.name == text;
    if (matches) {
      found.push_back(&person);
    }
  }
  if (found.empty()) {
    return Error(Code::kNotFound, "directory: nobody of that name or id");
  }
  if (found.size() > 1) {
    return Error(Code::kConflict,
                 "directory: several people have that name; write "
                 "institution/name or the id");
  }
  return *found.front();
}

Result<std::string> Directory::InstitutionName(const InstitutionId& institution) const {
  RENKEI_ASSIGN(const auto stored,
                LoadOrEmpty<vault::v1::StoredInstitution>(vault_, InstitutionKey(institution)));
  return stored.name();
}

Result<seal::ArchiveKeyRef> Directory::ArchiveKeyByHash(const Hash32& key_id) const {
  RENKEI_ASSIGN(const auto known, Find(key_id));
  if (!known.has_value()) {
    return Error(Code::kNotFound, "directory: archive key not known here");
  }
  return seal::ArchiveKeyRef{.key_id = key_id,
                             .version = known->certificate.ids().archive_version,
                             .public_key = known->certificate.public_key()};
}

Result<seal::ArchiveKeyRef> Directory::ArchiveKeyOf(const InstitutionId& institution,
                                                    const std::optional<PersonId>& person,
                                                    Millis now) const {
  std::string key_id;
  if (person.has_value()) {
    RENKEI_ASSIGN(const auto stored, LoadOrEmpty<vault::v1::StoredPersonEntry>(
                                         vault_, PersonKey({institution, *person})));
    key_id = stored.archive_key();
  } else {
    RENKEI_ASSIGN(const auto stored,
                  LoadOrEmpty<vault::v1::StoredInstitution>(vault_, InstitutionKey(institution)));
    key_id = stored.archive_key();
  }
  if (key_id.empty()) {
    return Error(Code::kNotFound, "directory: no archive key known");
  }
  RENKEI_ASSIGN(const Hash32 hash, StoredHash(key_id));
  RENKEI_TRY(certificates_->Verify(
      hash, now,
      person.has_value() ? pki::CertRole::kPersonArchive : pki::CertRole::kInstitutionArchive));
  return ArchiveKeyByHash(hash);
}

Result<std::optional<PublicKey>> Directory::RelayKey(Millis at) const {
  RENKEI_ASSIGN(const auto row, vault_.Get(Table::kDirectory, AsBytes("r")));
  if (!row.has_value()) {
    return std::optional<PublicKey>();
  }
  RENKEI_ASSIGN(const Hash32 hash, StoredHash(AsText(*row)));
  const auto identity = certificates_->Verify(hash, at, pki::CertRole::kRelaySigning);
  if (!identity.ok()) {
    return std::optional<PublicKey>();
  }
  return std::optional<PublicKey>(identity->public_key);
}

}  // namespace renkei::client
