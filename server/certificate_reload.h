// The relay's TLS certificate and key, read again while it runs. Broken files change nothing.
#ifndef RENKEI_SERVER_CERTIFICATE_RELOAD_H_
#define RENKEI_SERVER_CERTIFICATE_RELOAD_H_

#include <atomic>
#include <functional>

#include "crypto/base/hash.h"
#include "server/region_files.h"

namespace renkei::server {

// One thread looks; counts and end may be read by any.
class CertificateReload {
 public:
  // Takes a chain and the key that belongs to it, both checked.
  using Take = std::function<void(std::string chain_pem, SecretBytes key_pem)>;

  // in_use: what the relay was started with.
  CertificateReload(std::filesystem::path data_dir, const RegionFiles& in_use, Take take);

  enum class Found { kNothingNew, kTaken, kRefused };
  struct Looked {
    Found found = Found::kNothingNew;
    std::string problem;  // of what was refused; a sentence
  };
  // Reads DIR/relay (LoadRegion). is_asked: the operator wants to know now. Otherwise files that
  // are not good are refused only when they were found so twice: somebody may be writing them. What
  // was refused is not told again until it changes. Files that are good among themselves but under
  // another root than the one in use are refused too.
  Looked Look(Millis now, bool is_asked);

  Millis not_after() const { return {not_after_.load()}; }
  std::uint64_t taken() const { return taken_.load(); }
  std::uint64_t refused() const { return refused_.load(); }

 private:
  Looked Refuse(const std::string& problem, bool is_asked);

  const std::filesystem::path data_dir_;
  const pki::Certificate root_;
  const Take take_;
  Hash32 in_use_{};
  std::string doubtful_;  // found once
  std::string told_;
  std::atomic<std::int64_t> not_after_;
  std::atomic<std::uint64_t> taken_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CERTIFICATE_RELOAD_H_
