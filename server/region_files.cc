#include "server/region_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "crypto/pki/chain.h"
#include "crypto/pki/pem.h"

namespace renkei::server {
namespace {

using std::filesystem::path;

constexpr std::size_t kMaxRegionJsonBytes = 4096;
constexpr std::size_t kMaxPemFileBytes = std::size_t{32} * 1024;

// A region's keys cannot be made a second time; only the TLS certificate can.
std::string Remedy(std::string_view name) {
  return name == kTlsChainFile || name == kTlsKeyFile
             ? "the region's operator makes a new one with `renkei region renew-relay --data DIR`"
             : "take the folder from the last backup, or, for a new region, make it with "
               "`renkei region init --data DIR`";
}

// Reads files one after the other and remembers the first problem as a sentence.
class Loader {
 public:
  explicit Loader(path folder) : folder_(std::move(folder)) {}

  const std::string& problem() const { return problem_; }
  bool ok() const { return problem_.empty(); }
  void Fail(const char* name, const char* what) {
    if (problem_.empty()) {
      problem_ = "the file " + (folder_ / name).string() + " " + what + "; " + Remedy(name);
    }
  }

  // Into memory that is wiped, whether secret or not. Empty after a problem.
  SecretBytes Read(const char* name, std::size_t limit, bool is_secret);
  std::optional<pki::Certificate> ReadCertificate(const char* name);

 private:
  path folder_;
  std::string problem_;
};

// Reads until the end or until `out` is full. False: an I/O error.
bool ReadAll(int descriptor, MutableByteView out, std::size_t& size) {
  size = 0;
  while (size < out.size()) {
    const ssize_t got = read(descriptor, out.data() + size, out.size() - size);
    if (got < 0) {
      return false;
    }
    if (got == 0) {
      return true;
    }
    size += static_cast<std::size_t>(got);
  }
  return true;
}

SecretBytes Loader::Read(const char* name, std::size_t limit, bool is_secret) {
  const int descriptor = open((folder_ / name).c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (descriptor < 0 || fstat(descriptor, &info) != 0) {
    Fail(name, "is missing or cannot be read");
    if (descriptor >= 0) {
      close(descriptor);
    }
    return {};
  }
  SecretBytes buffer(limit + 1);
  std::size_t size = 0;
  const bool is_read = ReadAll(descriptor, buffer.ExposeMutable(), size);
  close(descriptor);
  if (!is_read || size == 0 || size > limit) {
    Fail(name, "is empty or too large");
    return {};
  }
  if (is_secret && (info.st_mode & 077U) != 0) {
    Fail(name, "holds a key and is open to other users (chmod 600)");
    return {};
  }
  return SecretBytes::CopyOf(buffer.Expose().first(size));
}

std::optional<pki::Certificate> Loader::ReadCertificate(const char* name) {
  const SecretBytes der = Read(name, pki::kMaxCertificateBytes, false);
  auto certificate = pki::Certificate::Parse(der.Expose());
  if (!certificate.ok()) {
    Fail(name, "is not a certificate of a region");
    return std::nullopt;
  }
  return std::move(*certificate);
}

struct RegionJson {
  RegionId region;
  InstitutionId operator_institution;
};

std::optional<RegionJson> ParseRegionJson(ByteView text) {
  const auto json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object() || json.size() != 3 || !json.contains("version") ||
      !json.contains("region") || !json.contains("operator_institution") || json["version"] != 1 ||
      !json["region"].is_string() || !json["operator_institution"].is_string()) {
    return std::nullopt;
  }
  const auto region = RegionId::Parse(json["region"].get<std::string>());
  const auto institution = InstitutionId::Parse(json["operator_institution"].get<std::string>());
  if (!region.ok() || !institution.ok() || region->IsZero() || institution->IsZero()) {
    return std::nullopt;
  }
  return RegionJson{*region, *institution};
}

bool LeadsToRoot(const pki::Certificate& root, const pki::Certificate& issuing,
                 const pki::Certificate& leaf, pki::CertRole role, Millis now) {
  const std::array intermediates = {issuing};
  return pki::VerifyChain(leaf, intermediates, root, now, role).ok();
}

// Everything that has to agree with everything else.
void CheckTogether(Loader& loader, const RegionFiles& files, const pki::Certificate& tls,
                   Millis now) {
  if (files.root.role() != pki::CertRole::kRegionRoot || files.root.ids().region != files.region) {
    return loader.Fail(kRootFile, "is not the root certificate of the region in region.json");
  }
  if (!pki::VerifyChain(files.issuing, {}, files.root, now, pki::CertRole::kRegionIssuing).ok()) {
    return loader.Fail(kIssuingFile, "is not a valid issuing certificate under root.crt.der");
  }
  if (!LeadsToRoot(files.root, files.issuing, tls, pki::CertRole::kRelayTls, now)) {
    return loader.Fail(kTlsChainFile, "does not begin with a valid TLS certificate of the relay");
  }
  if (!pki::IsPrivateKeyPemOf(files.tls_key_pem.Expose(), tls)) {
    return loader.Fail(kTlsKeyFile, "is not the key of the certificate in tls.crt.pem");
  }
  if (!LeadsToRoot(files.root, files.issuing, files.signing_certificate,
                   pki::CertRole::kRelaySigning, now)) {
    return loader.Fail(kSigningCertificateFile, "is not a valid signing certificate of the relay");
  }
  if (files.signing_key.public_key() != files.signing_certificate.public_key()) {
    loader.Fail(kSigningKeyFile, "is not the key of the certificate in signing.crt.der");
  }
}

}  // namespace

LoadedRegion LoadRegion(const path& data_dir, Millis now) {
  Loader loader(data_dir / kRelayFolder);
  LoadedRegion out;
  const SecretBytes json = loader.Read(kRegionFile, kMaxRegionJsonBytes, false);
  const auto region = ParseRegionJson(json.Expose());
  if (!region) {
    loader.Fail(kRegionFile, "is not a region's description");
  }
  auto root = loader.ReadCertificate(kRootFile);
  auto issuing = loader.ReadCertificate(kIssuingFile);
  auto signing = loader.ReadCertificate(kSigningCertificateFile);
  const SecretBytes chain = loader.Read(kTlsChainFile, kMaxPemFileBytes, false);
  SecretBytes tls_key = loader.Read(kTlsKeyFile, kMaxPemFileBytes, true);
  const SecretBytes seed = loader.Read(kSigningKeyFile, kSeedBytes, true);
  auto tls = pki::CertificatesFromPem(AsText(chain.Expose()));
  if (!tls.ok() ||
      (root && issuing && (tls->size() != 3 || (*tls)[1] != *issuing || (*tls)[2] != *root))) {
    loader.Fail(kTlsChainFile, "does not hold the relay's, the issuing and the root certificate");
  }
  auto signing_key = SigningKey::FromSeed(seed.Expose());
  if (!signing_key.ok()) {
    loader.Fail(kSigningKeyFile, "is not a key of 32 bytes");
  }
  if (!loader.ok()) {
    out.problem = loader.problem();
    return out;
  }
  RegionFiles files{
      region->region,           region->operator_institution, std::move(*root),
      std::move(*issuing),      ToString(chain.Expose()),     std::move(tls_key),
      tls->front().not_after(), std::move(*signing),          std::move(*signing_key)};
  CheckTogether(loader, files, tls->front(), now);
  out.problem = loader.problem();
  if (loader.ok()) {
    out.files = std::move(files);
  }
  return out;
}

}  // namespace renkei::server
