// Session: one person's device, as the faces use it. Composes identity, directory, cases, outbox,
// sync and search over a vault and a relay. Every verb works without a network as far as it can;
// what must reach the relay waits in the outbox. One thread.
//
// Errors everywhere: kUnavailable  the relay cannot be reached (what was to be sent is kept);
//                    kNotFound     no such case, person or record here;
//                    kDenied       the case policy or the own role does not allow it;
//                    kCorrupt      the vault is damaged;
//                    kConflict     somebody else was first, sync and look again.
// After any failure the vault is as before the call.
#ifndef RENKEI_CLIENT_CORE_SESSION_H_
#define RENKEI_CLIENT_CORE_SESSION_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/core/call_list.h"
#include "client/core/relay.h"
#include "client/core/vault.h"
#include "client/core/views.h"
#include "crypto/base/clock.h"
#include "crypto/base/random.h"

namespace renkei::client {

struct Environment {
  Vault& vault;
  RelayConnector& connector;
  Clock& clock;
  Random& random;
  // Human text of a renkei.care.v1.Content, for the search index (client/documents has it).
  std::function<std::string(ByteView content)> search_text;
  // Never jumps (elapsed.h): for how late the relay is with an alert. Null: `clock` does not.
  const Clock* elapsed = nullptr;
};

struct PostOptions {
  bool urgent = false;
  // With urgent: whom the relay calls until somebody acknowledges. Without one: DefaultCallList;
  // a list without steps: nobody.
  std::optional<CallList> call_list{};
  std::optional<RecordId> corrects{};
  std::string correction_reason{};  // required with corrects
  std::optional<RecordId> answers{};
};

struct SyncReport {
  std::size_t entries = 0;        // new thread entries accepted
  std::size_t records_sent = 0;   // outbox items acknowledged by the relay
  std::size_t still_waiting = 0;  // outbox items that wait
  std::size_t cases_joined = 0;
  std::vector<std::string> notices;     // in the user's words: trust issues, removals, rejoins
  std::vector<RecordView> new_records;  // of others, in the order in which they were accepted
  std::vector<AlertNews> alerts;        // likewise; what is late comes from Watch only
};

// Notes in the vault that it is an older copy of itself: the next sync rejoins every case by
// external commit and seals nothing with the old group states.
Status MarkOlderCopy(Vault& vault);

class Session {
 public:
  // Reads the identity from the vault. kNotFound: the vault has none (join or found a region
  // first).
  static Result<std::unique_ptr<Session>> Open(const Environment& environment);
  virtual ~Session() = default;

  // Enrolment is client/core/enrolment.h.
  virtual PersonView Self() const = 0;
  virtual std::vector<PersonView> People() const = 0;  // the directory as last synced
  // By person id, or by name when exactly one has it ("institution/name" tells namesakes apart).
  // kNotFound; kConflict when several match.
  virtual Result<PersonView> FindPerson(std::string_view text) const = 0;

  // `patient` is a serialized Content with a Patient. Creates the group, its first card and the
  // patient record; needs the relay.
  virtual Result<CaseId> NewCase(ByteView patient) = 0;
  virtual Result<std::vector<CaseView>> ListCases() = 0;
  virtual Result<CaseView> ShowCase(const CaseId& case_id) = 0;
  // kUnavailable "case: the change is saved and not answered yet": it may have arrived; the next
  // sync completes it. Any other failure: nothing was changed.
  virtual Status AddMember(const CaseId& case_id, const PersonId& person) = 0;
  virtual Status RemoveMember(const CaseId& case_id, const PersonId& person) = 0;
  // A steward's word, when the relay was restored from a backup and the case waits for devices that
  // do not come: go on without them. What only they hold does not come back. kNotFound: it does not
  // wait; kDenied: not a steward, or this device lacks something that the relay has.
  virtual Status GoOn(const CaseId& case_id) = 0;

  // A steward ends the case, or lets it go on; needs the relay. `keep_years`: asked of the relay at
  // least, 0..100. kConflict: it is so already; kDenied: not a steward; kMalformed: years.
  virtual Status CloseCase(const CaseId& case_id, std::uint32_t keep_years) = 0;
  virtual Status ReopenCase(const CaseId& case_id) = 0;

  // Queues the record and tries to send the outbox once; waiting is not an error (see the view's
  // state).
  virtual Result<RecordView> Post(const CaseId& case_id, ByteView content,
                                  const PostOptions& options) = 0;
  // In thread order, waiting ones last. Only what people wrote: receipts and acknowledgements show
  // in coverage. Marks nothing as opened.
  virtual Result<std::vector<RecordView>> Records(const CaseId& case_id) = 0;
  virtual Result<RecordView> Record(const RecordId& record_id) = 0;
  // A whole record id, or the beginning of one (4 characters or more) that only one record here
  // has. kNotFound; kConflict when several match.
  virtual Result<RecordId> FindRecord(std::string_view text) = 0;
  // The person has been shown these records: queues a receipt that says so, tries to send it.
  virtual Status MarkOpened(const CaseId& case_id, const std::vector<RecordId>& records) = 0;
  // The four steps of an alert (field.md §4.2). Both queue a record of their own and try to send
  // it; that record's view is returned: while it is kWaiting, nobody else knows. Only an
  // acknowledgement that has reached the relay stops its calls: see the coverage's alert.
  virtual Result<RecordView> Acknowledge(const RecordId& record_id, std::string_view read_back) = 0;
  virtual Result<RecordView> Respond(const RecordId& record_id) = 0;
  virtual Result<CoverageView> Coverage(const RecordId& record_id) = 0;

  // Directory, mailbox, threads, outbox, receipts, key packages, new devices that wait for this one
  // (client/core/enrol_approve.h): everything once. With the relay unreachable: kUnavailable,
  // nothing changed.
  virtual Result<SyncReport> Sync() = 0;
  // What verbs that are for something else brought beside it (a post reads its case first) and no
  // report has told yet: told once, by this or by the next report. Asks no relay; no figures.
  virtual Result<SyncReport> Untold() = 0;
  // Follows the relay until `keep_going` returns false; calls `on_change` after each batch that was
  // committed to the vault. Reconnects by itself. Follows open alerts by its own clock and tells
  // when the relay is late with one, or silent (AlertNews::kLate).
  virtual Status Watch(const std::function<void(const SyncReport&)>& on_change,
                       const std::function<bool()>& keep_going) = 0;

  virtual Result<std::vector<OutboxView>> Outbox() = 0;
  virtual Result<std::vector<RecordView>> Search(std::string_view text) = 0;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_SESSION_H_
