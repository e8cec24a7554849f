// What waits for one device: welcomes, and who calls its person. Welcomes are deleted only when the
// device says that it has them safe.
#ifndef RENKEI_SERVER_CORE_MAILBOX_H_
#define RENKEI_SERVER_CORE_MAILBOX_H_

#include "server/core/caller.h"
#include "server/core/limits.h"
#include "server/core/reply.h"
#include "server/core/store.h"

namespace renkei::server {

// Any thread.
class Mailbox {
 public:
  explicit Mailbox(Store& store) : store_(store) {}

  // The caller's own, ids greater than `after`, oldest first, at most kMaxMail.
  Result<std::vector<MailRow>> Fetch(const Caller& caller, std::uint64_t after,
                                     std::size_t max_bytes = kMaxReadBytes) const;
  // Open alerts that have called the caller's person, at most kMaxMail.
  Result<std::vector<AlertRow>> Alerts(const Caller& caller) const;
  // ids: 1..kMaxMail, else kMalformed. Those that are not there are no error: an acknowledgement
  // may come twice.
  void Ack(const Caller& caller, std::vector<std::uint64_t> ids, const Reply<bool>& reply);

 private:
  Store& store_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_MAILBOX_H_
