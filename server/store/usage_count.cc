#include "server/store/usage_count.h"

#include <optional>

#include "server/core/thread_usage.h"

namespace renkei::server {
namespace {

constexpr const char* kInsert = "INSERT INTO stored_bytes (owner, id, bytes) VALUES (?, ?, ?)";

class Counter {
 public:
  explicit Counter(Database& database) : database_(database) {}

  Status Run() {
    RENKEI_TRY(ReadWelcomes());
    RENKEI_TRY(CountEntries());
    return CountCertificates();
  }
  UsageMap Take() { return std::move(out_); }

 private:
  // Each once, under the commit it belongs to.
  Status ReadWelcomes() {
    Query query(database_,
                "SELECT m.thread, m.seq, length(w.welcome) FROM welcomes w JOIN mail m"
                " ON m.id = (SELECT min(id) FROM mail WHERE welcome = w.id)");
    for (;;) {
      RENKEI_ASSIGN(const bool found, query.Next());
      if (!found) {
        return Ok();
      }
      const std::int64_t thread = query.Int();
      const std::uint64_t seq = query.Count();
      welcomes_[{thread, seq}] += BytesOfRow(query.Count());
    }
  }

  Status CountEntries() {
    Query query(database_,
                "SELECT thread, seq, kind, payload FROM entries"
                " WHERE thread IN (SELECT no FROM threads) ORDER BY thread, seq");
    std::int64_t thread = 0;
    for (;;) {
      RENKEI_ASSIGN(const bool found, query.Next());
      const std::int64_t of = found ? query.Int() : 0;
      if (of != thread) {
        RENKEI_TRY(CountGroupInfo(thread));
        walk_ = ThreadUsage();
        thread = of;
      }
      if (!found) {
        return Ok();
      }
      const std::uint64_t seq = query.Count();
      const auto kind = static_cast<thread::EntryKind>(query.Int());
      RENKEI_TRY(CountEntry(thread, seq, kind, query.Blob()));
    }
  }

  Status CountEntry(std::int64_t thread, std::uint64_t seq, thread::EntryKind kind,
                    ByteView payload) {
    const std::optional<EntryCost> cost = walk_.Next(kind, payload);
    if (!cost) {
      return Ok();
    }
    std::uint64_t bytes = cost->bytes;
    if (kind == thread::EntryKind::kPack) {
      RENKEI_ASSIGN(const std::uint64_t pack, PackBytes(thread, seq));
      bytes += pack;
    }
    if (const auto it = welcomes_.find({thread, seq}); it != welcomes_.end()) {
      bytes += it->second;
    }
    Add(cost->payer, bytes);
    return Ok();
  }

  Result<std::uint64_t> PackBytes(std::int64_t thread, std::uint64_t seq) {
    Query query(database_, "SELECT length(pack) FROM packs WHERE thread = ? AND seq = ?");
    query.Bind(thread).BindCount(seq);
    RENKEI_ASSIGN(const bool found, query.Next());
    return found ? BytesOfRow(query.Count()) : 0;
  }

  // Of a thread that has been walked to its end.
  Status CountGroupInfo(std::int64_t thread) {
    const std::optional<Payer> payer = walk_.LastCommitter();
    if (!payer) {
      return Ok();
    }
    Query query(database_, "SELECT length(group_info) FROM group_infos WHERE thread = ?");
    query.Bind(thread);
    RENKEI_ASSIGN(const bool found, query.Next());
    if (found) {
      Add(*payer, BytesOfRow(query.Count()));
    }
    return Ok();
  }

  Status CountCertificates() {
    Query query(database_,
                "SELECT institution, length(der) FROM directory WHERE fingerprint IS NOT NULL");
    for (;;) {
      RENKEI_ASSIGN(const bool found, query.Next());
      if (!found) {
        return Ok();
      }
      InstitutionId institution;
      query.Read(institution.bytes);
      RENKEI_TRY(query.Finish());
      if (!institution.IsZero()) {
        Add({institution, std::nullopt}, BytesOfRow(query.Count()));
      }
    }
  }

  void Add(const Payer& payer, std::uint64_t bytes) {
    if (payer.device) {
      out_[{UsageOf::kDevice, payer.device->bytes}] += bytes;
    }
    out_[{UsageOf::kInstitution, payer.institution.bytes}] += bytes;
  }

  Database& database_;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::uint64_t> welcomes_;
  ThreadUsage walk_;  // of the thread that is being counted
  UsageMap out_;
};

Status WriteCounted(Database& database, const UsageMap& counted) {
  for (const auto& [owner, bytes] : counted) {
    Query query(database, kInsert);
    query.Bind(static_cast<std::int64_t>(owner.first)).Bind(owner.second).BindCount(bytes);
    RENKEI_TRY(query.Run());
  }
  return Ok();
}

}  // namespace

Result<UsageMap> CountUsage(Database& database) {
  Counter counter(database);
  RENKEI_TRY(counter.Run());
  return counter.Take();
}

Result<UsageMap> ReadUsage(Database& database) {
  Query query(database, "SELECT owner, id, bytes FROM stored_bytes");
  UsageMap out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return out;
    }
    const auto owner = static_cast<UsageOf>(query.Int());
    ByteArray<kIdBytes> id{};
    query.Read(id);
    out[{owner, id}] = query.Count();
    RENKEI_TRY(query.Finish());
  }
}

Status WriteUsage(Database& database) {
  RENKEI_ASSIGN(const UsageMap counted, CountUsage(database));
  return WriteCounted(database, counted);
}

Result<std::size_t> RewriteUsage(Database& database) {
  const auto rewrite = [&]() -> Result<std::size_t> {
    RENKEI_ASSIGN(const UsageMap counted, CountUsage(database));
    RENKEI_ASSIGN(const UsageMap noted, ReadUsage(database));
    RENKEI_TRY(database.Execute("DELETE FROM stored_bytes"));
    RENKEI_TRY(WriteCounted(database, counted));
    RENKEI_TRY(database.Execute("COMMIT"));
    return DifferencesOf(counted, noted).size();
  };
  RENKEI_TRY(database.Execute("BEGIN EXCLUSIVE"));
  auto wrong = rewrite();
  if (!wrong.ok()) {
    (void)database.Execute("ROLLBACK");
  }
  return wrong;
}

std::map<UsageMap::key_type, std::pair<std::uint64_t, std::uint64_t>> DifferencesOf(
    const UsageMap& counted, const UsageMap& noted) {
  std::map<UsageMap::key_type, std::pair<std::uint64_t, std::uint64_t>> out;
  for (const auto& [owner, bytes] : counted) {
    out[owner].first = bytes;
  }
  for (const auto& [owner, bytes] : noted) {
    out[owner].second = bytes;
  }
  std::erase_if(out, [](const auto& each) { return each.second.first == each.second.second; });
  return out;
}

}  // namespace renkei::server
