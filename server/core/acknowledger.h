// Answers posts that became durable together: tells who watches, signs all heads with one signature
// (crypto/README.md "Head"), replies to each. A signature for each entry would cost more than
// storing it.
#ifndef RENKEI_SERVER_CORE_ACKNOWLEDGER_H_
#define RENKEI_SERVER_CORE_ACKNOWLEDGER_H_

#include <memory>
#include <vector>

#include "server/core/head_signer.h"
#include "server/core/post_outcome.h"
#include "server/core/reply.h"

namespace renkei::server {

class WatchHub;

// Add and Flush where the store's Done calls are, one at a time; Answer on any thread.
class Acknowledger {
 public:
  Acknowledger(const HeadSigner& signer, WatchHub& hub) : signer_(signer), hub_(hub) {}

  // Signs the head of one that will be added if it becomes durable, alone. Any thread.
  void Prepare(const CaseId& case_id, PostOutcome& outcome) const;
  // A post as it ended. Accepted and Duplicate are answered by the next Flush, with a signed head,
  // all others at once.
  //   readers  who is told of an accepted one; ascending for a record. Null: nobody
  //   record   the entry's payload if it is a record; lives until the reply
  void Add(const CaseId& case_id, PostOutcome outcome,
           std::shared_ptr<const std::vector<PersonRef>> readers, const Reply<PostOutcome>& reply,
           ByteView record = {});
  // After each run of Done calls. A reply may post again, and so lead back here.
  void Flush();
  // One that changed nothing, at once.
  void Answer(const CaseId& case_id, PostOutcome outcome, const Reply<PostOutcome>& reply) const;

 private:
  struct Waiting {
    CaseId case_id;
    PostOutcome outcome;
    std::shared_ptr<const std::vector<PersonRef>> readers;
    Reply<PostOutcome> reply;
    ByteView record;
  };

  void TellWatchers(const std::vector<Waiting>& answered) const;

  // Those that no Prepare has signed, with one signature.
  void SignHeads(std::vector<Waiting>& answered) const;

  const HeadSigner& signer_;
  WatchHub& hub_;
  std::vector<Waiting> waiting_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ACKNOWLEDGER_H_
