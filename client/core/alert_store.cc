#include "client/core/alert_store.h"

#include <string_view>
#include <utility>

#include "client/core/keys.h"

namespace renkei::client {
namespace {

constexpr const char* kOpen = "alert/";

Bytes OpenKey(const CaseId& case_id, std::uint64_t seq) {
  return RowKey(kOpen).Add(case_id.view()).AddU64(seq).bytes();
}

RowKey NotesOf(const CaseId& case_id, std::uint64_t seq) {
  return RowKey(case_id.view()).AddText("a").AddU64(seq);
}

Result<thread::RelayNote> ParseStored(ByteView value) {
  auto note = thread::ParseRelayNote(value);
  if (!note.ok() || !note->alert.has_value()) {
    return Error(Code::kCorrupt, "vault: damaged note about an alert");
  }
  return note;
}

}  // namespace

Status AlertStore::Open(const CaseId& case_id, std::uint64_t seq) {
  return vault_.Put(Table::kMeta, OpenKey(case_id, seq), {});
}

Status AlertStore::Close(const CaseId& case_id, std::uint64_t seq) {
  return vault_.Erase(Table::kMeta, OpenKey(case_id, seq));
}

Result<std::vector<AlertPlace>> AlertStore::AllOpen() {
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kMeta, AsBytes(kOpen), {}));
  std::vector<AlertPlace> out;
  for (const Row& row : rows) {
    const ByteView key = row.key;
    RENKEI_ASSIGN(const std::uint64_t seq, LastU64(key));
    const std::size_t start = std::string_view(kOpen).size();
    if (key.size() != start + kIdBytes + 8) {
      return Error(Code::kCorrupt, "vault: damaged key of an alert");
    }
    RENKEI_ASSIGN(const CaseId case_id, CaseId::FromBytes(key.subspan(start, kIdBytes)));
    out.emplace_back(case_id, seq);
  }
  return out;
}

Status AlertStore::AddNote(const CaseId& case_id, std::uint64_t seq, std::uint64_t note_seq,
                           ByteView signed_note) {
  return vault_.Put(Table::kReceipts, NotesOf(case_id, seq).AddU64(note_seq).bytes(), signed_note);
}

Result<std::vector<thread::RelayNote>> AlertStore::Notes(const CaseId& case_id, std::uint64_t seq) {
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kReceipts, NotesOf(case_id, seq).bytes(), {}));
  std::vector<thread::RelayNote> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(auto note, ParseStored(row.value));
    out.push_back(std::move(note));
  }
  return out;
}

Result<std::optional<thread::RelayNote>> AlertStore::Note(const CaseId& case_id, std::uint64_t seq,
                                                          std::uint64_t note_seq) {
  RENKEI_ASSIGN(const auto value,
                vault_.Get(Table::kReceipts, NotesOf(case_id, seq).AddU64(note_seq).bytes()));
  if (!value.has_value()) {
    return std::optional<thread::RelayNote>();
  }
  RENKEI_ASSIGN(auto note, ParseStored(*value));
  return std::optional(std::move(note));
}

}  // namespace renkei::client
