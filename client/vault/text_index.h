// The vault's index. Each text is kept folded (client/core/text_fold.h) under a row number that
// grows. The newest, at most kTailDocs, are searched by reading them; every full tail becomes a
// block, which says for each gram which of its texts have it; every kMergedBlocks small blocks
// become a large one. A search asks each block, newest first, which texts have all grams of the
// query, and reads only those. A replaced text is gone at once; its row number, never used again,
// may stay in a block, where it finds nothing.
//
// Not SQLite's FTS: there, a phrase of common pairs reads and joins whole position lists, 65 ms at
// 200,000 texts and growing with them; this takes under 1 ms there (tests/bench/vault_bench.cc).
//
// One thread, inside the vault's transactions.
#ifndef RENKEI_CLIENT_VAULT_TEXT_INDEX_H_
#define RENKEI_CLIENT_VAULT_TEXT_INDEX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/core/text_fold.h"
#include "client/core/vault.h"
#include "client/vault/database.h"
#include "client/vault/doc_set.h"

namespace renkei::client {

class TextIndex {
 public:
  // How much is searched by reading: many short texts or few long ones.
  static constexpr std::int64_t kTailDocs = 1024;
  static constexpr std::size_t kTailBytes = std::size_t{1} << 20;
  static constexpr std::size_t kMergedBlocks = 16;
  static_assert(kTailDocs * kMergedBlocks <= DocSet::kCapacity);

  // `database` must outlive this.
  explicit TextIndex(Database& database) : database_(database) {}

  // Makes the empty index in a new database.
  Status Create();
  // As Vault's IndexText, Search and ResetIndex (client/core/vault.h).
  Status Index(const CaseId& case_id, const RecordId& record_id, std::string_view text);
  Result<std::vector<SearchHit>> Search(std::string_view query, std::size_t limit);
  Status Reset();
  // Must be called when the transaction was rolled back.
  void OnRollback() { tail_.reset(); }

 private:
  // Rows first..last, both included; `small` blocks wait to be merged.
  struct Block {
    std::int64_t number = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
    bool small = false;
  };
  struct Tail {
    std::int64_t first = 1;
    std::size_t bytes = 0;
  };
  struct Wanted;

  Result<std::vector<Block>> Blocks();  // newest first
  Status LoadTail();
  Status SealTail(std::int64_t last);
  Status MergeSmallBlocks();
  Status AddBlock(const Block& block, const std::vector<std::pair<Gram, Bytes>>& postings);
  Result<std::int64_t> LastRow();
  Status SearchTail(Wanted& wanted, std::int64_t first);
  Status SearchBlock(Wanted& wanted, const Block& block);
  Result<std::optional<DocSet>> Posting(std::int64_t block, Gram gram);

  Database& database_;
  std::optional<Tail> tail_;  // what is in no block yet; unknown until needed
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_TEXT_INDEX_H_
