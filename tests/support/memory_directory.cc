// The directory and its key packages.
#include <algorithm>

#include "tests/support/memory_transaction.h"

namespace renkei::test {

using namespace server;  // NOLINT(google-build-using-namespace): this file is about its rows

Result<std::optional<CertificateRow>> MemoryTransaction::FindCertificate(
    const Hash32& fingerprint) {
  for (const auto& [position, item] : c_.directory) {
    if (item.certificate && item.certificate->fingerprint == fingerprint) {
      return item.certificate;
    }
  }
  return std::optional<CertificateRow>();
}

Result<std::vector<CertificateRow>> MemoryTransaction::FindIssuers(
    const pki::KeyId& subject_key_id) {
  std::vector<CertificateRow> out;
  for (const auto& [position, item] : c_.directory) {
    if (item.certificate && item.certificate->subject_key_id == subject_key_id &&
        pki::ProfileOf(item.certificate->role).is_ca()) {
      out.push_back(*item.certificate);
    }
  }
  return out;
}

Result<std::optional<PersonRef>> MemoryTransaction::DeviceOwner(const DeviceId& device) {
  for (const auto& [position, item] : c_.directory) {
    if (item.certificate && item.certificate->device == device) {
      return std::optional(item.certificate->person);
    }
  }
  return std::optional<PersonRef>();
}

Result<std::vector<DeviceCertificate>> MemoryTransaction::DevicesOf(const PersonRef& person,
                                                                    pki::CertRole role) {
  std::map<DeviceId, Hash32> newest;
  for (const auto& [position, item] : c_.directory) {
    if (item.certificate && item.certificate->person == person && item.certificate->role == role) {
      newest[item.certificate->device] = item.certificate->fingerprint;
    }
  }
  std::vector<DeviceCertificate> out;
  for (const auto& [device, fingerprint] : newest) {
    out.push_back({device, fingerprint});
  }
  return out;
}

Result<std::vector<DirectoryItem>> MemoryTransaction::ReadDirectory(std::uint64_t after,
                                                                    std::size_t max_items,
                                                                    std::size_t max_bytes) {
  std::vector<DirectoryItem> out;
  std::size_t bytes = 0;
  for (auto it = c_.directory.upper_bound(after); it != c_.directory.end(); ++it) {
    const Bytes& der = it->second.list ? it->second.list->der : it->second.certificate->der;
    bytes += der.size();
    if (out.size() >= max_items || (!out.empty() && bytes > max_bytes)) {
      break;
    }
    out.push_back({it->first, it->second.list.has_value(), der});
  }
  return out;
}

Result<std::uint64_t> MemoryTransaction::DirectoryPosition() {
  return c_.directory.empty() ? std::uint64_t{0} : c_.directory.rbegin()->first;
}

Result<std::optional<RevocationRow>> MemoryTransaction::FindRevocations(const pki::KeyId& issuer) {
  for (const auto& [position, item] : c_.directory) {
    if (item.list && item.list->issuer_key_id == issuer) {
      return item.list;
    }
  }
  return std::optional<RevocationRow>();
}

Result<std::vector<RevocationRow>> MemoryTransaction::NewestRevocations() {
  std::vector<RevocationRow> out;
  for (const auto& [position, item] : c_.directory) {
    if (item.list) {
      out.push_back(*item.list);
    }
  }
  return out;
}

Result<std::size_t> MemoryTransaction::CountKeyPackages(const DeviceId& device) {
  return static_cast<std::size_t>(
      std::count_if(c_.key_packages.begin(), c_.key_packages.end(),
                    [&](const auto& item) { return item.second.device == device; }));
}

Result<std::optional<KeyPackageRow>> MemoryTransaction::OldestKeyPackage(const DeviceId& device) {
  for (const auto& [id, item] : c_.key_packages) {
    if (item.device == device) {
      return std::optional(item.row);
    }
  }
  return std::optional<KeyPackageRow>();
}

Result<std::uint64_t> MemoryTransaction::AddCertificate(const CertificateRow& row) {
  for (const auto& [position, item] : c_.directory) {
    if (item.certificate && item.certificate->fingerprint == row.fingerprint) {
      return position;
    }
  }
  const std::uint64_t position = ++c_.last_id;
  RENKEI_TRY(Put(c_.directory, position, Content::Published{row, std::nullopt}));
  return position;
}

Result<std::uint64_t> MemoryTransaction::AddRevocations(const RevocationRow& row) {
  for (const auto& [position, item] : c_.directory) {
    if (item.list && item.list->issuer_key_id == row.issuer_key_id) {
      Erase(c_.directory, std::uint64_t{position});
      break;
    }
  }
  const std::uint64_t position = ++c_.last_id;
  RENKEI_TRY(Put(c_.directory, position, Content::Published{std::nullopt, row}));
  return position;
}

Status MemoryTransaction::AddKeyPackage(const DeviceId& device, ByteView key_package) {
  const std::uint64_t id = ++c_.last_id;
  return Put(c_.key_packages, id, Content::KeyPackage{device, {id, false, ToBytes(key_package)}});
}

Status MemoryTransaction::DeleteKeyPackage(std::uint64_t id) {
  Erase(c_.key_packages, id);
  return Ok();
}

Status MemoryTransaction::MarkKeyPackageHandedOut(std::uint64_t id) {
  auto item = Find(c_.key_packages, id);
  if (!item) {
    return Ok();
  }
  item->row.handed_out = true;
  return Put(c_.key_packages, id, *item);
}

}  // namespace renkei::test
