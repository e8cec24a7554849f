// The vault as core needs it: ordered tables of bytes in one transaction, and a text index.
// client/vault implements it over SQLCipher; tests also over memory. What a table's keys and values
// are is said in client/core/README.md. One thread.
#ifndef RENKEI_CLIENT_CORE_VAULT_H_
#define RENKEI_CLIENT_CORE_VAULT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"

namespace renkei::client {

// The values are stored on disk: never renumber, never reuse.
enum class Table : std::uint8_t {
  kMeta = 1,       // single values by name: own identity, relay address, schema version
  kKeys = 2,       // secret: signing, key, TLS, archive and CA keys, invitation secrets
  kDirectory = 3,  // institutions, persons, devices and their certificates
  kCases = 4,      // one row a case: what the case list shows, thread position, current generation
  kGroups = 5,     // secret: MLS group states, pending commits, key packages' private parts
  kEntries = 6,    // thread entries exactly as received, by (case, seq)
  kCards = 7,      // epoch cards by (case, generation, epoch)
  kRecords = 8,    // opened records by (case, seq)
  kRecordIndex = 9,  // record id -> (case, seq)
  kArchive = 10,     // secret: archive secrets by (case, generation, epoch)
  kOutbox = 11,      // what waits to be sent, by (case, priority, order)
  kReceipts = 12,    // who received, opened, acknowledged, responds; by (case, record, person)
  kTrust = 13,       // revocations, relay heads seen, warnings to show
  kEnrolment = 14,   // invitations made and requests under way
};
inline constexpr std::uint8_t kTableCount = 14;  // values 1..kTableCount are in use

inline constexpr std::size_t kMaxVaultKeyBytes = 256;
inline constexpr std::size_t kMaxVaultValueBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxIndexedTextBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxSearchHits = 10'000;

struct Row {
  Bytes key;
  Bytes value;
};
struct SecretRow {
  Bytes key;
  SecretBytes value;
};

struct ScanOptions {
  Bytes after;              // exclusive start (in scan order); empty: from the first
  std::size_t limit = 0;    // 0: all
  bool descending = false;  // newest first where keys end in a sequence number
};

struct SearchHit {
  CaseId case_id;
  RecordId record_id;
};

class Vault {
 public:
  virtual ~Vault() = default;

  // Outside Begin()..Commit() every write is a transaction of its own. Every call that touches the
  // disk may say kUnavailable (disk full, not writable: nothing was written; free space, then call
  // again) or kCorrupt (the file is damaged: rebuild from the relay). Use the Transaction below.
  // Begin: a second one before Commit or Rollback is our bug and aborts.
  virtual Status Begin() = 0;
  // On success everything since Begin is on the disk. On failure nothing of it is; Rollback then.
  // Fails too if a write since Begin met kUnavailable or kCorrupt and its caller went on: a
  // transaction is never committed in part.
  virtual Status Commit() = 0;
  // Forgets everything since Begin. Without a transaction: does nothing.
  virtual void Rollback() = 0;

  // Writes or overwrites. `key` 1..kMaxVaultKeyBytes bytes (else kInternal, our bug); `value`
  // 0..kMaxVaultValueBytes bytes (else kTooLarge); may be secret.
  virtual Status Put(Table table, ByteView key, ByteView value) = 0;
  // Ok also when there is no such key.
  virtual Status Erase(Table table, ByteView key) = 0;
  // Every row whose key starts with `prefix` (1..kMaxVaultKeyBytes bytes, else kInternal); one
  // write.
  virtual Status ErasePrefix(Table table, ByteView prefix) = 0;
  // Empty optional: no such key.
  virtual Result<std::optional<Bytes>> Get(Table table, ByteView key) = 0;
  // The same, for tables that hold secrets: the copy is wiped.
  virtual Result<std::optional<SecretBytes>> GetSecret(Table table, ByteView key) = 0;
  // Rows whose key starts with `prefix` (empty: all), in byte order of keys.
  virtual Result<std::vector<Row>> Scan(Table table, ByteView prefix,
                                        const ScanOptions& options) = 0;
  // All of them, for tables that hold secrets: the copies are wiped.
  virtual Result<std::vector<SecretRow>> ScanSecrets(Table table, ByteView prefix) = 0;

  // Replaces what is indexed for this record; empty text: it is found no more. `text` is any UTF-8
  // up to kMaxIndexedTextBytes (else kTooLarge); folding and 2-grams are the index's business
  // (client/core/text_fold.h), so that a query in full-width or half-width kana finds both.
  virtual Status IndexText(const CaseId& case_id, const RecordId& record_id,
                           std::string_view text) = 0;
  // Records that contain every word of `query`, newest indexed first; at most `limit`, and never
  // more than kMaxSearchHits. Words stand apart by spaces or punctuation; each is found inside
  // longer words too. No letter or digit in `query`: no hits. kTooLarge: query too long
  // (kMaxQueryBytes, kMaxQueryWords).
  virtual Result<std::vector<SearchHit>> Search(std::string_view query, std::size_t limit) = 0;
  // True when the index was made by other folding rules than today's: call ResetIndex and
  // IndexText for every record, in one transaction.
  virtual bool IndexIsStale() const = 0;
  // Forgets everything indexed. Also the way to wipe replaced text from the index for good.
  virtual Status ResetIndex() = 0;

  // True when this vault is an older copy of itself (restored from a backup, or a cloned disk):
  // its MLS states may have been used already. Then: seal nothing, rejoin every case by external
  // commit. Stays true over restarts until ClearOlderCopy, which belongs in the transaction that
  // notes which cases must rejoin.
  virtual bool OpenedOlderCopy() const = 0;
  virtual Status ClearOlderCopy() = 0;
};

// Rolls back when it goes, unless Commit() succeeded.
class Transaction {
 public:
  static Result<Transaction> Begin(Vault& vault);
  Transaction(Transaction&& other) noexcept : vault_(other.vault_) { other.vault_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  Status Commit();

 private:
  explicit Transaction(Vault& vault) : vault_(&vault) {}

  Vault* vault_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_VAULT_H_
