// Handing out envelopes and packs: to the person whose archive key they are sealed to, and to
// nobody else. Institution envelopes are a call of their own, later (crypto/thread/notice.h).
#ifndef RENKEI_SERVER_CORE_ENVELOPES_H_
#define RENKEI_SERVER_CORE_ENVELOPES_H_

#include "server/core/audit.h"
#include "server/core/directory.h"
#include "server/core/limits.h"

namespace renkei::server {

struct EnvelopePage {
  std::vector<EnvelopeRow> envelopes;
  bool complete = true;
};

struct PackPage {
  std::vector<PackRow> packs;
  bool complete = true;
};

// Any thread. kDenied: the key is not a published archive key of the caller's person.
class Envelopes {
 public:
  Envelopes(Store& store, const Audit& audit, Directory& directory)
      : store_(store), audit_(audit), directory_(directory) {}

  // Strictly after `after` (none: from the first), at most kMaxEnvelopes, in order.
  Result<EnvelopePage> Fetch(const Caller& caller, const CaseId& case_id, const Hash32& key_id,
                             const std::optional<EpochRef>& after) const;
  // Of notices with a greater seq than `after`, in order; at most kMaxPacks.
  Result<PackPage> FetchPacks(const Caller& caller, const CaseId& case_id, const Hash32& key_id,
                              std::uint64_t after, std::size_t max_bytes = kMaxReadBytes) const;

 private:
  void Note(const Caller& caller, std::string_view action, const Status& status,
            const CaseId& case_id) const;
  Status CheckOwner(ReadTransaction& transaction, const Caller& caller, const Hash32& key_id) const;

  Store& store_;
  const Audit& audit_;
  Directory& directory_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ENVELOPES_H_
