#include "server/store/usage_count.h"

#include <utility>
#include <vector>

#include "server/core/usage.h"
#include "server/store/sqlite_transaction.h"

namespace renkei::server {
namespace {

constexpr std::size_t kNumbers = 3;
constexpr std::int64_t kPage = 500;

class Counter {
 public:
  explicit Counter(Database& database) : database_(database), transaction_(database, false) {}

  Status Run() {
    std::int64_t after = 0;
    for (bool is_more = true; is_more;) {
      RENKEI_ASSIGN(is_more, CountPage(after));
    }
    return Ok();
  }
  UsageByName Take() { return std::move(out_); }

 private:
  // False: there was no entry any more.
  Result<bool> CountPage(std::int64_t& after) {
    struct Pack {
      std::int64_t thread = 0;
      std::uint64_t seq = 0;
      DeviceId payer;
    };
    std::vector<Pack> packs;
    bool is_any = false;
    {
      Query query(database_,
                  "SELECT id, thread, seq, kind, payload FROM entries WHERE id > ?"
                  " ORDER BY id LIMIT ?");
      query.Bind(after).Bind(kPage);
      for (;;) {
        RENKEI_ASSIGN(const bool found, query.Next());
        if (!found) {
          break;
        }
        is_any = true;
        after = query.Int();
        Pack pack;
        pack.thread = query.Int();
        pack.seq = query.Count();
        const auto kind = static_cast<thread::EntryKind>(query.Int());
        const ByteView payload = query.Blob();
        const auto payer = PayerOf(kind, payload);
        if (!payer.ok() || !*payer) {
          continue;
        }
        RENKEI_ASSIGN(const Usage usage, UsageOfEntry(kind, payload));
        RENKEI_TRY(Add(**payer, usage));
        if (kind == thread::EntryKind::kPack) {
          pack.payer = **payer;
          packs.push_back(pack);
        }
      }
    }
    for (const Pack& pack : packs) {
      Query query(database_, "SELECT length(pack) FROM packs WHERE thread = ? AND seq = ?");
      query.Bind(pack.thread).BindCount(pack.seq);
      RENKEI_ASSIGN(const bool found, query.Next());
      if (found) {
        RENKEI_TRY(Add(pack.payer, UsageOfRow(static_cast<std::size_t>(query.Count()))));
      }
    }
    return is_any;
  }

  Status Add(const DeviceId& device, const Usage& more) {
    out_[UsageName(Owner::kDevice, device.bytes)].Add(more);
    const auto known = owners_.find(device);
    if (known == owners_.end()) {
      RENKEI_ASSIGN(const auto owner, transaction_.DeviceOwner(device));
      owners_[device] = owner ? owner->institution : InstitutionId{};
    }
    out_[UsageName(Owner::kInstitution, owners_[device].bytes)].Add(more);
    return Ok();
  }

  Database& database_;
  SqliteTransaction transaction_;
  std::map<DeviceId, InstitutionId> owners_;
  UsageByName out_;
};

Status WriteCount(Database& database) {
  SqliteTransaction transaction(database, false);
  RENKEI_ASSIGN(const std::optional<Bytes> counted, transaction.FindMeta(kUsageCountedMeta));
  if (counted) {
    return Ok();
  }
  RENKEI_ASSIGN(const UsageByName usage, CountUsage(database));
  for (const auto& [name, used] : usage) {
    RENKEI_TRY(transaction.PutMeta(name, SerializeUsage(used)));
  }
  static constexpr std::uint8_t kYes = 1;
  return transaction.PutMeta(kUsageCountedMeta, ByteView(&kYes, 1));
}

}  // namespace

std::string UsageName(Owner owner, const ByteArray<kIdBytes>& id) {
  return (owner == Owner::kDevice ? "usage d " : "usage i ") + ToHex(id);
}

Bytes SerializeUsage(const Usage& usage) {
  Bytes out;
  for (const std::uint64_t number : {usage.kept, usage.passing, usage.threads}) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.push_back(static_cast<std::uint8_t>(number >> static_cast<unsigned>(shift)));
    }
  }
  return out;
}

Result<Usage> ParseUsage(ByteView bytes) {
  if (bytes.size() != kNumbers * sizeof(std::uint64_t)) {
    return Error(Code::kCorrupt, "store: how much a device keeps is damaged");
  }
  std::uint64_t numbers[kNumbers] = {};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint64_t& number = numbers[i / sizeof(std::uint64_t)];
    number = (number << 8U) | bytes[i];
  }
  return Usage{numbers[0], numbers[1], numbers[2]};
}

Result<UsageByName> CountUsage(Database& database) {
  Counter counter(database);
  RENKEI_TRY(counter.Run());
  return counter.Take();
}

Result<UsageByName> ReadUsage(Database& database) {
  Query query(database,
              "SELECT name, value FROM meta WHERE name >= 'usage d' AND name < 'usage j'");
  UsageByName out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return out;
    }
    const std::string name = query.Text();
    RENKEI_ASSIGN(out[name], ParseUsage(query.Blob()));
  }
}

Status CountUsageIfNew(Database& database) {
  RENKEI_TRY(database.Execute("BEGIN IMMEDIATE"));
  const Status status = WriteCount(database);
  if (!status.ok()) {
    (void)database.Execute("ROLLBACK");
    return status;
  }
  return database.Execute("COMMIT");
}

}  // namespace renkei::server
