// The directory: every certificate whose chain leads to the region's root, and the revocation
// lists, in the order of publication. What it holds was verified when it came in.
#ifndef RENKEI_SERVER_CORE_DIRECTORY_H_
#define RENKEI_SERVER_CORE_DIRECTORY_H_

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <unordered_map>
#include <variant>

#include "crypto/pki/chain.h"
#include "crypto/pki/revocation.h"
#include "server/core/audit.h"
#include "server/core/limits.h"
#include "server/core/reply.h"

namespace renkei::server {

class Quota;
class WatchHub;

// Whom this relay believes.
struct RegionTrust {
  pki::ChainVerifier verifier;  // of the region's root
  pki::Certificate issuing;
  InstitutionId operator_institution;
};

enum class PublishRefusal { kBadCertificate, kNotAllowed };
using PublishOutcome = std::variant<std::uint64_t, PublishRefusal>;  // the newest position
enum class RevocationRefusal { kBadList, kOlder };
using RevocationOutcome = std::variant<std::uint64_t, RevocationRefusal>;

struct DirectoryPage {
  std::vector<DirectoryItem> items;
  bool complete = true;
};

// A certificate of the directory. Immutable.
struct KnownCertificate {
  pki::Certificate certificate;
  PersonRef person;
  DeviceId device;
  PublicKey institution_key{};
};

// Any thread.
class Directory {
 public:
  Directory(Store& store, const Clock& clock, const Audit& audit, const Quota& quota, WatchHub& hub,
            RegionTrust trust)
      : store_(store),
        clock_(clock),
        audit_(audit),
        quota_(quota),
        hub_(hub),
        trust_(std::move(trust)) {}

  // Once, before any other call: publishes `own` (the issuing CA's and the relay's signing
  // certificate) and reads the revocation lists. kAuthFailed: one of `own` does not lead to the
  // root as of now. kUnavailable, kCorrupt: the store's.
  Status Open(std::span<const pki::Certificate> own);

  const RegionTrust& trust() const { return trust_; }

  // Certificates of the caller's own institution. A caller whose own certificate is not in the
  // directory yet may publish too: its chain has been verified.
  void Publish(const Caller& caller, std::span<const ByteView> certificates,
               const Reply<PublishOutcome>& reply);
  Result<DirectoryPage> Sync(std::uint64_t after, std::size_t limit,
                             std::size_t max_bytes = kMaxReadBytes) const;
  // A list of the caller's institution; from the operator's institution, the region's too.
  void PublishRevocations(const Caller& caller, ByteView list,
                          const Reply<RevocationOutcome>& reply);

  // Verifies certificates as of now against the root, the directory's CAs and each other.
  // kMalformed, kTooLarge, kAuthFailed: at least one is not acceptable. kUnavailable, kCorrupt: the
  // store's, which says nothing about them.
  Result<std::vector<CertificateRow>> VerifyAll(std::span<const ByteView> certificates) const;
  // Adds rows that VerifyAll made. kDenied, before anything is written, if a device id belongs to
  // another person already or is two persons' among the rows. kThrottled: usage.h.
  Result<std::uint64_t> Add(WriteTransaction& transaction,
                            std::span<const CertificateRow> rows) const;
  // After such a transaction is durable.
  void Changed() const;

  // The certificate with this SHA-256, if it was published. Null: unknown.
  Result<std::shared_ptr<const KnownCertificate>> Find(ReadTransaction& transaction,
                                                       const Hash32& fingerprint);
  // The CA with this key: the region's own, or an institution's that was published. kAuthFailed:
  // unknown. kCorrupt: what was published cannot be read any more.
  Result<pki::Certificate> IssuerOf(ReadTransaction& transaction, const pki::KeyId& key_id) const;
  // On any list held, whatever the time it names: revocation is for ever.
  bool IsRevoked(const pki::Certificate& certificate) const;
  // Changes whenever a list came in, so that an answer may be kept in between.
  std::uint64_t revocation_count() const { return revocation_count_.load(); }

  // The path of a device TLS certificate at `at`, revocation considered. `sent`: what came with it.
  // kAuthFailed: not one of ours. kUnavailable, kCorrupt: the store's.
  Result<pki::VerifiedIdentity> VerifyDevice(const pki::Certificate& leaf,
                                             std::span<const pki::Certificate> sent,
                                             Millis at) const;

 private:
  Status LoadRevocations();
  Status Charge(WriteTransaction& transaction, const CertificateRow& row) const;
  Status PublishOwn(std::span<const pki::Certificate> own);
  // In a transaction of its own.
  Result<pki::Certificate> IssuerOf(const pki::KeyId& key_id,
                                    std::span<const pki::Certificate> beside) const;
  Result<CertificateRow> VerifyOne(const pki::Certificate& certificate,
                                   std::span<const pki::Certificate> beside, Millis at) const;
  Result<RevocationOutcome> AddList(WriteTransaction& transaction, const Caller& caller,
                                    const pki::RevocationList& list) const;
  void KeepList(const pki::RevocationList& list, const pki::Certificate& issuer);

  Store& store_;
  const Clock& clock_;
  const Audit& audit_;
  const Quota& quota_;
  WatchHub& hub_;
  RegionTrust trust_;

  mutable std::shared_mutex revoked_mutex_;
  pki::RevocationSet revoked_;
  std::atomic<std::uint64_t> revocation_count_ = 0;

  struct HashOfHash {
    std::size_t operator()(const Hash32& hash) const;
  };
  std::shared_mutex known_mutex_;
  std::unordered_map<Hash32, std::shared_ptr<const KnownCertificate>, HashOfHash> known_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_DIRECTORY_H_
