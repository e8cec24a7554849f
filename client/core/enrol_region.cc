// Founding a region: Enrolment::InitRegion.
#include "client/core/certify.h"
#include "client/core/enrol_connect.h"
#include "client/core/enrolment.h"
#include "client/core/enrolment_store.h"
#include "crypto/mls/hpke.h"
#include "crypto/pki/pem.h"

namespace renkei::client {
namespace {

constexpr const char* kOperatorName = "運用担当";

struct RegionKeys {
  SigningKey root;
  SigningKey issuing;
  SigningKey relay_tls;
  SigningKey relay_signing;
};

struct RegionCertificates {
  pki::Certificate root;
  pki::Certificate issuing;
  pki::Certificate relay_tls;
  pki::Certificate relay_signing;
};

Result<pki::Certificate> MakeRoot(const RegionKeys& keys, const RegionId& region,
                                  const std::string& name, Millis now, Random& random) {
  const Millis begin = ValidityFrom(now).not_before;
  const Millis lifetime = pki::ProfileOf(pki::CertRole::kRegionRoot).max_lifetime;
  return pki::CreateRoot(keys.root, region, name, {begin, begin + lifetime}, random);
}

Result<RegionCertificates> MakeCertificates(const RegionKeys& keys, const RegionId& region,
                                            const std::string& name, Millis now, Random& random) {
  const pki::Validity wanted = ValidityFrom(now);
  RENKEI_ASSIGN(pki::Certificate root, MakeRoot(keys, region, name, now, random));
  RENKEI_ASSIGN(const pki::Issuer root_issuer, pki::Issuer::Create(root, keys.root));
  RENKEI_ASSIGN(pki::Certificate issuing,
                root_issuer.IssueRegionIssuing(
                    keys.issuing.public_key(),
                    root_issuer.Clip(pki::CertRole::kRegionIssuing, wanted), random));
  RENKEI_ASSIGN(const pki::Issuer issuer, pki::Issuer::Create(issuing, keys.issuing));
  RENKEI_ASSIGN(pki::Certificate tls,
                issuer.IssueRelay(pki::CertRole::kRelayTls, keys.relay_tls.public_key(),
                                  issuer.Clip(pki::CertRole::kRelayTls, wanted), random));
  RENKEI_ASSIGN(pki::Certificate signing,
                issuer.IssueRelay(pki::CertRole::kRelaySigning, keys.relay_signing.public_key(),
                                  issuer.Clip(pki::CertRole::kRelaySigning, wanted), random));
  return RegionCertificates{std::move(root), std::move(issuing), std::move(tls),
                            std::move(signing)};
}

// The operator is the first person of an institution of their own, like everybody else.
Result<Identity> MakeOperator(const RegionKeys& keys, const RegionCertificates& certificates,
                              std::string_view relay_address, const std::string& name, Millis now,
                              Random& random) {
  RENKEI_ASSIGN(const pki::Issuer issuer, pki::Issuer::Create(certificates.issuing, keys.issuing));
  SigningKey institution_key = SigningKey::Generate(random);
  const pki::InstitutionSubject subject{InstitutionId::Generate(random), name,
                                        pki::InstitutionKind::kMedicalAssociation};
  const pki::Validity wanted = ValidityFrom(now);
  RENKEI_ASSIGN(pki::Certificate institution,
                issuer.IssueInstitution(institution_key.public_key(), subject,
                                        issuer.Clip(pki::CertRole::kInstitution, wanted), random));
  FirstPerson person{
      .root_der = certificates.root.der(),
      .relay_address = std::string(relay_address),
      .chain = {std::move(institution), certificates.issuing},
      .institution_key = std::move(institution_key),
      .institution_archive = mls::HpkeKeyPair::Generate(random).private_key().Clone(),
      .keys = GenerateKeys(true, random),
      .subject = {PersonId::Generate(random), kOperatorName,
                  pki::Profession::kAdministrativeStaff}};
  RENKEI_ASSIGN(Identity out, CertifyFirstPerson(std::move(person), now, random));
  out.region_issuer = IssuerKey{keys.issuing.Clone(), {certificates.issuing.der()}};
  out.region_root = keys.root.Clone();
  return out;
}

RelayFile PublicFile(std::string name, ByteView content) {
  return {std::move(name), SecretBytes::CopyOf(content)};
}

// In the vault while the relay's folder may be incomplete: "region/file/" + name, and the mark.
constexpr std::string_view kRegionFile = "region/file/";
constexpr const char* kFileNames[] = {"root.crt.der", "issuing.crt.der", "tls.crt.pem",
                                      "tls.key.pem",  "signing.crt.der", "signing.key",
                                      "region.json"};

Bytes FileKey(std::string_view name) {
  return ToBytes(std::string(kRegionFile) + std::string(name));
}

// server/region_files.h is the contract.
std::vector<RelayFile> RelayFiles(const RegionKeys& keys, const RegionCertificates& certificates,
                                  const Identity& operator_identity) {
  const std::string json = R"({"version": 1, "region": ")" + operator_identity.region.Text() +
                           R"(", "operator_institution": ")" +
                           operator_identity.institution.Text() + "\"}\n";
  const std::string chain = pki::ToPem(certificates.relay_tls) + pki::ToPem(certificates.issuing) +
                            pki::ToPem(certificates.root);
  std::vector<RelayFile> out;
  out.push_back(PublicFile("root.crt.der", certificates.root.der()));
  out.push_back(PublicFile("issuing.crt.der", certificates.issuing.der()));
  out.push_back(PublicFile("tls.crt.pem", AsBytes(chain)));
  out.push_back({"tls.key.pem", pki::PrivateKeyPem(keys.relay_tls)});
  out.push_back(PublicFile("signing.crt.der", certificates.relay_signing.der()));
  out.push_back({"signing.key", keys.relay_signing.Seed()});
  out.push_back(PublicFile("region.json", AsBytes(json)));  // last: the folder is complete then
  return out;
}

}  // namespace

