#include "server/core/watch_hub.h"

#include <vector>

#include "crypto/thread/entry.h"
#include "server/core/watch_session.h"

namespace renkei::server {

void WatchHub::Add(const std::shared_ptr<WatchSession>& session) {
  std::shared_ptr<WatchSession> replaced;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<WatchSession>& slot = by_device_[session->caller().device];
    replaced = std::move(slot);
    slot = session;
    if (replaced) {
      std::erase_if(by_person_, [&](const auto& item) { return item.second == replaced.get(); });
    }
    by_person_.emplace(session->caller().person, session.get());
  }
  if (replaced) {
    replaced->Cut(WatchListener::Why::kReplaced);
  }
}

void WatchHub::Remove(const WatchSession& session) {
  std::shared_ptr<WatchSession> removed;  // destroyed outside the lock
  const std::lock_guard lock(mutex_);
  const auto it = by_device_.find(session.caller().device);
  if (it == by_device_.end() || it->second.get() != &session) {
    return;
  }
  removed = std::move(it->second);
  by_device_.erase(it);
  const auto [first, last] = by_person_.equal_range(session.caller().person);
  for (auto at = first; at != last; ++at) {
    if (at->second == &session) {
      by_person_.erase(at);
      return;
    }
  }
}

std::size_t WatchHub::size() const {
  const std::lock_guard lock(mutex_);
  return by_device_.size();
}

std::vector<WatchSession*> WatchHub::ListenersOf(std::span<const PersonRef> persons) const {
  std::vector<WatchSession*> out;
  for (const PersonRef& person : persons) {
    const auto [first, last] = by_person_.equal_range(person);
    for (auto at = first; at != last; ++at) {
      out.push_back(at->second);
    }
  }
  return out;
}

void WatchHub::ThreadChanged(const CaseId& case_id, std::span<const PersonRef> persons) {
  const std::lock_guard lock(mutex_);
  live_.Forget(case_id);
  for (WatchSession* session : ListenersOf(persons)) {
    session->MarkThread(case_id);
  }
}

void WatchHub::RecordsAdded(const CaseId& case_id,
                            const std::shared_ptr<const std::vector<PersonRef>>& persons,
                            std::span<const thread::EntryView> records) {
  const std::lock_guard lock(mutex_);
  const std::vector<WatchSession*> listeners = ListenersOf(*persons);
  if (listeners.empty()) {
    live_.Forget(case_id);
    return;
  }
  for (const thread::EntryView& record : records) {
    live_.Add(case_id,
              {record.seq, std::make_shared<const Bytes>(thread::SerializeEntry(record)), persons});
  }
  for (WatchSession* session : listeners) {
    session->MarkThread(case_id);
  }
}

bool WatchHub::IsListening(const PersonRef& person) const {
  const std::lock_guard lock(mutex_);
  return by_person_.find(person) != by_person_.end();
}

void WatchHub::AlertCalls(const PersonRef& person) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = by_person_.equal_range(person);
  for (auto at = first; at != last; ++at) {
    at->second->MarkPings({.alert = true});
  }
}

void WatchHub::MailArrived(const DeviceId& device) {
  const std::lock_guard lock(mutex_);
  if (const auto it = by_device_.find(device); it != by_device_.end()) {
    it->second->MarkPings({.mailbox = true});
  }
}

void WatchHub::EnrolmentChanged(const PersonRef& person) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = by_person_.equal_range(person);
  for (auto at = first; at != last; ++at) {
    at->second->MarkPings({.enrolment = true});
  }
}

void WatchHub::EnrolmentChanged(const InstitutionId& institution) {
  const std::lock_guard lock(mutex_);
  for (const auto& [device, session] : by_device_) {
    if (session->caller().person.institution == institution) {
      session->MarkPings({.enrolment = true});
    }
  }
}

void WatchHub::DirectoryChanged() {
  const std::lock_guard lock(mutex_);
  for (const auto& [device, session] : by_device_) {
    session->MarkPings({.directory = true});
  }
}

void WatchHub::CutInvalid() {
  std::vector<std::shared_ptr<WatchSession>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [device, session] : by_device_) {
      all.push_back(session);
    }
  }
  // Outside: each chain is verified anew, and nobody may wait for ten thousand of these.
  for (const auto& session : all) {
    if (!session->StillValid()) {
      session->Cut(WatchListener::Why::kNotValidAnyMore);
    }
  }
}

void WatchHub::CutAll() {
  std::map<DeviceId, std::shared_ptr<WatchSession>> all;
  {
    const std::lock_guard lock(mutex_);
    all = by_device_;
  }
  for (const auto& [device, session] : all) {
    session->Cut(WatchListener::Why::kShutdown);
  }
}

}  // namespace renkei::server
