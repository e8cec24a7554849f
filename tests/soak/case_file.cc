#include "tests/soak/case_file.h"

#include "crypto/thread/entry.h"

namespace renkei::soak {

CaseFile::CaseFile(const bench::Case& at, std::vector<const test::Handset*> members)
    : members_(std::move(members)), ledger_(at.card.card.case_id), now_(at) {}

bench::Case CaseFile::Now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

void CaseFile::TakeCard(const thread::SignedCard& card) {
  const std::lock_guard lock(mutex_);
  now_.card = card;
}

std::string CaseFile::Acknowledged(const crash::What& what, const thread::Position& at) {
  const std::lock_guard lock(mutex_);
  if (at.seq > now_.head.seq) {
    now_.head = at;
  }
  return ledger_.Acknowledged(what, at);
}

void CaseFile::AdoptCards(server::SqliteStore& store) {
  constexpr std::size_t kMost = 100;
  const Status status = store.Read([this](server::ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(const auto rows,
                  transaction.ReadEntries(id(), 1, kMost, kMost, std::size_t{1} << 24U));
    for (const server::EntryRow& row : rows) {
      RENKEI_ASSIGN(const auto payload, thread::ParseCommitPayload(row.payload));
      (void)ledger_.Acknowledged(payload.card.hash, {row.seq, row.hash, row.received_at});
    }
    return Ok();
  });
  RENKEI_CHECK(status.ok());
}

}  // namespace renkei::soak
