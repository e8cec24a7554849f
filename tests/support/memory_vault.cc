#include "tests/support/memory_vault.h"

#include <algorithm>

#include "client/core/text_fold.h"

namespace renkei::client {
namespace {

constexpr Error kDiskFull(Code::kUnavailable, "memory vault: the disk is full, as the test asked");
constexpr Error kDead(Code::kUnavailable, "memory vault: the process died, as the test asked");

std::size_t IndexOf(Table table) {
  const auto value = static_cast<std::size_t>(table);
  RENKEI_CHECK(value >= 1 && value <= kTableCount);
  return value - 1;
}

bool HasPrefix(const Bytes& key, ByteView prefix) {
  return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

bool Contains(const std::vector<std::u32string>& words, const std::u32string& part) {
  return std::any_of(words.begin(), words.end(), [&part](const std::u32string& word) {
    return word.find(part) != std::u32string::npos;
  });
}

}  // namespace

void MemoryVault::FailAtWrite(std::size_t nth, Fault fault) {
  RENKEI_CHECK(nth > 0);
  fault_at_ = writes_ + nth;
  fault_ = fault;
}

void MemoryVault::Crash() {
  Undo();
  crashed_ = true;
}

void MemoryVault::Reopen() {
  Undo();
  crashed_ = false;
  ClearFault();
}

MemoryVault::Snapshot MemoryVault::TakeSnapshot() const {
  State committed = state_;
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
    (*undo)(committed);
  }
  Snapshot snapshot;
  snapshot.state = std::make_shared<const State>(std::move(committed));
  return snapshot;
}

void MemoryVault::Restore(const Snapshot& snapshot) {
  Undo();
  state_ = *snapshot.state;
  if (state_.commits < counter_) {
    state_.older_copy = true;
    state_.commits = counter_;
  }
}

Status MemoryVault::Begin() {
  RENKEI_CHECK(!in_transaction_);
  if (crashed_) {
    return kDead;
  }
  in_transaction_ = true;
  return Ok();
}

Status MemoryVault::Commit() {
  RENKEI_CHECK(in_transaction_ || crashed_);
  return CountWrite([this] {
    counter_ = ++state_.commits;
    undo_.clear();
    in_transaction_ = false;
  });
}

void MemoryVault::Rollback() {
  Undo();
}

void MemoryVault::Undo() {
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
    (*undo)(state_);
  }
  undo_.clear();
  in_transaction_ = false;
  poisoned_ = false;
}

Status MemoryVault::CountWrite(const std::function<void()>& change) {
  if (crashed_) {
    return kDead;
  }
  if (poisoned_) {
    return kDiskFull;
  }
  ++writes_;
  const bool due = fault_at_ != 0 && writes_ >= fault_at_;
  if (!due) {
    change();
    return Ok();
  }
  if (fault_ == Fault::kDieAfter) {
    change();
  }
  if (fault_ == Fault::kDieBefore || fault_ == Fault::kDieAfter) {
    Crash();
    return kDead;
  }
  if (fault_ == Fault::kFailOnce) {
    ClearFault();
  }
  poisoned_ = in_transaction_;
  return kDiskFull;
}

Status MemoryVault::Write(const std::function<void(State&)>& change,
                          std::function<void(State&)> undo) {
  return CountWrite([&] {
    change(state_);
    if (in_transaction_) {
      undo_.push_back(std::move(undo));
    } else {
      counter_ = ++state_.commits;
    }
  });
}

Status MemoryVault::Put(Table table, ByteView key, ByteView value) {
  if (key.empty() || key.size() > kMaxVaultKeyBytes) {
    return Error(Code::kInternal, "vault: key of a wrong length");
  }
  if (value.size() > kMaxVaultValueBytes) {
    return Error(Code::kTooLarge, "vault: value too large");
  }
  const std::size_t at = IndexOf(table);
  RENKEI_ASSIGN(std::optional<Bytes> before, Get(table, key));
  bytes_put_[{table, ToBytes(key)}] += key.size() + value.size();
  return Write(
      [&](State& state) { state.tables.at(at).insert_or_assign(ToBytes(key), ToBytes(value)); },
      [at, owned = ToBytes(key), before = std::move(before)](State& state) {
        if (before.has_value()) {
          state.tables.at(at).insert_or_assign(owned, *before);
        } else {
          state.tables.at(at).erase(owned);
        }
      });
}

Status MemoryVault::Erase(Table table, ByteView key) {
  const std::size_t at = IndexOf(table);
  RENKEI_ASSIGN(std::optional<Bytes> before, Get(table, key));
  return Write([&](State& state) { state.tables.at(at).erase(ToBytes(key)); },
               [at, owned = ToBytes(key), before = std::move(before)](State& state) {
                 if (before.has_value()) {
                   state.tables.at(at).insert_or_assign(owned, *before);
                 }
               });
}

