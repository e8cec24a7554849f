#include "server/core/key_packages.h"

#include <algorithm>
#include <set>

#include "server/core/limits.h"

namespace renkei::server {
namespace {

// Of one person in an answer; of all together 4 MiB, which a client takes.
constexpr std::size_t kMaxClaimedBytes = (std::size_t{4} << 20U) / kMaxClaimedPersons;

}  // namespace

void KeyPackages::Upload(const Caller& caller, std::vector<Bytes> key_packages,
                         const Reply<std::uint32_t>& reply) {
  if (key_packages.empty() || key_packages.size() > kMaxKeyPackages) {
    return reply(Error(Code::kMalformed, "key packages: number"));
  }
  for (const Bytes& key_package : key_packages) {
    if (key_package.empty()) {
      return reply(Error(Code::kMalformed, "key packages: an empty one"));
    }
    if (key_package.size() > kMaxKeyPackageBytes) {
      return reply(Error(Code::kTooLarge, "key packages: one is too large"));
    }
  }
  auto available = std::make_shared<std::uint32_t>(0);
  store_.Write(
      [device = caller.device, key_packages = std::move(key_packages),
       available](WriteTransaction& transaction) -> Status {
        RENKEI_ASSIGN(const auto oldest, transaction.OldestKeyPackage(device));
        if (oldest && oldest->handed_out) {
          RENKEI_TRY(transaction.DeleteKeyPackage(oldest->id));
        }
        RENKEI_ASSIGN(const std::size_t waiting, transaction.CountKeyPackages(device));
        if (waiting + key_packages.size() > kMaxWaitingKeyPackages) {
          return Error(Code::kThrottled, "key packages: enough of this device wait");
        }
        for (const Bytes& key_package : key_packages) {
          RENKEI_TRY(transaction.AddKeyPackage(device, key_package));
        }
        *available = static_cast<std::uint32_t>(waiting + key_packages.size());
        return Ok();
      },
      [available, reply](const Status& status) {
        if (!status.ok()) {
          return reply(status.error());
        }
        reply(*available);
      });
}

void KeyPackages::Claim(const Caller& caller, std::vector<PersonRef> persons,
                        const Reply<std::vector<ClaimedKeyPackage>>& reply) {
  const std::set<PersonRef> distinct(persons.begin(), persons.end());
  if (persons.empty() || persons.size() > kMaxClaimedPersons || distinct.size() != persons.size()) {
    return reply(Error(Code::kMalformed, "key packages: number of persons, or one named twice"));
  }
  auto claimed = std::make_shared<std::vector<ClaimedKeyPackage>>();
  store_.Write(
      [this, caller, persons = std::move(persons),
       claimed](WriteTransaction& transaction) -> Status {
        claimed->clear();
        for (const PersonRef& person : persons) {
          RENKEI_TRY(ClaimFor(transaction, person, *claimed));
        }
        return audit_.Add(transaction, EventOf(caller, "key_packages.claim", "done"));
      },
      [claimed, reply](const Status& status) {
        if (!status.ok()) {
          return reply(status.error());
        }
        reply(std::move(*claimed));
      });
}

Status KeyPackages::ClaimFor(WriteTransaction& transaction, const PersonRef& person,
                             std::vector<ClaimedKeyPackage>& out) const {
  std::size_t bytes = 0;
  RENKEI_ASSIGN(const std::vector<DeviceCertificate> devices,
                transaction.DevicesOf(person, pki::CertRole::kDeviceSigning));
  for (const auto& [device, fingerprint] : devices) {
    RENKEI_ASSIGN(const auto known, directory_.Find(transaction, fingerprint));
    if (!known || directory_.IsRevoked(known->certificate) ||
        !known->certificate.ValidAt(clock_.Now()) || out.size() >= kMaxClaimed) {
      continue;
    }
    RENKEI_ASSIGN(std::optional<KeyPackageRow> oldest, transaction.OldestKeyPackage(device));
    if (!oldest || bytes + oldest->key_package.size() > kMaxClaimedBytes) {
      continue;
    }
    bytes += oldest->key_package.size();
    RENKEI_ASSIGN(const std::size_t waiting, transaction.CountKeyPackages(device));
    RENKEI_TRY(waiting > 1 ? transaction.DeleteKeyPackage(oldest->id)
                           : transaction.MarkKeyPackageHandedOut(oldest->id));
    out.push_back({person, device, std::move(oldest->key_package)});
  }
  return Ok();
}

}  // namespace renkei::server
