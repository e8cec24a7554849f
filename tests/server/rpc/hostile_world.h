// A region in which somebody with a good certificate means no good: an honest case with records, a
// pack, mail and tickets; a member who is no steward; and a stranger of another institution.
#ifndef RENKEI_TESTS_SERVER_RPC_HOSTILE_WORLD_H_
#define RENKEI_TESTS_SERVER_RPC_HOSTILE_WORLD_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/server/rpc/hostile_call.h"
#include "tests/server/rpc/live_relay.h"

namespace renkei::test {

class HostileWorld : public LiveRelay {
 protected:
  void SetUp() override;

  // Every row of the honest people's threads, mail, tickets, key packages and certificates, as
  // text by table.
  std::map<std::string, std::string> HonestRows();
  // Rows of the audit log about this device, newest last, that say anything but success.
  std::size_t RefusalsOf(const Handset& handset);
  // Waits until every note is in the store.
  void FlushAudit();

  // Where the honest case stands, as the nurse is told.
  thread::Position Head();
  // The nurse writes, the doctor reads it.
  void ExpectHonestPeopleGoOn();
  // One call by the handset; its bytes are kept as something honest that was sent once.
  void Honest(const Handset& by, const std::string& method,
              const google::protobuf::Message& request, const std::string& outcome = "accepted");

  // Requests.
  v1::AppendRequest RecordBy(const Handset& sender, const thread::SignedCard& card);
  v1::AppendPackRequest PackBy(const Handset& sender, const Person& reader);
  // In the honest case, which `sender` has seen to its head; signed by `signer`.
  v1::AppendClosingRequest ClosingBy(const Handset& sender, const Handset& signer,
                                     thread::ClosingAction action = thread::ClosingAction::kClose);
  v1::SubmitRequestRequest JoinFor(const std::string& ticket, const Handset& inviter);
  v1::GiveBackRequest GiveBackFor(const CaseId& case_id);

  struct Sent {
    std::string by;
    std::string method;
    std::string request;
  };

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Office& elsewhere = world.AddOffice("よその事業所（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& insider = world.AddMember(elsewhere);
  Handset& mallory = world.AddMember(elsewhere);
  CommitParts first;
  CommitParts second;
  const std::string ticket = std::string(16, 't');
  std::vector<Sent> sent;  // what the honest people sent, verbatim
  std::map<const Handset*, std::shared_ptr<grpc::Channel>> channels;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_RPC_HOSTILE_WORLD_H_