Status MemoryVault::ErasePrefix(Table table, ByteView prefix) {
  if (prefix.empty() || prefix.size() > kMaxVaultKeyBytes) {
    return Error(Code::kInternal, "vault: prefix of a wrong length");
  }
  RENKEI_ASSIGN(const auto before, Scan(table, prefix, {}));
  const std::size_t at = IndexOf(table);
  return Write(
      [&](State& state) {
        for (const Row& row : before) {
          state.tables.at(at).erase(row.key);
        }
      },
      [at, before](State& state) {
        for (const Row& row : before) {
          state.tables.at(at).insert_or_assign(row.key, row.value);
        }
      });
}

std::size_t MemoryVault::BytesPut(Table table, std::string_view prefix) const {
  std::size_t sum = 0;
  for (const auto& [row, bytes] : bytes_put_) {
    sum += row.first == table && HasPrefix(row.second, AsBytes(prefix)) ? bytes : 0;
  }
  return sum;
}

Result<std::optional<Bytes>> MemoryVault::Get(Table table, ByteView key) {
  if (crashed_) {
    return kDead;
  }
  const auto& rows = state_.tables.at(IndexOf(table));
  const auto row = rows.find(ToBytes(key));
  return row == rows.end() ? std::optional<Bytes>() : std::optional<Bytes>(row->second);
}

Result<std::optional<SecretBytes>> MemoryVault::GetSecret(Table table, ByteView key) {
  RENKEI_ASSIGN(const std::optional<Bytes> value, Get(table, key));
  std::optional<SecretBytes> secret;
  if (value.has_value()) {
    secret = SecretBytes::CopyOf(*value);
  }
  return secret;
}

Result<std::vector<Row>> MemoryVault::Scan(Table table, ByteView prefix,
                                           const ScanOptions& options) {
  if (crashed_) {
    return kDead;
  }
  const auto& all = state_.tables.at(IndexOf(table));
  std::vector<Row> rows;
  for (auto row = all.lower_bound(ToBytes(prefix));
       row != all.end() && HasPrefix(row->first, prefix); ++row) {
    const bool within = options.after.empty() || (options.descending ? row->first < options.after
                                                                     : row->first > options.after);
    if (within) {
      rows.push_back({row->first, row->second});
    }
  }
  if (options.descending) {
    std::reverse(rows.begin(), rows.end());
  }
  if (options.limit != 0 && rows.size() > options.limit) {
    rows.resize(options.limit);
  }
  return rows;
}

Result<std::vector<SecretRow>> MemoryVault::ScanSecrets(Table table, ByteView prefix) {
  RENKEI_ASSIGN(const auto rows, Scan(table, prefix, {}));
  std::vector<SecretRow> out;
  for (const Row& row : rows) {
    out.push_back({row.key, SecretBytes::CopyOf(row.value)});
  }
  return out;
}

Status MemoryVault::IndexText(const CaseId& case_id, const RecordId& record_id,
                              std::string_view text) {
  RENKEI_ASSIGN(std::vector<std::u32string> words, FoldWords(text));
  const IndexKey key(case_id, record_id);
  std::optional<Indexed> before;
  if (const auto found = state_.index.find(key); found != state_.index.end()) {
    before = found->second;
  }
  return Write(
      [&](State& state) {
        state.index.erase(key);
        if (!words.empty()) {
          state.index[key] = Indexed{state.next_order++, std::move(words)};
        }
      },
      [key, before = std::move(before)](State& state) {
        state.index.erase(key);
        if (before.has_value()) {
          state.index[key] = *before;
        }
      });
}

Result<std::vector<SearchHit>> MemoryVault::Search(std::string_view query, std::size_t limit) {
  RENKEI_ASSIGN(const auto words, FoldQuery(query));
  if (crashed_) {
    return kDead;
  }
  std::vector<std::pair<std::uint64_t, SearchHit>> found;
  for (const auto& entry : state_.index) {
    const std::vector<std::u32string>& in = entry.second.words;
    const bool all = !words.empty() && std::all_of(words.begin(), words.end(),
                                                   [&](const auto& w) { return Contains(in, w); });
    if (all) {
      found.push_back({entry.second.order, SearchHit{entry.first.first, entry.first.second}});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<SearchHit> hits;
  for (std::size_t i = 0; i < found.size() && i < std::min(limit, kMaxSearchHits); ++i) {
    hits.push_back(found[i].second);
  }
  return hits;
}

Status MemoryVault::ResetIndex() {
  return Write(
      [](State& state) {
        state.index.clear();
        state.index_is_stale = false;
      },
      [index = state_.index, stale = state_.index_is_stale](State& state) {
        state.index = index;
        state.index_is_stale = stale;
      });
}

Status MemoryVault::ClearOlderCopy() {
  return Write([](State& state) { state.older_copy = false; },
               [older = state_.older_copy](State& state) { state.older_copy = older; });
}

}  // namespace renkei::client
