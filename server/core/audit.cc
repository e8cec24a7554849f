#include "server/core/audit.h"

#include <memory>
#include <utility>

#include "server/core/audit_walk.h"

namespace renkei::server {
namespace {

constexpr std::string_view kAuditLabel = "Renkei relay audit v1";
constexpr Millis kRetryAfter = Seconds(1);

void AppendUint64(Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
  }
}

void AppendWord(Bytes& out, std::string_view word) {
  AppendUint64(out, word.size());
  Append(out, AsBytes(word));
}

// How many rows are missing: of one device, or of anybody.
AuditEvent LostEvent(const PersonRef& person, const DeviceId& device, std::uint64_t count) {
  AuditEvent out{person, device, "audit.lost", "too many", {}};
  for (std::size_t i = 0; i < sizeof(count); ++i) {
    out.subject[out.subject.size() - 1 - i] = static_cast<std::uint8_t>(count >> (8 * i));
  }
  return out;
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
  return AddAt(transaction, event, clock_.Now());
}

Status Audit::AddAt(WriteTransaction& transaction, const AuditEvent& event, Millis at) const {
  RENKEI_CHECK(event.action.size() <= kMaxAuditWord && event.outcome.size() <= kMaxAuditWord);
  RENKEI_ASSIGN(const std::optional<AuditRow> last, transaction.LastAudit());
  AuditRow row;
  row.seq = last ? last->seq + 1 : 1;
  row.at = at;
  row.person = event.person;
  row.device = event.device;
  row.action = event.action;
  row.outcome = event.outcome;
  row.subject = event.subject;
  row.hash = AuditHash(last ? last->hash : Hash32{}, row);
  return transaction.AddAudit(row);
}

void Audit::Note(const AuditEvent& event) const {
  bool is_ours = false;
  {
    const std::lock_guard lock(mutex_);
    Keep(event);
    is_ours = StartsWriting();
  }
  if (is_ours) {
    WriteNotes();
  }
}

void Audit::NoteRefusal(const AuditEvent& event) const {
  bool is_ours = false;
  {
    const std::lock_guard lock(mutex_);
    const AuditBudget::Verdict verdict = budget_.Take(event.device, clock_.Now());
    waiting_.lost += budget_.TakeForgotten();
    if (verdict.missed > 0) {
      Keep(LostEvent(event.person, event.device, verdict.missed));
    }
    if (verdict.take) {
      Keep(event);
    } else {
      ++lost_;
    }
    is_ours = verdict.take && StartsWriting();
  }
  if (is_ours) {
    WriteNotes();
  }
}

void Audit::Keep(const AuditEvent& event) const {
  if (waiting_.notes.size() < kMaxAuditNotes) {
    waiting_.notes.push_back({event, clock_.Now()});
  } else {
    ++waiting_.lost;
    ++lost_;
  }
}

bool Audit::StartsWriting() const {
  if (writing_ || clock_.Now() < retry_at_) {
    return false;
  }
  writing_ = true;
  return true;
}

bool Audit::idle() const {
  const std::lock_guard lock(mutex_);
  return !writing_;
}

std::uint64_t Audit::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

void Audit::WriteNotes() const {
  auto batch = std::make_shared<std::optional<Batch>>();
  store_.Write(
      [this, batch](WriteTransaction& transaction) {
        if (!*batch) {  // tried again, it is the same
          const std::lock_guard lock(mutex_);
          *batch = std::exchange(waiting_, Batch{});
        }
        return AddBatch(transaction, **batch);
      },
      [this, batch](const Status& status) {
        bool is_more = false;
        {
          const std::lock_guard lock(mutex_);
          if (!status.ok() && *batch) {
            GiveBack(std::move(**batch));
          }
          // After a failure the next note tries again, but not each of many.
          retry_at_ = status.ok() ? Millis{} : clock_.Now() + kRetryAfter;
          is_more = status.ok() && !waiting_.notes.empty();
          writing_ = is_more;
        }
        if (is_more) {
          WriteNotes();
        }
      });
}

Status Audit::AddBatch(WriteTransaction& transaction, const Batch& batch) const {
  for (const Noted& noted : batch.notes) {
    RENKEI_TRY(AddAt(transaction, noted.event, noted.at));
  }
  if (batch.lost == 0) {
    return Ok();
  }
  return AddAt(transaction, LostEvent({}, {}, batch.lost), clock_.Now());
}

void Audit::GiveBack(Batch batch) const {
  waiting_.lost += batch.lost;
  batch.notes.insert(batch.notes.end(), waiting_.notes.begin(), waiting_.notes.end());
  if (batch.notes.size() > kMaxAuditNotes) {
    waiting_.lost += batch.notes.size() - kMaxAuditNotes;
    lost_ += batch.notes.size() - kMaxAuditNotes;
    batch.notes.resize(kMaxAuditNotes);
  }
  waiting_.notes = std::move(batch.notes);
}

Result<AuditVerdict> VerifyAudit(Store& store) {
  AuditVerdict verdict;
  RENKEI_TRY(store.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(verdict, WalkAudit(transaction));
    return Ok();
  }));
  return verdict;
}

}  // namespace renkei::server
