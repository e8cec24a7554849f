#include "tests/fuzz/relay_rpc_seeds.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>

#include <functional>

#include "crypto/pki/revocation.h"
#include "renkei/relay/v1/alerts.pb.h"
#include "renkei/relay/v1/directory.pb.h"
#include "renkei/relay/v1/envelopes.pb.h"
#include "renkei/relay/v1/mailbox.pb.h"
#include "tests/support/relay_request.h"

namespace renkei::fuzz {
namespace {

namespace v1 = relay::v1;
using Add =
    std::function<void(const std::string&, const std::string&, const google::protobuf::Message&)>;

void AddThreads(RelayRpcWorld& w, const Add& add) {
  const std::string case_id = ToString(w.first.card.card.case_id.view());
  add("Threads.Create", "create", test::RequestOf(w.world.NewCase(w.nurse)));
  add("Threads.Create", "taken", test::RequestOf(w.first));
  add("Threads.Commit", "commit",
      test::RequestOf(w.world.NextCommit(w.second.card, w.nurse, {&w.nurse, &w.doctor})));
  add("Threads.Commit", "intrusion",
      test::RequestOf(w.world.NextCommit(w.second.card, w.stranger, {&w.nurse, &w.stranger})));
  v1::AppendRequest append;
  append.set_record(ToString(w.world.Record(w.second.card, w.nurse, w.Head())));
  add("Threads.Append", "append", append);
  append.set_record(ToString(w.world.Record(w.first.card, w.stranger, w.Head())));
  add("Threads.Append", "stranger", append);
  add("Threads.Append", "urgent", w.UrgentRequest());
  add("Threads.AppendClosing", "close", w.ClosingRequest());
  add("Threads.AppendPack", "pack", w.PackRequest());
  v1::ReadRequest read;
  read.set_case_id(case_id);
  read.set_limit(500);
  add("Threads.Read", "read", read);
  v1::ListRequest list;
  list.set_after(std::string(16, '\0'));
  add("Threads.List", "list", list);
  v1::GetGroupInfoRequest group_info;
  group_info.set_case_id(case_id);
  add("Threads.GetGroupInfo", "group_info", group_info);
  const v1::GiveBackRequest give_back = w.GiveBackRequest();
  add("Threads.GiveBack", "entries", give_back);
  v1::GiveBackRequest stands = give_back;
  stands.clear_entries();
  stands.clear_proof();
  stands.set_go_on(true);
  add("Threads.GiveBack", "stands", stands);
  v1::WatchRequest watch;
  watch.add_positions()->set_case_id(case_id);
  watch.mutable_positions(0)->set_after(2);
  add("Threads.Watch", "watch", watch);
}

void AddDeliveries(RelayRpcWorld& w, const Add& add) {
  const std::string case_id = ToString(w.first.card.card.case_id.view());
  v1::MailboxFetchRequest mail;
  mail.set_after(1);
  add("Mailbox.Fetch", "fetch", mail);
  v1::MailboxAckRequest ack;
  ack.add_ids(1);
  add("Mailbox.Ack", "ack", ack);
  v1::FetchEnvelopesRequest envelopes;
  envelopes.set_case_id(case_id);
  envelopes.set_key_id(ToString(w.nurse.person->archive.fingerprint()));
  envelopes.set_from_start(true);
  add("Envelopes.Fetch", "fetch", envelopes);
  v1::FetchPacksRequest packs;
  packs.set_case_id(case_id);
  packs.set_key_id(ToString(w.nurse.person->archive.fingerprint()));
  add("Envelopes.FetchPacks", "packs", packs);
  v1::AcknowledgeRequest acknowledge;
  acknowledge.set_record(ToString(w.world.Record(w.second.card, w.nurse, w.Head())));
  acknowledge.set_alert_seq(w.alert_seq);
  add("Alerts.Acknowledge", "acknowledge", acknowledge);
}

void AddDirectory(RelayRpcWorld& w, const Add& add) {
  v1::PublishRequest publish;
  for (const Bytes& der : w.world.CertificatesOf(w.station)) {
    publish.add_certificates(ToString(der));
  }
  add("Directory.Publish", "publish", publish);
  v1::DirectorySyncRequest sync;
  sync.set_limit(100);
  add("Directory.Sync", "sync", sync);
  v1::UploadKeyPackagesRequest upload;
  upload.add_key_packages("key package");
  add("Directory.UploadKeyPackages", "upload", upload);
  v1::ClaimKeyPackagesRequest claim;
  auto& person = *claim.add_persons();
  person.set_institution(ToString(w.nurse.person->Ref().institution.view()));
  person.set_person(ToString(w.nurse.person->Ref().person.view()));
  add("Directory.ClaimKeyPackages", "claim", claim);
  const Millis now = w.clock.Now();
  const pki::Revocation revoked{w.doctor.device.tls.certificate.serial(), now,
                                pki::RevocationReason::kKeyCompromise};
  v1::PublishRevocationsRequest revoke;
  revoke.set_revocation_list(
      ToString(pki::CreateCrl(w.station.ca, {revoked}, 1, now, now + Days(7)).value().der()));
  add("Directory.PublishRevocations", "revoke", revoke);
}

void AddEnrolment(RelayRpcWorld& w, const Add& add) {
  v1::CreateTicketRequest create;
  create.set_ticket(std::string(16, 'n'));
  create.set_purpose(seal::v1::TICKET_PURPOSE_DEVICE);
  create.set_expires_at((w.clock.Now() + Days(1)).value);
  add("Enrolment.CreateTicket", "create", create);
  add("Enrolment.SubmitRequest", "submit", w.JoinRequest());
  add("Enrolment.ListRequests", "list", v1::ListRequestsRequest());
  v1::AttachLinkRequest link;
  link.set_ticket(w.ticket);
  link.set_signed_link("no link");
  link.set_sealed_package("package");
  add("Enrolment.AttachLink", "link", link);
  v1::ApproveRequest approve;
  approve.set_ticket(w.ticket);
  approve.add_certificates(ToString(w.nurse.device.signing.certificate.der()));
  add("Enrolment.Approve", "approve", approve);
  v1::GetApprovalRequest get;
  get.set_ticket(w.ticket);
  add("Enrolment.GetApproval", "get", get);
}

// Messages of a stream as relay_rpc_calls.cc takes them: each behind its length.
std::string AppendStream(RelayRpcWorld& w) {
  std::string out;
  google::protobuf::io::StringOutputStream to(&out);
  v1::AppendRequest append;
  for (int i = 0; i < 2; ++i) {
    append.set_record(ToString(w.world.Record(w.second.card, w.nurse, w.Head())));
    RENKEI_CHECK(google::protobuf::util::SerializeDelimitedToZeroCopyStream(append, &to));
  }
  RENKEI_CHECK(google::protobuf::util::SerializeDelimitedToZeroCopyStream(append, &to));
  return out;
}

}  // namespace

std::vector<RelaySeed> RelaySeeds(RelayRpcWorld& world) {
  std::vector<RelaySeed> out;
  const Add add = [&](const std::string& method, const std::string& name,
                      const google::protobuf::Message& request) {
    out.push_back({method, name, request.SerializeAsString()});
  };
  AddThreads(world, add);
  AddDeliveries(world, add);
  AddDirectory(world, add);
  AddEnrolment(world, add);
  out.push_back({"Threads.AppendStream", "two_and_a_retry", AppendStream(world)});
  return out;
}

}  // namespace renkei::fuzz
