#include "server/core/callers.h"

#include <algorithm>
#include <mutex>

#include "crypto/pki/pem.h"

namespace renkei::server {
namespace {

constexpr std::size_t kMaxKnownCallers = 20000;
constexpr std::size_t kMaxRefused = 1024;
constexpr Millis kRefusedFor = Seconds(2);

}  // namespace

Result<std::shared_ptr<const Credential>> Callers::Authenticate(std::string_view leaf_pem,
                                                                std::string_view chain_pem) {
  if (IsRefused(leaf_pem)) {
    return Error(Code::kAuthFailed, "caller: refused a moment ago");
  }
  if (auto known = Known(leaf_pem)) {
    if (!StillValid(*known)) {
      Remember(leaf_pem);
      return Error(Code::kAuthFailed, "caller: expired or revoked");
    }
    return known;
  }
  auto verified = Verify(leaf_pem, chain_pem);
  if (!verified.ok()) {
    if (verified.error().code() == Code::kAuthFailed) {
      Remember(leaf_pem);
    }
    return verified.error();
  }
  auto credential = std::move(*verified);
  // One that is not published yet is looked at again next time.
  if (credential->caller.published) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kMaxKnownCallers) {
      known_.clear();
    }
    known_[std::string(leaf_pem)] = credential;
  }
  return credential;
}

bool Callers::IsRefused(std::string_view leaf_pem) const {
  const std::shared_lock lock(mutex_);
  const auto it = refused_.find(leaf_pem);
  if (it == refused_.end()) {
    return false;
  }
  const Millis since = clock_.Now() - it->second;
  return since.value >= 0 && since < kRefusedFor;
}

void Callers::Remember(std::string_view leaf_pem) {
  const std::lock_guard lock(mutex_);
  if (refused_.size() >= kMaxRefused) {
    refused_.clear();
  }
  refused_[std::string(leaf_pem)] = clock_.Now();
}

std::shared_ptr<const Credential> Callers::Known(std::string_view leaf_pem) {
  const std::shared_lock lock(mutex_);
  const auto it = known_.find(leaf_pem);
  return it == known_.end() ? nullptr : it->second;
}

bool Callers::StillValid(const Credential& credential) const {
  const Millis now = clock_.Now();
  if (now < credential.valid_from || now >= credential.valid_until) {
    return false;
  }
  const std::uint64_t count = directory_.revocation_count() + 1;
  if (credential.checked_at_count.load() == count) {
    return true;
  }
  if (!directory_.VerifyDevice(credential.leaf, {}, now).ok()) {
    return false;
  }
  credential.checked_at_count.store(count);
  return true;
}

Result<std::shared_ptr<const Credential>> Callers::Verify(std::string_view leaf_pem,
                                                          std::string_view chain_pem) const {
  const Error refused(Code::kAuthFailed, "caller: not a device certificate of this region");
  auto leaf = pki::CertificatesFromPem(leaf_pem);
  if (!leaf.ok() || leaf->size() != 1) {
    return refused;
  }
  std::vector<pki::Certificate> sent;
  if (!chain_pem.empty()) {
    auto chain = pki::CertificatesFromPem(chain_pem);
    if (!chain.ok()) {
      return refused;
    }
    sent = std::move(*chain);
  }
  const std::uint64_t count = directory_.revocation_count() + 1;
  auto identity = directory_.VerifyDevice(leaf->front(), sent, clock_.Now());
  if (!identity.ok()) {
    return identity.error().code() == Code::kUnavailable ? identity.error() : refused;
  }
  Caller caller;
  caller.person = {identity->institution, identity->person};
  caller.device = identity->device;
  caller.certificate = leaf->front().fingerprint();
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(const auto row, transaction.FindCertificate(caller.certificate));
    caller.published = row.has_value();
    return Ok();
  }));
  return std::make_shared<const Credential>(caller, leaf->front(), count);
}

}  // namespace renkei::server
