#include "server/certificate_reload.h"

#include <utility>

namespace renkei::server {
namespace {

// Of chain and key together, to tell whether anything changed without keeping the key. Key files
// are random; nothing is learnt from the hash.
Hash32 HashOf(const RegionFiles& files) {
  return Sha256({AsBytes(files.tls_chain_pem), files.tls_key_pem.Expose()});
}

}  // namespace

CertificateReload::CertificateReload(std::filesystem::path data_dir, const RegionFiles& in_use,
                                     Take take)
    : data_dir_(std::move(data_dir)),
      root_(in_use.root),
      take_(std::move(take)),
      in_use_(HashOf(in_use)),
      not_after_(in_use.tls_not_after.value) {}

CertificateReload::Looked CertificateReload::Look(Millis now, bool is_asked) {
  LoadedRegion loaded = LoadRegion(data_dir_, now);
  if (!loaded.files) {
    return Refuse(loaded.problem, is_asked);
  }
  // No member would believe it, and the relay would go on checking theirs against the old root.
  if (loaded.files->root != root_) {
    const std::filesystem::path file = data_dir_ / kRelayFolder / kRootFile;
    return Refuse("the file " + file.string() +
                      " is not the root certificate with which the relay was started; put this "
                      "region's files back",
                  is_asked);
  }
  doubtful_.clear();
  told_.clear();
  const Hash32 found = HashOf(*loaded.files);
  if (found == in_use_) {
    return {};
  }
  in_use_ = found;
  not_after_.store(loaded.files->tls_not_after.value);
  ++taken_;
  take_(std::move(loaded.files->tls_chain_pem), std::move(loaded.files->tls_key_pem));
  return {Found::kTaken, ""};
}

CertificateReload::Looked CertificateReload::Refuse(const std::string& problem, bool is_asked) {
  const bool is_sure = is_asked || std::exchange(doubtful_, problem) == problem;
  if (!is_sure || (told_ == problem && !is_asked)) {
    return {};
  }
  told_ = problem;
  ++refused_;
  return {Found::kRefused, problem};
}

}  // namespace renkei::server