Result<Region> Enrolment::InitRegion(std::string_view relay_address, std::string_view name) {
  Random& random = environment_.random;
  const Millis now = environment_.clock.Now();
  RENKEI_ASSIGN(auto unfinished, UnfinishedRegion());
  if (unfinished.has_value()) {
    return std::move(*unfinished);
  }
  if (PendingState() != JoinState::kNone) {
    return Error(Code::kConflict, "this vault belongs to somebody already");
  }
  RENKEI_TRY(CheckRelayAddress(relay_address));
  const RegionKeys keys{SigningKey::Generate(random), SigningKey::Generate(random),
                        SigningKey::Generate(random), SigningKey::Generate(random)};
  const RegionId region = RegionId::Generate(random);
  RENKEI_ASSIGN(const RegionCertificates certificates,
                MakeCertificates(keys, region, std::string(name), now, random));
  RENKEI_ASSIGN(const Identity identity,
                MakeOperator(keys, certificates, relay_address, std::string(name), now, random));
  Region out{region, RelayFiles(keys, certificates, identity)};
  RENKEI_ASSIGN(Transaction transaction, Transaction::Begin(environment_.vault));
  RENKEI_TRY(SaveIdentity(environment_.vault, identity));
  RENKEI_TRY(MarkUnpublished(environment_.vault, true));
  for (const RelayFile& file : out.relay_files) {
    RENKEI_TRY(environment_.vault.Put(Table::kKeys, FileKey(file.name), file.content.Expose()));
  }
  RENKEI_TRY(transaction.Commit());
  return out;
}

Result<std::optional<Region>> Enrolment::UnfinishedRegion() {
  Region out;
  for (const char* name : kFileNames) {
    RENKEI_ASSIGN(auto content, environment_.vault.GetSecret(Table::kKeys, FileKey(name)));
    if (!content.has_value()) {
      return std::optional<Region>();
    }
    out.relay_files.push_back({name, std::move(*content)});
  }
  RENKEI_ASSIGN(const Identity identity, LoadIdentity(environment_.vault));
  out.id = identity.region;
  return std::optional(std::move(out));
}

Status Enrolment::FinishRegion() {
  RENKEI_ASSIGN(Transaction transaction, Transaction::Begin(environment_.vault));
  for (const char* name : kFileNames) {
    RENKEI_TRY(environment_.vault.Erase(Table::kKeys, FileKey(name)));
  }
  return transaction.Commit();
}

}  // namespace renkei::client
