#include "client/core/join_finish.h"

#include "crypto/seal/link_package.h"
#include "crypto/thread/link.h"

namespace renkei::client {
namespace {

constexpr Error kNotOurs(Code::kAuthFailed, "the approval is not for this device");

// The leaf of `role`, verified up to our root and for our key and ids.
Result<pki::Certificate> TakeLeaf(const PendingJoin& join, const Approval& approval,
                                  const pki::ChainVerifier& verifier, pki::CertRole role,
                                  const PublicKey& key, Millis now) {
  for (const pki::Certificate& leaf : approval.leaves) {
    if (leaf.role() != role) {
      continue;
    }
    RENKEI_ASSIGN(const pki::VerifiedIdentity identity,
                  verifier.Verify(leaf, approval.chain, now, role));
    const bool archive = role == pki::CertRole::kPersonArchive;
    if (identity.public_key != key || identity.institution != join.institution ||
        identity.person != join.person || (!archive && identity.device != join.keys.device) ||
        !Equal(Sha256(identity.institution_key), join.institution_key_hash)) {
      return kNotOurs;
    }
    return leaf;
  }
  return kNotOurs;
}

Identity StartIdentity(PendingJoin& join) {
  Identity out{.signing_key = std::move(join.keys.signing), .tls_key = std::move(join.keys.tls)};
  out.region = join.region;
  out.root_der = join.root_der;
  out.relay_address = join.relay_address;
  out.institution = join.institution;
  out.person = join.person;
  out.device = join.keys.device;
  return out;
}

// An institution's first person: the operator has certified the CA, the rest we certify ourselves.
Result<Identity> FinishInstitution(PendingJoin join, const Approval& approval,
                                   const pki::ChainVerifier& verifier, Millis now, Random& random) {
  std::optional<pki::Certificate> institution;
  std::vector<pki::Certificate> issuing;
  for (const auto* list : {&approval.leaves, &approval.chain}) {
    for (const pki::Certificate& certificate : *list) {
      if (certificate.role() == pki::CertRole::kInstitution) {
        institution = certificate;
      } else if (certificate.role() == pki::CertRole::kRegionIssuing && issuing.empty()) {
        issuing.push_back(certificate);
      }
    }
  }
  if (!institution.has_value() || issuing.empty()) {
    return kNotOurs;
  }
  RENKEI_ASSIGN(const pki::VerifiedIdentity verified,
                verifier.Verify(*institution, issuing, now, pki::CertRole::kInstitution));
  if (verified.public_key != join.institution_key->public_key() ||
      verified.institution != join.institution) {
    return kNotOurs;
  }
  const auto profession = pki::ProfessionFromCertificate(join.profession);
  FirstPerson person{
      .root_der = join.root_der,
      .relay_address = join.relay_address,
      .chain = {*institution, issuing.front()},
      .institution_key = std::move(*join.institution_key),
      .institution_archive = std::move(join.institution_archive),
      .keys = std::move(join.keys),
      .subject = {join.person, join.name, profession.value_or(pki::Profession::kOther)}};
  return CertifyFirstPerson(std::move(person), now, random);
}

Status TakeDeviceLeaves(const PendingJoin& join, const Approval& approval,
                        const pki::ChainVerifier& verifier, Millis now, Identity* identity) {
  const DevicePublicKeys keys = join.keys.Public();
  RENKEI_ASSIGN(const auto signing, TakeLeaf(join, approval, verifier,
                                             pki::CertRole::kDeviceSigning, keys.signing, now));
  RENKEI_ASSIGN(const auto key,
                TakeLeaf(join, approval, verifier, pki::CertRole::kDeviceKey, keys.key, now));
  RENKEI_ASSIGN(const auto tls,
                TakeLeaf(join, approval, verifier, pki::CertRole::kDeviceTls, keys.tls, now));
  identity->signing_certificate = signing.der();
  identity->device_certificate = key.der();
  identity->tls_certificate = tls.der();
  for (const pki::Certificate& certificate : approval.chain) {
    identity->chain.push_back(certificate.der());
  }
  return Ok();
}

// The link signature must be of a device of the same person, over exactly our keys.
Result<thread::Link> CheckLink(const PendingJoin& join, const Approval& approval,
                               const pki::ChainVerifier& verifier, Millis now) {
  RENKEI_ASSIGN(const thread::SignedLink link, thread::ParseSignedLink(approval.signed_link));
  RENKEI_ASSIGN(const auto certificate, pki::Certificate::Parse(link.linking_certificate));
  RENKEI_ASSIGN(const auto linking,
                verifier.Verify(certificate, approval.chain, now, pki::CertRole::kDeviceSigning));
  const thread::Signer signer{{linking.institution, linking.person},
                              linking.device,
                              linking.public_key,
                              linking.fingerprint};
  if (!thread::VerifyLink(link, signer).ok()) {
    return kNotOurs;
  }
  const DevicePublicKeys keys = join.keys.Public();
  if (link.link.person != thread::PersonRef{join.institution, join.person} ||
      link.link.new_device != join.keys.device || link.link.signing_key != keys.signing ||
      link.link.device_key != keys.key || link.link.tls_key != keys.tls) {
    return kNotOurs;
  }
  return link.link;
}

Status TakeArchiveKeys(const PendingJoin& join, const Approval& approval,
                       const pki::ChainVerifier& verifier, Millis now, seal::LinkPackage& package,
                       Identity* identity) {
  for (seal::LinkArchiveKey& key : package.person_archive_keys) {
    RENKEI_ASSIGN(const auto certificate, pki::Certificate::Parse(key.certificate));
    // An older version may have expired; its chain is then judged at the end of its time.
    const Millis at = certificate.ValidAt(now) ? now : certificate.not_after() - Seconds(1);
    RENKEI_ASSIGN(const auto verified,
                  verifier.Verify(certificate, approval.chain, at, pki::CertRole::kPersonArchive));
    RENKEI_ASSIGN(const PublicKey public_key, X25519Public(key.private_key));
    if (verified.person != join.person || verified.institution != join.institution ||
        verified.public_key != public_key || verified.archive_version != key.version) {
      return kNotOurs;
    }
    identity->person_archive_keys.push_back(
        {key.version, std::move(key.certificate), std::move(key.private_key)});
  }
  return Ok();
}

Result<FinishedJoin> FinishDevice(PendingJoin join, const Approval& approval,
                                  const pki::ChainVerifier& verifier, Millis now) {
  RENKEI_ASSIGN(const thread::Link link, CheckLink(join, approval, verifier, now));
  RENKEI_ASSIGN(const PublicKey device_key, X25519Public(join.keys.device_key));
  RENKEI_ASSIGN(seal::LinkPackage package,
                seal::OpenLinkPackage(approval.sealed_package,
                                      {link.linking_device, join.keys.device, device_key},
                                      join.keys.device_key, link.package_hash));
  Identity parts{.signing_key = join.keys.signing.Clone(), .tls_key = join.keys.tls.Clone()};
  RENKEI_TRY(TakeDeviceLeaves(join, approval, verifier, now, &parts));
  RENKEI_TRY(TakeArchiveKeys(join, approval, verifier, now, package, &parts));
  FinishedJoin out{StartIdentity(join), {}};
  out.identity.signing_certificate = std::move(parts.signing_certificate);
  out.identity.device_certificate = std::move(parts.device_certificate);
  out.identity.tls_certificate = std::move(parts.tls_certificate);
  out.identity.chain = std::move(parts.chain);
  out.identity.person_archive_keys = std::move(parts.person_archive_keys);
  out.identity.device_key = std::move(join.keys.device_key);
  for (const seal::LinkThread& position : package.threads) {
    out.positions.push_back(
        {position.case_id, position.seq, position.hash, position.at, position.card_hash});
  }
  return out;
}

Result<Identity> FinishStaff(PendingJoin join, const Approval& approval,
                             const pki::ChainVerifier& verifier, Millis now) {
  Identity parts{.signing_key = join.keys.signing.Clone(), .tls_key = join.keys.tls.Clone()};
  RENKEI_TRY(TakeDeviceLeaves(join, approval, verifier, now, &parts));
  RENKEI_ASSIGN(const PublicKey archive_key, X25519Public(join.keys.person_archive));
  RENKEI_ASSIGN(const auto archive, TakeLeaf(join, approval, verifier,
                                             pki::CertRole::kPersonArchive, archive_key, now));
  Identity out = StartIdentity(join);
  out.signing_certificate = std::move(parts.signing_certificate);
  out.device_certificate = std::move(parts.device_certificate);
  out.tls_certificate = std::move(parts.tls_certificate);
  out.chain = std::move(parts.chain);
  out.device_key = std::move(join.keys.device_key);
  out.person_archive_keys.push_back({1, archive.der(), std::move(join.keys.person_archive)});
  return out;
}

}  // namespace

Result<FinishedJoin> FinishApproved(PendingJoin join, const Approval& approval, Millis now,
                                    Random& random) {
  RENKEI_ASSIGN(const auto verifier,
                pki::ChainVerifier::Create(join.root_der, Sha256(join.root_der)));
  switch (join.purpose) {
    case seal::InvitationPurpose::kDevice:
      return FinishDevice(std::move(join), approval, verifier, now);
    case seal::InvitationPurpose::kStaff: {
      RENKEI_ASSIGN(Identity identity, FinishStaff(std::move(join), approval, verifier, now));
      return FinishedJoin{std::move(identity), {}};
    }
    case seal::InvitationPurpose::kInstitution: {
      RENKEI_ASSIGN(Identity identity,
                    FinishInstitution(std::move(join), approval, verifier, now, random));
      return FinishedJoin{std::move(identity), {}};
    }
  }
  return kNotOurs;
}

}  // namespace renkei::client
