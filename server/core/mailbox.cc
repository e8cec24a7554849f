#include "server/core/mailbox.h"

#include <algorithm>

#include "crypto/thread/entry.h"
#include "server/core/alert_calls.h"
#include "server/core/limits.h"
#include "server/core/usage.h"

namespace renkei::server {
namespace {

// The committer paid for it.
Status Uncount(WriteTransaction& transaction, const GoneWelcome& welcome) {
  RENKEI_ASSIGN(const std::optional<EntryRow> entry,
                transaction.FindEntry(welcome.case_id, welcome.seq));
  if (!entry) {
    return Ok();
  }
  const auto commit = thread::ParseCommitPayload(entry->payload);
  if (!commit.ok()) {
    return Error(Code::kCorrupt, "mailbox: the commit of a welcome cannot be read");
  }
  const thread::Card& card = commit->card.card;
  const auto payer = PayerOf(card, card.committer_device);
  return payer ? CountStored(transaction, *payer,
                             -static_cast<std::int64_t>(BytesOfRow(welcome.bytes)))
               : Ok();
}

}  // namespace

Result<std::vector<MailRow>> Mailbox::Fetch(const Caller& caller, std::uint64_t after) const {
  std::vector<MailRow> out;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(out, transaction.ReadMail(caller.device, after, kMaxMail, kMaxReadBytes));
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
          RENKEI_TRY(Uncount(transaction, welcome));
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
