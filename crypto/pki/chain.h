// Who a certificate belongs to, if its chain leads to the region's root (design: one chain, no
// network). The whole path is verified by OpenSSL (X509_V_FLAG_X509_STRICT) as of a given moment,
// and then by the role table.
#ifndef RENKEI_CRYPTO_PKI_CHAIN_H_
#define RENKEI_CRYPTO_PKI_CHAIN_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/pki/certificate.h"
#include "crypto/pki/revocation.h"

namespace renkei::pki {

// Certificates between leaf and root, either order. More is refused before anything is computed.
inline constexpr std::size_t kMaxIntermediates = 2;

// What the chain vouches for. Ids that the role does not have are zero.
struct VerifiedIdentity {
  CertRole role = CertRole::kDeviceSigning;
  RegionId region;
  InstitutionId institution;
  PersonId person;
  DeviceId device;
  std::uint32_t archive_version = 0;
  std::string name;              // the person's; else the institution's or region's
  std::string institution_name;  // as the region certified it; empty for region and relay
  InstitutionKind institution_kind = InstitutionKind::kNone;
  Profession profession = Profession::kNone;
  PublicKey public_key{};
  PublicKey institution_key{};  // the institution CA's key; zero for region and relay
  Hash32 fingerprint{};         // of the leaf certificate
};

// An issuing certificate whose chain was verified; many leaves are checked under it for the price
// of one signature each. Immutable; copies share; any thread.
class VerifiedIssuer {
 public:
  const Certificate& certificate() const { return path_->front(); }
  // This issuer first, the root last.
  const std::vector<Certificate>& path() const { return *path_; }

  // The same answer as ChainVerifier::Verify with this path, for a leaf of `expected` role that
  // this issuer signed. The moment counts for the whole path, not only for the leaf.
  // kAuthFailed: drop it.
  Result<VerifiedIdentity> Verify(const Certificate& leaf, Millis at, CertRole expected,
                                  const RevocationSet* revoked = nullptr) const;

 private:
  friend class ChainVerifier;
  explicit VerifiedIssuer(std::vector<Certificate> path)
      : path_(std::make_shared<const std::vector<Certificate>>(std::move(path))) {}

  std::shared_ptr<const std::vector<Certificate>> path_;
};

// Verifies against one region's root. Immutable; any thread.
class ChainVerifier {
 public:
  // root  a region root, trusted by the caller (its fingerprint came with the invitation, or from
  //       the vault). kAuthFailed unless it is a root that signed itself.
  static Result<ChainVerifier> Create(const Certificate& root);
  // The same for bytes from the network: kMalformed, kTooLarge as Certificate::Parse; kAuthFailed
  // if its SHA-256 is not `fingerprint`.
  static Result<ChainVerifier> Create(ByteView root_der, const Hash32& fingerprint);

  ChainVerifier(ChainVerifier&&) noexcept;
  ChainVerifier& operator=(ChainVerifier&&) noexcept;
  ~ChainVerifier();

  const Certificate& root() const;
  const RegionId& region() const { return root().ids().region; }

  // leaf           any role but the root's, CAs included.
  // intermediates  0..kMaxIntermediates, without the root, in any order; strangers are refused.
  // at             the moment that counts: received_at for what came by a thread, now for TLS.
  // expected       the role that the caller needs.
  // revoked        may be null; else nothing on the path may be revoked as of `at`.
  // kAuthFailed: drop it; on purpose not told apart why.
  Result<VerifiedIdentity> Verify(const Certificate& leaf,
                                  std::span<const Certificate> intermediates, Millis at,
                                  CertRole expected, const RevocationSet* revoked = nullptr) const;

  // Verifies a CA's own chain at the moment `at`, for VerifiedIssuer::Verify later. The root
  // itself, without intermediates, is a valid `issuer`.
  Result<VerifiedIssuer> VerifyIssuer(const Certificate& issuer,
                                      std::span<const Certificate> intermediates, Millis at,
                                      const RevocationSet* revoked = nullptr) const;

 private:
  struct Store;
  explicit ChainVerifier(std::unique_ptr<Store> store);
  Result<std::vector<Certificate>> VerifyPath(const Certificate& leaf,
                                              std::span<const Certificate> intermediates, Millis at,
                                              const RevocationSet* revoked) const;

  std::unique_ptr<Store> store_;
};

// The same in one call, for a leaf now and then.
Result<VerifiedIdentity> VerifyChain(const Certificate& leaf,
                                     std::span<const Certificate> intermediates,
                                     const Certificate& root, Millis at, CertRole expected,
                                     const RevocationSet* revoked = nullptr);

}  // namespace renkei::pki

#endif  // RENKEI_CRYPTO_PKI_CHAIN_H_
