// What `renkei region init --data DIR` leaves in DIR/relay for the relay, and the relay reads once
// at its start. The client's command line writes these files; this comment and server/README.md
// "Files in DIR" are the contract between the two.
//
//   DIR/relay/              0700
//     region.json           {"version": 1,
//                            "region": "<uuid>",                  the region's id
//                            "operator_institution": "<uuid>"}    whose devices may invite
//                                                                 institutions
//                           One JSON object, UTF-8, at most 4096 bytes; other members are refused.
//     root.crt.der          the region's root CA certificate (role kRegionRoot)
//     issuing.crt.der       the region's issuing CA certificate (kRegionIssuing), signed by the
//     root tls.crt.pem           the relay's TLS certificate (kRelayTls), then the issuing CA's,
//     then the
//                           root's, in this order (pki::ToPem): the root travels so that a client
//                           which knows only its fingerprint can take it from the handshake
//     tls.key.pem           0600, the TLS key as pki::PrivateKeyPem writes it (PKCS#8)
//     signing.crt.der       the relay's signing certificate (kRelaySigning), signed by the issuing
//     CA signing.key           0600, its Ed25519 seed: 32 raw bytes
//   DIR/store/              0700, made by the relay: relay.db and SQLite's -wal and -shm beside it
//
// The operator's own institution CA and devices do not stand here: the operator's client publishes
// them (Directory.Publish) with its first connection, as every institution's first person does.
#ifndef RENKEI_SERVER_REGION_FILES_H_
#define RENKEI_SERVER_REGION_FILES_H_

#include <filesystem>
#include <optional>
#include <string>

#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/base/secret.h"
#include "crypto/base/sign.h"
#include "crypto/pki/certificate.h"

namespace renkei::server {

inline constexpr const char* kRelayFolder = "relay";
inline constexpr const char* kStoreFolder = "store";
inline constexpr const char* kRegionFile = "region.json";
inline constexpr const char* kRootFile = "root.crt.der";
inline constexpr const char* kIssuingFile = "issuing.crt.der";
inline constexpr const char* kTlsChainFile = "tls.crt.pem";
inline constexpr const char* kTlsKeyFile = "tls.key.pem";
inline constexpr const char* kSigningCertificateFile = "signing.crt.der";
inline constexpr const char* kSigningKeyFile = "signing.key";

struct RegionFiles {
  RegionId region;
  InstitutionId operator_institution;
  pki::Certificate root;
  pki::Certificate issuing;
  std::string tls_chain_pem;
  SecretBytes tls_key_pem;
  Millis tls_not_after;
  pki::Certificate signing_certificate;
  SigningKey signing_key;
};

struct LoadedRegion {
  std::optional<RegionFiles> files;
  std::string problem;  // one sentence for the operator, naming the file, when `files` is empty
};

// Reads and checks all of the above: each file is there, not too large, secret ones closed to
// group and others, every certificate of its role, every chain leading to the root as of `now`,
// every key the key of its certificate, one region in all of them. Changes nothing. Any thread.
LoadedRegion LoadRegion(const std::filesystem::path& data_dir, Millis now);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_REGION_FILES_H_
