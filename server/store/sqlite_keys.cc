// Which entry of a thread has a key, in SQLite (key_prints.h).
#include "server/store/sqlite_transaction.h"

namespace renkei::server {
namespace {

constexpr const char* kSecretName = "key_prints";  // schema.sql

Status Missing() {
  return Error(Code::kCorrupt, "store: an entry or what tells its retries is missing");
}

Status StoreBlock(Database& database, const KeyPrints& prints, std::int64_t number) {
  const Bytes block = prints.LastBlock(number);
  Query query(database, "INSERT INTO key_prints (thread, first, prints) VALUES (?, ?, ?)");
  query.Bind(number).BindCount(prints.Known(number) - KeyPrints::kBlock + 1).Bind(block);
  return query.Run();
}

bool EndsBlock(const KeyPrints& prints, std::int64_t number) {
  return prints.Known(number) % KeyPrints::kBlock == 0;
}

Result<KeyPrints::Secret> SecretOf(Database& database) {
  Query query(database, "SELECT value FROM meta WHERE name = ?");
  query.BindText(kSecretName);
  RENKEI_ASSIGN(const bool found, query.Next());
  KeyPrints::Secret secret{};
  if (!found) {
    return Missing().error();
  }
  query.Read(secret);
  RENKEI_TRY(query.Finish());
  return secret;
}

}  // namespace

Result<std::optional<std::uint64_t>> SqliteTransaction::FindEntryKey(const CaseId& case_id,
                                                                     const EntryKey& key) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  RENKEI_TRY(LoadKeys(number));
  RENKEI_ASSIGN(const std::uint64_t seq, SeqOfKey(number, key));
  return seq != 0 ? std::optional(seq) : std::optional<std::uint64_t>();
}

Status SqliteTransaction::ReadSecret() {
  if (!prints_) {
    RENKEI_ASSIGN(const KeyPrints::Secret secret, SecretOf(db_));
    prints_.emplace(secret);
  }
  return Ok();
}

Status SqliteTransaction::LoadKeys(std::int64_t number) {
  RENKEI_TRY(ReadSecret());
  // Whoever writes has added what came since they were read; who reads has not, and undoes nothing.
  if (is_writer_ && prints_->Known(number) != 0) {
    return Ok();
  }
  if (!is_writer_) {
    prints_->Begin();
  }
  absent_.reset();
  prints_->MakeRoom();
  const bool is_first = prints_->Known(number) == 0;
  if (is_first) {
    RENKEI_TRY(LoadKeyBlocks(number));
  }
  Query query(db_, "SELECT seq, key FROM entries WHERE thread = ? AND seq > ? ORDER BY seq");
  query.Bind(number).BindCount(prints_->Known(number));
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return Ok();
    }
    if (query.Count() != prints_->Known(number) + 1) {
      // Who looks for damage finds the same where it reads the entries.
      return is_judging_ ? Missing() : Ok();
    }
    std::optional<EntryKey> key;
    query.Read(key);
    RENKEI_TRY(query.Finish());
    prints_->Add(number, key);
    if (is_first && EndsBlock(*prints_, number)) {
      return Missing();  // the block
    }
  }
}

Status SqliteTransaction::LoadKeyBlocks(std::int64_t number) {
  Query query(db_, "SELECT first, prints FROM key_prints WHERE thread = ? ORDER BY first");
  query.Bind(number);
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return Ok();
    }
    if (query.Count() != prints_->Known(number) + 1) {
      return Missing();
    }
    RENKEI_TRY(prints_->AddBlock(number, query.Blob()));
  }
}

