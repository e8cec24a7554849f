// The insides of an Actor, for tests that play a member who breaks the rules: builds commits and
// records that no session would. One thread.
#ifndef RENKEI_TESTS_SUPPORT_INSIDER_H_
#define RENKEI_TESTS_SUPPORT_INSIDER_H_

#include <functional>
#include <memory>

#include "client/core/core.h"
#include "client/core/make_card.h"
#include "crypto/mls/group.h"
#include "crypto/thread/record_header.h"
#include "renkei/relay/v1/threads.pb.h"
#include "renkei/seal/v1/card.pb.h"
#include "tests/support/test_region.h"

namespace renkei::test {

class Insider {
 public:
  Insider(TestRegion& region, Actor& actor);

  client::Core& core() { return *core_; }
  client::OpenCase Open(const CaseId& case_id);

  // A commit on the head that this actor knows, whatever the rules say. `change` may turn the card
  // before it is signed.
  relay::v1::CommitRequest MakeCommit(const CaseId& case_id, const mls::CommitOptions& options,
                                      const std::function<void(seal::v1::EpochCard&)>& change = {},
                                      const thread::CardEvidence& evidence = {});
  // An external commit to the relay's newest GroupInfo, with this link (may be empty).
  relay::v1::CommitRequest MakeExternalCommit(const CaseId& case_id, ByteView link);
  // A record sealed as `change` wants its header; signed with this actor's key.
  Bytes SealNote(const CaseId& case_id, const std::string& text,
                 const std::function<void(thread::RecordHeader&)>& change = {});

 private:
  relay::v1::CommitRequest Finish(client::OpenCase& open, const client::NewEpoch& epoch,
                                  const std::function<void(seal::v1::EpochCard&)>& change);

  client::Identity identity_;
  std::unique_ptr<client::Directory> directory_;
  std::unique_ptr<client::Core> core_;
  std::unique_ptr<client::Relay> relay_;
};

// The leaf of that person's first device on the card in force.
mls::LeafIndex LeafOf(const client::OpenCase& open, const thread::PersonRef& person);

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_INSIDER_H_
