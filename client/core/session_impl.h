// The Session that the programs use: composes identity, directory, cases, outbox and views over a
// vault and a relay. One thread; Watch starts one more, which only looks whether to stop.
#ifndef RENKEI_CLIENT_CORE_SESSION_IMPL_H_
#define RENKEI_CLIENT_CORE_SESSION_IMPL_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/core/alarm.h"
#include "client/core/alert_watch.h"
#include "client/core/core.h"
#include "client/core/outbox_store.h"
#include "client/core/session.h"

namespace renkei::care::v1 {
class Content;
}

namespace renkei::client {

class SessionImpl final : public Session {
 public:
  SessionImpl(const Environment& environment, Identity identity,
              std::unique_ptr<Directory> directory);

  PersonView Self() const override;
  std::vector<PersonView> People() const override;
  Result<PersonView> FindPerson(std::string_view text) const override;

  Result<CaseId> NewCase(ByteView patient) override;
  Result<std::vector<CaseView>> ListCases() override;
  Result<CaseView> ShowCase(const CaseId& case_id) override;
  Status AddMember(const CaseId& case_id, const PersonId& person) override;
  Status RemoveMember(const CaseId& case_id, const PersonId& person) override;
  Status GoOn(const CaseId& case_id) override;
  Status CloseCase(const CaseId& case_id, std::uint32_t keep_years) override;
  Status ReopenCase(const CaseId& case_id) override;

  Result<RecordView> Post(const CaseId& case_id, ByteView content,
                          const PostOptions& options) override;
  Result<std::vector<RecordView>> Records(const CaseId& case_id) override;
  Result<RecordView> Record(const RecordId& record_id) override;
  Result<RecordId> FindRecord(std::string_view text) override;
  Status MarkOpened(const CaseId& case_id, const std::vector<RecordId>& records) override;
  Result<RecordView> Acknowledge(const RecordId& record_id, std::string_view read_back) override;
  Result<RecordView> Respond(const RecordId& record_id) override;
  Result<CoverageView> Coverage(const RecordId& record_id) override;

  Result<SyncReport> Sync() override;
  Result<SyncReport> Untold() override;
  Status Watch(const std::function<void(const SyncReport&)>& on_change,
               const std::function<bool()>& keep_going) override;

  Result<std::vector<OutboxView>> Outbox() override;
  Result<std::vector<RecordView>> Search(std::string_view text) override;

  // Once after construction: forgets group states if this vault is an older copy, indexes anew if
  // its folding rules have changed. Errors as the vault's.
  Status Prepare();

 private:
  Status RefreshIndex();
  Result<Relay*> Connect();
  // Reads one case on, unlocks, joins, finishes what was under way, sends what waits.
  Status SyncCase(Relay& relay, OpenCase& open, Changes& changes);
  Status SyncDirectory(Relay& relay);
  Status SyncAll(Relay& relay, Changes& changes);
  // New devices that wait for this one. What is wrong with one request is no error.
  Status ServeDevices(Relay& relay, Changes& changes);
  Result<std::vector<CaseId>> KnownCases(Relay& relay);
  // Tries to send what waits for a case; what cannot go now waits on. Only a damaged or full vault
  // is an error.
  Status TrySend(const CaseId& case_id);
  Result<SyncReport> ToReport(const Changes& changes);
  // What is to be told of `changes`, which no report is made of; not its figures.
  void KeepNews(const Changes& changes);
  Result<RecordRow> FindRow(const RecordId& record_id);
  Result<thread::PersonRef> PersonOf(const PersonId& person);
  Result<RecordView> PostAbout(const RecordId& record_id, ByteView content, std::uint32_t kind);
  Result<std::optional<OutboxItem>> FindWaiting(const RecordId& record_id);
  Status Closing(const CaseId& case_id, thread::ClosingAction action, std::uint32_t keep_years);
  Status ChangeMembers(const CaseId& case_id, const PersonId& person, bool add);
  // What a change of members became of which no answer came: kUnavailable with a literal of its own
  // if it is saved and will be sent again.
  Status AfterLostAnswer(const CaseId& case_id, const thread::PersonRef& who, bool add,
                         const Error& error);
  Status SetReferences(const CaseId& case_id, const PostOptions& options,
                       care::v1::Content& content);
  // Syncs, then follows the stream until it breaks or `keep_going` returns false.
  Status WatchOnce(Relay& relay, const std::function<Status(const Result<SyncReport>&)>& tell,
                   const std::function<bool()>& keep_going);
  Status FollowStream(Relay& relay, const std::function<Status(const Result<SyncReport>&)>& tell,
                      const std::function<bool()>& keep_going);
  // A case that alone cannot be synced leaves a notice; only what concerns all is an error.
  Status SyncOne(Relay& relay, const CaseId& case_id, Changes& changes);
  Result<SyncReport> SyncSome(Relay& relay, const std::set<CaseId>& cases);
  Result<SyncReport> Report(const Status& status);
  // Whom an urgent record calls, as it is sent; empty: nobody.
  Result<Bytes> PlanFor(const CaseRow& row, const PostOptions& options);
  // Looks again which alerts are open, and sets the alarm for the first that will be late.
  Status FollowAlerts();
  // Those that are late now, told once for each step.
  Result<SyncReport> LateAlerts();
  Result<std::vector<AlertNews>> NewsOf(const std::vector<AlertNotePlace>& places);
  Millis elapsed() const {
    return environment_.elapsed != nullptr ? environment_.elapsed->Now() : core_.now();
  }

  Environment environment_;
  Identity identity_;
  std::unique_ptr<Directory> directory_;
  Core core_;
  std::unique_ptr<Relay> relay_;
  // Brought by a sync that broke off later, or beside something else: told with the next report.
  Changes unreported_;
  AlertWatch alert_watch_;
  Alarm alarm_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_SESSION_IMPL_H_
