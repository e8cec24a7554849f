#include "server/core/mailbox.h"

#include <algorithm>

#include "server/core/alert_calls.h"
#include "server/core/limits.h"
#include "server/core/usage.h"

namespace renkei::server {
Result<std::vector<MailRow>> Mailbox::Fetch(const Caller& caller, std::uint64_t after,
                                            std::size_t max_bytes) const {
  std::vector<MailRow> out;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(out, transaction.ReadMail(caller.device, after, kMaxMail, max_bytes));
    return Ok();
  }));
  return out;
}

Result<std::vector<AlertRow>> Mailbox::Alerts(const Caller& caller) const {
  std::vector<AlertRow> out;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(out, AlertsThatCall(transaction, caller.person));
    return Ok();
  }));
  out.resize(std::min(out.size(), kMaxMail));
  return out;
}

void Mailbox::Ack(const Caller& caller, std::vector<std::uint64_t> ids, const Reply<bool>& reply) {
  if (ids.empty() || ids.size() > kMaxMail) {
    return reply(Error(Code::kMalformed, "mailbox: number of ids"));
  }
  store_.Write(
      [device = caller.device, ids = std::move(ids)](WriteTransaction& transaction) -> Status {
        RENKEI_ASSIGN(const std::vector<GoneWelcome> gone, transaction.DeleteMail(device, ids));
        for (const GoneWelcome& welcome : gone) {
          RENKEI_TRY(UncountWelcome(transaction, welcome));
        }
        return Ok();
      },
      [reply](const Status& status) {
        if (!status.ok()) {
          return reply(status.error());
        }
        reply(true);
      });
}

}  // namespace renkei::server