Result<std::uint64_t> SqliteTransaction::SeqOfKey(std::int64_t number, const EntryKey& key) {
  if (absent_ && absent_->first == number && absent_->second == key) {
    return std::uint64_t{0};
  }
  for (std::uint64_t seq = 0;;) {
    seq = prints_->Find(number, key, seq);
    if (seq == 0) {
      absent_.emplace(number, key);
      return std::uint64_t{0};
    }
    Query query(db_, "SELECT key FROM entries WHERE thread = ? AND seq = ?");
    query.Bind(number).BindCount(seq);
    RENKEI_ASSIGN(const bool found, query.Next());
    std::optional<EntryKey> its_key;
    if (found) {
      query.Read(its_key);
      RENKEI_TRY(query.Finish());
    }
    if (its_key == key) {
      return seq;
    }
  }
}

Status SqliteTransaction::CheckKeyOf(std::int64_t number, std::uint64_t seq,
                                     const std::optional<EntryKey>& key) {
  RENKEI_TRY(ReadSecret());
  {
    Query query(db_,
                "SELECT key FROM entries INDEXED BY entries_by_seq WHERE thread = ? AND seq = ?");
    query.Bind(number).BindCount(seq);
    RENKEI_ASSIGN(const bool found, query.Next());
    std::optional<EntryKey> indexed;
    if (found) {
      query.Read(indexed);
    }
    RENKEI_TRY(query.Finish());
    if (!found || indexed != key) {
      return Missing();
    }
  }
  const std::uint64_t first = seq - (seq - 1) % KeyPrints::kBlock;
  {
    Query query(db_, "SELECT prints FROM key_prints WHERE thread = ? AND first = ?");
    query.Bind(number).BindCount(first);
    RENKEI_ASSIGN(const bool found, query.Next());
    if (found) {
      return prints_->CheckBlock(number, first, query.Blob(), seq, key);
    }
  }
  // Then the block is not whole yet.
  Query query(db_, "SELECT 1 FROM entries WHERE thread = ? AND seq = ?");
  query.Bind(number).BindCount(first + KeyPrints::kBlock - 1);
  RENKEI_ASSIGN(const bool is_whole, query.Next());
  return is_whole ? Missing() : Ok();
}

Status SqliteTransaction::CheckNextKey(std::int64_t number, std::uint64_t seq,
                                       const std::optional<EntryKey>& key) {
  if (!is_judging_) {
    return Ok();
  }
  RENKEI_TRY(LoadKeys(number));
  if (seq != prints_->Known(number) + 1) {
    return Error(Code::kConflict, "store: an entry must follow the last one");
  }
  RENKEI_ASSIGN(const std::uint64_t there,
                key ? SeqOfKey(number, *key) : Result<std::uint64_t>(std::uint64_t{0}));
  return there == 0 ? Ok() : Status(Error(Code::kConflict, "store: the row is there already"));
}

Status SqliteTransaction::AddKey(std::int64_t number, const std::optional<EntryKey>& key) {
  absent_.reset();
  if (!is_judging_) {
    prints_.reset();  // which entries there are is not certain
    return Ok();
  }
  prints_->Add(number, key);
  return EndsBlock(*prints_, number) ? StoreBlock(db_, *prints_, number) : Ok();
}

Status WriteKeyPrints(Database& database) {
  RENKEI_ASSIGN(const KeyPrints::Secret secret, SecretOf(database));
  std::optional<KeyPrints> prints;  // of one thread
  // What is left of a deleted case may lack any of its entries, and gets no more.
  Query query(database,
              "SELECT thread, seq, key FROM entries WHERE thread IN (SELECT no FROM threads)"
              " ORDER BY thread, seq");
  for (std::int64_t thread = 0;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return Ok();
    }
    if (const std::int64_t of = query.Int(); of != thread || !prints) {
      thread = of;
      prints.emplace(secret);
    }
    if (query.Count() != prints->Known(thread) + 1) {
      return Missing();
    }
    std::optional<EntryKey> key;
    query.Read(key);
    RENKEI_TRY(query.Finish());
    prints->Add(thread, key);
    if (EndsBlock(*prints, thread)) {
      RENKEI_TRY(StoreBlock(database, *prints, thread));
    }
  }
}

}  // namespace renkei::server
