// Who listens, and telling them. The hub knows no entries: it marks what changed on each listener's
// session, and the session reads it from the log when the stream can take more (watch_session.h).
#ifndef RENKEI_SERVER_CORE_WATCH_HUB_H_
#define RENKEI_SERVER_CORE_WATCH_HUB_H_

#include <map>
#include <memory>
#include <mutex>
#include <span>

#include "server/core/live_entries.h"

namespace renkei::server {

class WatchSession;

// Of all threads together.
inline constexpr std::size_t kMaxLiveBytes = std::size_t{32} << 20U;

// Any thread. Nothing here waits or reads.
class WatchHub {
 public:
  // Also cuts the device's earlier stream: it is one for each device, and an old one is usually a
  // connection whose other end is gone. At most one session of a device is registered.
  void Add(const std::shared_ptr<WatchSession>& session);
  void Remove(const WatchSession& session);
  std::size_t size() const;

  // Entries of the thread are durable; `persons`: everyone who may read up to the newest. These are
  // read from the log.
  void ThreadChanged(const CaseId& case_id, std::span<const PersonRef> persons);
  // The same for records that follow each other, under one roster. They are encoded once, if
  // anybody listens, and kept for a while for who stands right before them.
  void RecordsAdded(const CaseId& case_id,
                    const std::shared_ptr<const std::vector<PersonRef>>& persons,
                    std::span<const thread::EntryView> records);
  const LiveEntries& live() const { return live_; }
  // A stream of the person's is open.
  bool IsListening(const PersonRef& person) const;
  // An urgent alert calls the person.
  void AlertCalls(const PersonRef& person);
  void MailArrived(const DeviceId& device);
  void EnrolmentChanged(const PersonRef& person);
  void EnrolmentChanged(const InstitutionId& institution);
  void DirectoryChanged();
  // Asks every session whether its caller is still good, and cuts those that are not.
  void CutInvalid();
  // Cuts all, for a shutdown.
  void CutAll();

 private:
  // The sessions of these persons; the lock is held.
  std::vector<WatchSession*> ListenersOf(std::span<const PersonRef> persons) const;

  mutable std::mutex mutex_;
  std::map<DeviceId, std::shared_ptr<WatchSession>> by_device_;
  std::multimap<PersonRef, WatchSession*> by_person_;
  LiveEntries live_{kMaxLiveBytes};
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_WATCH_HUB_H_
