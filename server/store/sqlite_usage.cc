// What devices and institutions keep here, in SQLite: rows of `meta`, written once for each
// transaction (Flush), because a busy device appends many entries in one.
#include <string>

#include "server/store/sqlite_transaction.h"
#include "server/store/usage_count.h"

namespace renkei::server {
namespace {

constexpr std::size_t kMaxKnownUsage = 20000;

}  // namespace

Result<Usage> SqliteTransaction::FindUsage(Owner owner, const ByteArray<kIdBytes>& id) {
  const std::string name = UsageName(owner, id);
  if (const auto it = usage_.find(name); it != usage_.end()) {
    return it->second.usage;
  }
  RENKEI_ASSIGN(const std::optional<Bytes> value, FindMeta(name));
  Usage out;
  if (value) {
    RENKEI_ASSIGN(out, ParseUsage(*value));
  }
  if (is_writer_) {
    usage_[name] = {out, false};
  }
  return out;
}

Status SqliteTransaction::AddUsage(const DeviceId& device, const InstitutionId& institution,
                                   const Usage& more) {
  const std::pair<Owner, ByteArray<kIdBytes>> owners[] = {{Owner::kDevice, device.bytes},
                                                          {Owner::kInstitution, institution.bytes}};
  for (const auto& [owner, id] : owners) {
    RENKEI_ASSIGN(Usage used, FindUsage(owner, id));
    used.Add(more);
    usage_[UsageName(owner, id)] = {used, true};
  }
  wrote_ = true;
  return Ok();
}

Status SqliteTransaction::FlushUsage() {
  for (auto& [name, known] : usage_) {
    if (known.is_changed) {
      RENKEI_TRY(PutMeta(name, SerializeUsage(known.usage)));
      known.is_changed = false;
    }
  }
  if (usage_.size() > kMaxKnownUsage) {
    usage_.clear();
  }
  return Ok();
}

}  // namespace renkei::server
