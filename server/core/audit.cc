#include "server/core/audit.h"

namespace renkei::server {
namespace {

constexpr std::string_view kAuditLabel = "Renkei relay audit v1";
constexpr std::size_t kVerifyBatch = 1000;

void AppendUint64(Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
  }
}

void AppendWord(Bytes& out, std::string_view word) {
  AppendUint64(out, word.size());
  Append(out, AsBytes(word));
}

}  // namespace

AuditEvent EventOf(const Caller& caller, std::string_view action, std::string_view outcome,
                   const ByteArray<kIdBytes>& subject) {
  return {caller.person, caller.device, action, outcome, subject};
}

Hash32 AuditHash(const Hash32& previous, const AuditRow& row) {
  Bytes out = ToBytes(kAuditLabel);
  Append(out, previous);
  AppendUint64(out, row.seq);
  AppendUint64(out, static_cast<std::uint64_t>(row.at.value));
  Append(out, row.person.institution.view());
  Append(out, row.person.person.view());
  Append(out, row.device.view());
  AppendWord(out, row.action);
  AppendWord(out, row.outcome);
  Append(out, row.subject);
  return Sha256(out);
}

Status Audit::Add(WriteTransaction& transaction, const AuditEvent& event) const {
  RENKEI_CHECK(event.action.size() <= kMaxAuditWord && event.outcome.size() <= kMaxAuditWord);
  RENKEI_ASSIGN(const std::optional<AuditRow> last, transaction.LastAudit());
  AuditRow row;
  row.seq = last ? last->seq + 1 : 1;
  row.at = clock_.Now();
  row.person = event.person;
  row.device = event.device;
  row.action = event.action;
  row.outcome = event.outcome;
  row.subject = event.subject;
  row.hash = AuditHash(last ? last->hash : Hash32{}, row);
  return transaction.AddAudit(row);
}

void Audit::Note(const AuditEvent& event) const {
  store_.Write([this, event](WriteTransaction& transaction) { return Add(transaction, event); },
               [](const Status&) {});
}

Result<AuditVerdict> VerifyAudit(Store& store) {
  AuditVerdict verdict;
  std::vector<AuditRow> rows;
  do {
    rows.clear();
    RENKEI_TRY(store.Read([&](ReadTransaction& transaction) -> Status {
      RENKEI_ASSIGN(rows, transaction.ReadAudit(verdict.rows, kVerifyBatch));
      return Ok();
    }));
    for (const AuditRow& row : rows) {
      if (row.seq != verdict.rows + 1 || row.hash != AuditHash(verdict.head, row)) {
        verdict.broken_at = verdict.rows + 1;
        return verdict;
      }
      verdict.rows = row.seq;
      verdict.head = row.hash;
    }
  } while (!rows.empty());
  return verdict;
}

}  // namespace renkei::server
