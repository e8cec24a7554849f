// The half of SessionImpl that talks to the relay: sync, trying to send, watching.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "client/core/closing.h"
#include "client/core/commit.h"
#include "client/core/enrol_approve.h"
#include "client/core/enrol_connect.h"
#include "client/core/give_back.h"
#include "client/core/heads.h"
#include "client/core/join.h"
#include "client/core/key_packages.h"
#include "client/core/kinds.h"
#include "client/core/notices.h"
#include "client/core/outbox.h"
#include "client/core/session_impl.h"
#include "client/core/thread_sync.h"
#include "client/core/unlock.h"
#include "client/core/view_builder.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::client {
namespace {

// How often a watch looks whether to stop, and how long it waits before it connects again.
constexpr std::chrono::milliseconds kLook(100);
constexpr int kLooksBeforeRetry = 20;
constexpr int kMaxListedThreads = 200'000;

// What stops a whole sync, not only one case.
bool StopsAll(Code code) {
  return code == Code::kUnavailable || code == Code::kCorrupt || code == Code::kAuthFailed ||
         code == Code::kThrottled;
}

// What a commit under way was for, should another one have taken its place.
struct Intent {
  Change change;
  thread::EpochRef at;
  Hash32 card_hash{};
};

std::optional<Intent> IntentOf(const OpenCase& open) {
  if (!open.sent.has_value() || (open.sent->add.empty() && open.sent->remove.empty())) {
    return std::nullopt;
  }
  return Intent{
      .change = {.add = open.sent->add, .remove = open.sent->remove, .remove_devices = {}},
      .at = open.sent->at,
      .card_hash = open.sent->card_hash};
}

Status CarryOut(Core& core, Relay& relay, OpenCase& open, const Intent& intent, Changes& changes) {
  RENKEI_ASSIGN(const auto card, core.cases.FindCard(open.id(), intent.at));
  const bool done = card.has_value() && card->card.hash == intent.card_hash;
  return done || !CanSend(core, open) ? Ok()
                                      : ChangeCase(core, relay, open, intent.change, changes);
}

Status SaveReceipt(Core& core, OpenCase& open) {
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  RENKEI_TRY(QueueReceipt(core, open));
  return transaction.Commit();
}

std::set<CaseId> CasesOf(const relay::v1::WatchEvent::Batch& batch) {
  std::set<CaseId> out;
  for (const auto& entry : batch.entries()) {
    const auto case_id = CaseId::FromBytes(AsBytes(entry.case_id()));
    if (case_id.ok()) {
      out.insert(*case_id);
    }
  }
  return out;
}

// Looks every kLook whether to stop the relay's stream; the only thread of this room.
class StopWatcher {
 public:
  // Also breaks off a stream that says nothing while `alarm` is due.
  StopWatcher(Relay& relay, const std::function<bool()>& keep_going, const Alarm& alarm)
      : thread_([this, &relay, &keep_going, &alarm] {
          while (!done_.load()) {
            if (!keep_going() || alarm.IsDue()) {
              relay.CancelWatch();
            }
            std::this_thread::sleep_for(kLook);
          }
        }) {}
  ~StopWatcher() {
    done_.store(true);
    thread_.join();
  }
  StopWatcher(const StopWatcher&) = delete;
  StopWatcher& operator=(const StopWatcher&) = delete;

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace

Status SessionImpl::SyncCase(Relay& relay, OpenCase& open, Changes& changes) {
  const auto intent = IntentOf(open);
  RENKEI_TRY(SyncThread(core_, relay, open, changes));
  RENKEI_TRY(GiveBack(core_, relay, open, changes));
  if (open.relay_returning) {
    return FetchSecrets(core_, relay, open, changes);  // reading goes on; nothing can be sent
  }
  RENKEI_TRY(FinishSent(core_, relay, open, changes));
  RENKEI_TRY(FetchSecrets(core_, relay, open, changes));
  RENKEI_TRY(EnsureGroup(core_, relay, open, changes));
  RENKEI_TRY(FetchSecrets(core_, relay, open, changes));
  RENKEI_TRY(BringGroupInfo(core_, relay, open, changes));
  RENKEI_TRY(CheckOwnEnvelopes(core_, relay, open, changes));
  if (intent.has_value()) {
    RENKEI_TRY(CarryOut(core_, relay, open, *intent, changes));
  }
  RENKEI_TRY(SaveReceipt(core_, open));
  return SendOutbox(core_, relay, open, changes);
}

Result<std::vector<CaseId>> SessionImpl::KnownCases(Relay& relay) {
  relay::v1::ListRequest request;
  RENKEI_ASSIGN(auto response, relay.ListThreads(request));
  // A relay that says "more" without getting on, or for ever, is not believed.
  while (response.has_more() && response.threads_size() > 0 &&
         response.threads_size() < kMaxListedThreads &&
         response.threads(response.threads_size() - 1).case_id() > request.after()) {
    request.set_after(response.threads(response.threads_size() - 1).case_id());
    RENKEI_ASSIGN(const auto more, relay.ListThreads(request));
    response.set_has_more(more.has_more());
    response.mutable_threads()->MergeFrom(more.threads());
  }
  RENKEI_ASSIGN(const auto rows, core_.cases.Rows());
  std::vector<CaseId> out;
  OutboxStore outbox(core_.vault);
  RENKEI_ASSIGN(const auto waiting, outbox.All());
  for (const OutboxItem& item : waiting) {
    if (item.urgent) {
      out.push_back(item.case_id);  // an urgent record does not wait for other cases
    }
  }
  for (const CaseRow& row : rows) {
    out.push_back(row.case_id);
  }
  for (const auto& thread : response.threads()) {
    const auto case_id = CaseId::FromBytes(AsBytes(thread.case_id()));
    if (case_id.ok()) {
      out.push_back(*case_id);
    }
  }
  std::set<CaseId> seen;
  std::erase_if(out, [&](const CaseId& id) { return !seen.insert(id).second; });
  return out;
}

Status SessionImpl::SyncOne(Relay& relay, const CaseId& case_id, Changes& changes) {
  auto loaded = LoadCase(core_, case_id);
  if (!loaded.ok() && loaded.error().code() != Code::kNotFound) {
    return loaded.error();
  }
  OpenCase open = loaded.ok() ? std::move(*loaded) : NewOpenCase(case_id);
  const Status status = SyncCase(relay, open, changes);
  if (!status.ok() && StopsAll(status.error().code())) {
    return status;
  }
  if (!status.ok()) {
    Notice(changes, NoticeText(Said::kCaseNotSynced, status.error()));
  }
  return Ok();
}

Status SessionImpl::SyncDirectory(Relay& relay) {
  const auto synced = core_.directory.Sync(relay, core_.now());
  if (synced.ok() || synced.error().code() != Code::kDenied) {
    return synced.ok() ? Ok() : Status(synced.error());
  }
  // A relay restored from a backup may not know this device any more: its chain is enough.
  RENKEI_TRY(PublishOwn(relay, identity_));
  RENKEI_TRY(core_.directory.Sync(relay, core_.now()));
  return Ok();
}

Status SessionImpl::SyncAll(Relay& relay, Changes& changes) {
  RENKEI_TRY(SyncDirectory(relay));
  RENKEI_TRY(RefillKeyPackages(core_, relay));
  RENKEI_TRY(TakeWelcomes(core_, relay));
  RENKEI_ASSIGN(const auto cases, KnownCases(relay));
  for (const CaseId& case_id : cases) {
    RENKEI_TRY(SyncOne(relay, case_id, changes));
  }
  RENKEI_TRY(RefillKeyPackages(core_, relay));
  return ServeDevices(relay, changes);
}

// After the cases: a device that is linked now learns where they stand now.
Status SessionImpl::ServeDevices(Relay& relay, Changes& changes) {
  const Status served = ServeLinks(environment_, identity_, relay);
  if (!served.ok() && StopsAll(served.error().code())) {
    return served;
  }
  if (!served.ok()) {
    Notice(changes, NoticeText(Said::kDevicesNotServed, served.error()));
  }
  return Ok();
}

Result<SyncReport> SessionImpl::ToReport(const Changes& changes) {
  SyncReport report;
  report.entries = changes.entries;
  report.records_sent = changes.records_sent;
  report.cases_joined = changes.cases_joined;
  report.notices = changes.notices;
  RENKEI_ASSIGN(const auto waiting, Outbox());
  report.still_waiting = waiting.size();
  ViewBuilder views(core_);
  for (const RecordPlace& place : changes.new_records) {
    RENKEI_ASSIGN(const auto row, core_.records.Find(place.case_id, place.seq));
    if (row.has_value()) {
      RENKEI_ASSIGN(auto view, views.Record(*row));
      report.new_records.push_back(std::move(view));
    }
  }
  RENKEI_ASSIGN(report.alerts, NewsOf(changes.alert_notes));
  return report;
}

Result<SyncReport> SessionImpl::Report(const Status& status) {
  if (!status.ok()) {
    if (status.error().code() == Code::kUnavailable) {
      RENKEI_TRY(MarkWaiting(core_, std::nullopt, WhyUnavailable(status.error())));
    }
    if (status.error().code() == Code::kThrottled && relay_ != nullptr) {
      RENKEI_TRY(
          MarkWaiting(core_, std::nullopt, WhyThrottled(status.error()), RetryAt(core_, *relay_)));
    }
    return status.error();
  }
  auto report = ToReport(unreported_);
  if (report.ok()) {
    unreported_ = Changes();
  }
  return report;
}

Result<SyncReport> SessionImpl::Sync() {
  const auto relay = Connect();
  return Report(relay.ok() ? SyncAll(**relay, unreported_) : Status(relay.error()));
}

Result<SyncReport> SessionImpl::Untold() {
  return Report(Ok());
}

void SessionImpl::KeepNews(const Changes& changes) {
  for (const std::string& notice : changes.notices) {
    Notice(unreported_, notice);
  }
  unreported_.new_records.insert(unreported_.new_records.end(), changes.new_records.begin(),
                                 changes.new_records.end());
  unreported_.alert_notes.insert(unreported_.alert_notes.end(), changes.alert_notes.begin(),
                                 changes.alert_notes.end());
}

Result<SyncReport> SessionImpl::SyncSome(Relay& relay, const std::set<CaseId>& cases) {
  for (const CaseId& case_id : cases) {
    const Status status = SyncOne(relay, case_id, unreported_);
    if (!status.ok()) {
      return Report(status);
    }
  }
  return Report(Ok());
}

Status SessionImpl::GoOn(const CaseId& case_id) {
  RENKEI_ASSIGN(Relay * relay, Connect());
  RENKEI_TRY(SyncDirectory(*relay));
  RENKEI_ASSIGN(OpenCase open, LoadCase(core_, case_id));
  Changes changes;
  const Status said = GoOnWithoutOthers(core_, *relay, open, changes);
  KeepNews(changes);
  return said.ok() ? TrySend(case_id) : said;
}

Status SessionImpl::CloseCase(const CaseId& case_id, std::uint32_t keep_years) {
  if (keep_years > thread::kMaxKeepYears) {
    return Error(Code::kMalformed, "case: to be kept for up to 100 years");
  }
  return Closing(case_id, thread::ClosingAction::kClose, keep_years);
}

Status SessionImpl::ReopenCase(const CaseId& case_id) {
  return Closing(case_id, thread::ClosingAction::kReopen, 0);
}

Status SessionImpl::Closing(const CaseId& case_id, thread::ClosingAction action,
                            std::uint32_t keep_years) {
  RENKEI_ASSIGN(Relay * relay, Connect());
  RENKEI_TRY(SyncDirectory(*relay));
  RENKEI_ASSIGN(OpenCase open, LoadCase(core_, case_id));
  RENKEI_TRY(SyncCase(*relay, open, unreported_));
  return SayClosing(core_, *relay, open, action, keep_years, unreported_);
}

Status SessionImpl::TrySend(const CaseId& case_id) {
  const auto relay = Connect();
  Status status = relay.ok() ? Ok() : Status(relay.error());
  if (status.ok()) {
    RENKEI_ASSIGN(OpenCase open, LoadCase(core_, case_id));
    Changes changes;
    status = SyncCase(**relay, open, changes);
    KeepNews(changes);
  }
  if (status.ok()) {
    return status;
  }
  switch (status.error().code()) {
    case Code::kCorrupt:
      return status;
    case Code::kUnavailable:
    case Code::kAuthFailed:
      return MarkWaiting(core_, case_id, WhyUnavailable(status.error()));
    case Code::kThrottled:
      return MarkWaiting(core_, case_id, WhyThrottled(status.error()), RetryAt(core_, **relay));
    default:
      return MarkWaiting(core_, case_id, WaitReason::kCaseStopped);
  }
}

Status SessionImpl::Watch(const std::function<void(const SyncReport&)>& on_change,
                          const std::function<bool()>& keep_going) {
  const auto tell = [&](const Result<SyncReport>& report) -> Status {
    if (!report.ok()) {
      return report.error();
    }
    if (report->entries > 0 || report->records_sent > 0 || !report->notices.empty() ||
        !report->alerts.empty()) {
      on_change(*report);
    }
    return FollowAlerts();
  };
  RENKEI_TRY(FollowAlerts());
  while (keep_going()) {
    const auto relay = Connect();
    const Status status = relay.ok() ? WatchOnce(**relay, tell, keep_going) : Status(relay.error());
    if (!status.ok() && status.error().code() != Code::kUnavailable &&
        status.error().code() != Code::kThrottled) {
      return status;
    }
    RENKEI_TRY(tell(LateAlerts()));
    const bool is_throttled = !status.ok() && status.error().code() == Code::kThrottled;
    const std::int64_t asked = is_throttled && relay.ok() ? (*relay)->asked_wait().value : 0;
    const std::int64_t looks = std::max<std::int64_t>(kLooksBeforeRetry, asked / kLook.count() + 1);
    for (std::int64_t look = 1; !status.ok() && look <= looks && keep_going(); ++look) {
      std::this_thread::sleep_for(kLook);
      if (look % kLooksBeforeRetry == 0) {
        RENKEI_TRY(tell(LateAlerts()));  // a relay that asks to wait is no reason to be silent
      }
    }
  }
  return Ok();
}

Status SessionImpl::WatchOnce(Relay& relay,
                              const std::function<Status(const Result<SyncReport>&)>& tell,
                              const std::function<bool()>& keep_going) {
  const StopWatcher stop(relay, keep_going, alarm_);
  RENKEI_TRY(tell(Sync()));
  while (keep_going()) {
    RENKEI_TRY(FollowStream(relay, tell, keep_going));
    // The stream was left: to stop, or because the relay is late with an alert.
    RENKEI_TRY(tell(LateAlerts()));
  }
  return Ok();
}

Status SessionImpl::FollowStream(Relay& relay,
                                 const std::function<Status(const Result<SyncReport>&)>& tell,
                                 const std::function<bool()>& keep_going) {
  relay::v1::WatchRequest request;
  RENKEI_ASSIGN(const auto rows, core_.cases.Rows());
  for (const CaseRow& row : rows) {
    auto* position = request.add_positions();
    position->set_case_id(ToString(row.case_id.view()));
    position->set_after(row.position.seq);
  }
  Status status = Ok();
  // The events only say where to look: what they carry is read again, in its place in the chain.
  RENKEI_TRY(relay.Watch(request, [&](const relay::v1::WatchEvent& event) {
    if (event.has_ping()) {
      status = tell(Sync());
    } else if (event.has_batch()) {
      status = tell(SyncSome(relay, CasesOf(event.batch())));
    }
    return status.ok() && keep_going();
  }));
  return status;
}

}  // namespace renkei::client
