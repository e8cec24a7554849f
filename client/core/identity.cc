#include "client/core/identity.h"

#include <array>
#include <cstdio>

#include "crypto/base/secret.h"
#include "crypto/pki/pem.h"
#include "renkei/vault/v1/identity.pb.h"

namespace renkei::client {
namespace {

constexpr std::string_view kIdentityKey = "identity";
constexpr std::string_view kSigning = "own/signing";
constexpr std::string_view kDevice = "own/device";
constexpr std::string_view kTls = "own/tls";
constexpr std::string_view kInstitutionCa = "own/institution-ca";
constexpr std::string_view kRegionCa = "own/region-ca";
constexpr std::string_view kRegionRoot = "own/region-root";
constexpr std::string_view kPersonArchive = "own/person-archive/";
constexpr std::string_view kInstitutionArchive = "own/institution-archive/";

constexpr std::size_t kKeyBytes = 32;
constexpr Error kDamaged(Code::kCorrupt, "identity: damaged");

Bytes ArchiveRowKey(std::string_view prefix, std::uint32_t version) {
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", version);
  return ToBytes(std::string(prefix) + text.data());
}

Result<std::optional<SecretBytes>> LoadKey(Vault& vault, ByteView key) {
  RENKEI_ASSIGN(auto found, vault.GetSecret(Table::kKeys, key));
  if (found.has_value() && found->size() != kKeyBytes) {
    return kDamaged;
  }
  return found;
}

Result<SecretBytes> NeedKey(Vault& vault, ByteView key) {
  RENKEI_ASSIGN(auto found, LoadKey(vault, key));
  if (!found.has_value()) {
    return kDamaged;
  }
  return std::move(*found);
}

Result<SigningKey> NeedSigningKey(Vault& vault, std::string_view name) {
  RENKEI_ASSIGN(const SecretBytes seed, NeedKey(vault, AsBytes(name)));
  return SigningKey::FromSeed(seed.Expose());
}

Status SaveSigningKey(Vault& vault, std::string_view name, const SigningKey& key) {
  const SecretBytes seed = key.Seed();
  return vault.Put(Table::kKeys, AsBytes(name), seed.Expose());
}

template <typename Repeated>
std::vector<Bytes> ToList(const Repeated& items) {
  std::vector<Bytes> out;
  for (const std::string& item : items) {
    out.push_back(ToBytes(item));
  }
  return out;
}

template <typename Repeated>
void FromList(const std::vector<Bytes>& items, Repeated* out) {
  for (const Bytes& item : items) {
    out->Add(ToString(item));
  }
}

template <typename Repeated>
Result<std::vector<ArchiveKey>> LoadArchiveKeys(Vault& vault, std::string_view prefix,
                                                const Repeated& stored) {
  std::vector<ArchiveKey> out;
  for (const auto& item : stored) {
    RENKEI_ASSIGN(SecretBytes key, NeedKey(vault, ArchiveRowKey(prefix, item.version())));
    out.push_back({.version = item.version(),
                   .certificate = ToBytes(item.certificate()),
                   .private_key = std::move(key)});
  }
  return out;
}

template <typename Repeated>
Status SaveArchiveKeys(Vault& vault, std::string_view prefix, const std::vector<ArchiveKey>& keys,
                       Repeated* stored) {
  for (const ArchiveKey& key : keys) {
    RENKEI_TRY(
        vault.Put(Table::kKeys, ArchiveRowKey(prefix, key.version), key.private_key.Expose()));
    auto* item = stored->Add();
    item->set_version(key.version);
    item->set_certificate(ToString(key.certificate));
  }
  return Ok();
}

template <typename Repeated>
Result<std::optional<IssuerKey>> LoadIssuer(Vault& vault, std::string_view name,
                                            const Repeated& chain) {
  if (chain.empty()) {
    return std::optional<IssuerKey>();
  }
  RENKEI_ASSIGN(SigningKey key, NeedSigningKey(vault, name));
  return std::optional<IssuerKey>(IssuerKey{.key = std::move(key), .chain = ToList(chain)});
}

Status SaveIssuers(Vault& vault, const Identity& identity, vault::v1::StoredIdentity& stored) {
  if (identity.institution_issuer.has_value()) {
    RENKEI_TRY(SaveSigningKey(vault, kInstitutionCa, identity.institution_issuer->key));
    FromList(identity.institution_issuer->chain, stored.mutable_institution_issuer_chain());
  }
  if (identity.region_issuer.has_value()) {
    RENKEI_TRY(SaveSigningKey(vault, kRegionCa, identity.region_issuer->key));
    FromList(identity.region_issuer->chain, stored.mutable_region_issuer_chain());
  }
  if (identity.region_root.has_value()) {
    RENKEI_TRY(SaveSigningKey(vault, kRegionRoot, *identity.region_root));
  }
  return Ok();
}

Result<vault::v1::StoredIdentity> LoadStored(Vault& vault) {
  RENKEI_ASSIGN(const auto row, vault.Get(Table::kMeta, AsBytes(kIdentityKey)));
  if (!row.has_value()) {
    return Error(Code::kNotFound, "identity: none in this vault");
  }
  vault::v1::StoredIdentity stored;
  if (!stored.ParseFromArray(row->data(), static_cast<int>(row->size())) || stored.version() != 1) {
    return kDamaged;
  }
  return stored;
}

Status FillNames(const vault::v1::StoredIdentity& stored, Identity& out) {
  RENKEI_ASSIGN(out.region, RegionId::FromBytes(AsBytes(stored.region())));
  RENKEI_ASSIGN(out.institution, InstitutionId::FromBytes(AsBytes(stored.institution())));
  RENKEI_ASSIGN(out.person, PersonId::FromBytes(AsBytes(stored.person())));
  RENKEI_ASSIGN(out.device, DeviceId::FromBytes(AsBytes(stored.device())));
  out.root_der = ToBytes(stored.root_certificate());
  out.relay_address = stored.relay_address();
  out.signing_certificate = ToBytes(stored.signing_certificate());
  out.device_certificate = ToBytes(stored.device_certificate());
  out.tls_certificate = ToBytes(stored.tls_certificate());
  out.chain = ToList(stored.chain());
  return Ok();
}

void StoreNames(const Identity& identity, vault::v1::StoredIdentity& stored) {
  stored.set_version(1);
  stored.set_region(ToString(identity.region.view()));
  stored.set_institution(ToString(identity.institution.view()));
  stored.set_person(ToString(identity.person.view()));
  stored.set_device(ToString(identity.device.view()));
  stored.set_root_certificate(ToString(identity.root_der));
  stored.set_relay_address(identity.relay_address);
  stored.set_signing_certificate(ToString(identity.signing_certificate));
  stored.set_device_certificate(ToString(identity.device_certificate));
  stored.set_tls_certificate(ToString(identity.tls_certificate));
  FromList(identity.chain, stored.mutable_chain());
}

}  // namespace

Result<Identity> LoadIdentity(Vault& vault) {
  RENKEI_ASSIGN(const auto stored, LoadStored(vault));
  RENKEI_ASSIGN(SigningKey signing, NeedSigningKey(vault, kSigning));
  RENKEI_ASSIGN(SigningKey tls, NeedSigningKey(vault, kTls));
  Identity out{.signing_key = std::move(signing), .tls_key = std::move(tls)};
  if (!FillNames(stored, out).ok()) {
    return kDamaged;
  }
  RENKEI_ASSIGN(out.device_key, NeedKey(vault, AsBytes(kDevice)));
  RENKEI_ASSIGN(out.person_archive_keys,
                LoadArchiveKeys(vault, kPersonArchive, stored.person_archive_keys()));
  RENKEI_ASSIGN(out.institution_archive_keys,
                LoadArchiveKeys(vault, kInstitutionArchive, stored.institution_archive_keys()));
  RENKEI_ASSIGN(out.institution_issuer,
                LoadIssuer(vault, kInstitutionCa, stored.institution_issuer_chain()));
  RENKEI_ASSIGN(out.region_issuer, LoadIssuer(vault, kRegionCa, stored.region_issuer_chain()));
  RENKEI_ASSIGN(auto root, LoadKey(vault, AsBytes(kRegionRoot)));
  if (root.has_value()) {
    RENKEI_ASSIGN(SigningKey key, SigningKey::FromSeed(root->Expose()));
    out.region_root = std::move(key);
  }
  if (out.person_archive_keys.empty()) {
    return kDamaged;
  }
  return out;
}

Status SaveIdentity(Vault& vault, const Identity& identity) {
  vault::v1::StoredIdentity stored;
  StoreNames(identity, stored);
  RENKEI_TRY(SaveSigningKey(vault, kSigning, identity.signing_key));
  RENKEI_TRY(SaveSigningKey(vault, kTls, identity.tls_key));
  RENKEI_TRY(vault.Put(Table::kKeys, AsBytes(kDevice), identity.device_key.Expose()));
  RENKEI_TRY(SaveArchiveKeys(vault, kPersonArchive, identity.person_archive_keys,
                             stored.mutable_person_archive_keys()));
  RENKEI_TRY(SaveArchiveKeys(vault, kInstitutionArchive, identity.institution_archive_keys,
                             stored.mutable_institution_archive_keys()));
  RENKEI_TRY(SaveIssuers(vault, identity, stored));
  return vault.Put(Table::kMeta, AsBytes(kIdentityKey), AsBytes(stored.SerializeAsString()));
}

Result<RelayEndpoint> EndpointOf(const Identity& identity) {
  std::vector<Bytes> ders = {identity.tls_certificate};
  ders.insert(ders.end(), identity.chain.begin(), identity.chain.end());
  std::vector<pki::Certificate> chain;
  for (const Bytes& der : ders) {
    auto certificate = pki::Certificate::Parse(der);
    if (!certificate.ok()) {
      return kDamaged;
    }
    chain.push_back(std::move(*certificate));
  }
  return RelayEndpoint{.address = identity.relay_address,
                       .root_der = identity.root_der,
                       .region = identity.region,
                       .client_chain_pem = pki::ToPem(chain),
                       .client_key_pem = pki::PrivateKeyPem(identity.tls_key)};
}

}  // namespace renkei::client
