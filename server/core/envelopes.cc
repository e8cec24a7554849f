#include "server/core/envelopes.h"

#include "server/core/limits.h"

namespace renkei::server {

Result<EnvelopePage> Envelopes::Fetch(const Caller& caller, const CaseId& case_id,
                                      const Hash32& key_id,
                                      const std::optional<EpochRef>& after) const {
  EnvelopePage page;
  const Status status = store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_TRY(CheckOwner(transaction, caller, key_id));
    // One more than fits tells whether there is more.
    RENKEI_ASSIGN(page.envelopes,
                  transaction.ReadEnvelopes(case_id, key_id, after, kMaxEnvelopes + 1));
    return Ok();
  });
  Note(caller, "envelopes.fetch", status, case_id);
  RENKEI_TRY(status);
  page.complete = page.envelopes.size() <= kMaxEnvelopes;
  if (!page.complete) {
    page.envelopes.pop_back();
  }
  return page;
}

Result<PackPage> Envelopes::FetchPacks(const Caller& caller, const CaseId& case_id,
                                       const Hash32& key_id, std::uint64_t after,
                                       std::size_t max_bytes) const {
  PackPage page;
  const Status status = store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_TRY(CheckOwner(transaction, caller, key_id));
    RENKEI_ASSIGN(page.packs, transaction.ReadPacks(case_id, key_id, after, kMaxPacks, max_bytes));
    if (page.packs.empty()) {
      return Ok();
    }
    RENKEI_ASSIGN(const auto more,
                  transaction.ReadPacks(case_id, key_id, page.packs.back().seq, 1, 1));
    page.complete = more.empty();
    return Ok();
  });
  Note(caller, "envelopes.fetch_packs", status, case_id);
  RENKEI_TRY(status);
  return page;
}

void Envelopes::Note(const Caller& caller, std::string_view action, const Status& status,
                     const CaseId& case_id) const {
  if (status.ok()) {
    audit_.Note(EventOf(caller, action, "done", case_id.bytes));
  } else {
    audit_.NoteRefusal(EventOf(caller, action, "refused", case_id.bytes));
  }
}

Status Envelopes::CheckOwner(ReadTransaction& transaction, const Caller& caller,
                             const Hash32& key_id) const {
  RENKEI_ASSIGN(const auto key, directory_.Find(transaction, key_id));
  if (!key || key->certificate.role() != pki::CertRole::kPersonArchive ||
      key->person != caller.person) {
    return Error(Code::kDenied, "envelopes: not an archive key of the caller's person");
  }
  return Ok();
}

}  // namespace renkei::server
