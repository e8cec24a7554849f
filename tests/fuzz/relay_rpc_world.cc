#include "tests/fuzz/relay_rpc_world.h"

#include "crypto/seal/join_request.h"
#include "crypto/thread/alert_plan.h"
#include "crypto/thread/notice.h"
#include "crypto/thread/sealed_secrets.h"
#include "renkei/relay/v1/directory.pb.h"
#include "renkei/relay/v1/enrolment.pb.h"
#include "server/rpc/threads_handler.h"
#include "tests/fuzz/relay_rpc_calls.h"
#include "tests/support/relay_request.h"

namespace renkei::fuzz {

namespace v1 = relay::v1;

RelayRpcWorld::RelayRpcWorld() : clock(test::kRegionStart + Days(30)) {
  usual_.relay = server::Relay::Open(usual_.store, clock, world.random(), world.Identity()).value();
  world.PublishAll(*usual_.relay);
  BuildCase();
  usual_.begin = usual_.store.Backup();
}

void RelayRpcWorld::Do(const std::string& method, const google::protobuf::Message& request) {
  RelayCalls().at(method)(*usual_.relay, nurse.Caller(), request.SerializeAsString());
}

void RelayRpcWorld::BuildCase() {
  first = world.NewCase(nurse);
  Do("Threads.Create", test::RequestOf(first));
  second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  Do("Threads.Commit", test::RequestOf(second));
  BuildRestored();
  v1::AppendRequest append;
  append.set_record(ToString(world.Record(second.card, nurse, Head())));
  Do("Threads.Append", append);
  Do("Threads.AppendPack", PackRequest());
  alert_seq = Head().seq + 1;
  Do("Threads.Append", UrgentRequest());
  v1::UploadKeyPackagesRequest upload;
  upload.add_key_packages("key package");
  Do("Directory.UploadKeyPackages", upload);
  v1::CreateTicketRequest create;
  create.set_ticket(ticket);
  create.set_purpose(seal::v1::TICKET_PURPOSE_STAFF);
  create.set_expires_at((clock.Now() + Days(1)).value);
  Do("Enrolment.CreateTicket", create);
  Do("Enrolment.SubmitRequest", JoinRequest());
  // Two commits, a record, a pack's notice, the urgent record and that its alert began.
  RENKEI_CHECK(Head().seq == 6);
}

// The store as it is now, as if it came from a backup.
void RelayRpcWorld::BuildRestored() {
  restored_.store.Restore(*usual_.store.Backup());
  bool is_marked = false;
  restored_.store.Write(
      [](server::WriteTransaction& transaction) {
        static constexpr std::uint8_t kYes = 1;
        return transaction.PutMeta("restored", ByteView(&kYes, 1));
      },
      [&](const Status& status) { is_marked = status.ok(); });
  RENKEI_CHECK(is_marked);
  restored_.relay =
      server::Relay::Open(restored_.store, clock, world.random(), world.Identity()).value();
  restored_.begin = restored_.store.Backup();
}

bool RelayRpcWorld::Knows(const std::string& method) {
  return RelayCalls().contains(method);
}

void RelayRpcWorld::Run(const std::string& method, ByteView request) {
  const RunCall& run = RelayCalls().at(method);
  const std::string bytes = ToString(request);
  for (RelayUnderFuzz* under : {&usual_, &restored_}) {
    for (const test::Handset* by : {&nurse, &stranger}) {
      run(*under->relay, by->Caller(), bytes);
      CheckSound(*under);
      under->store.Restore(*under->begin);
    }
  }
}

void RelayRpcWorld::CheckSound(RelayUnderFuzz& under) {
  RENKEI_CHECK(under.store
                   .Read([&](server::ReadTransaction& transaction) -> Status {
                     RENKEI_ASSIGN(const auto row, transaction.FindThread(first.card.card.case_id));
                     RENKEI_CHECK(row.has_value());
                     RENKEI_ASSIGN(const auto last,
                                   transaction.FindEntry(row->case_id, row->head.seq));
                     RENKEI_CHECK(last && last->hash == row->head.hash);
                     RENKEI_ASSIGN(const auto beyond,
                                   transaction.EntryHash(row->case_id, row->head.seq + 1));
                     RENKEI_CHECK(!beyond);
                     return Ok();
                   })
                   .ok());
}

thread::Position RelayRpcWorld::Head() {
  thread::Position head;
  RENKEI_CHECK(usual_.store
                   .Read([&](server::ReadTransaction& transaction) -> Status {
                     RENKEI_ASSIGN(const auto row, transaction.FindThread(first.card.card.case_id));
                     head = row ? row->head : thread::Position();
                     return Ok();
                   })
                   .ok());
  return head;
}

v1::AppendRequest RelayRpcWorld::UrgentRequest() {
  thread::AlertPlan plan;
  plan.steps = {{{{std::nullopt, std::nullopt, 4}}, Minutes(5)}};
  v1::AppendRequest out;
  out.set_alert_plan(ToString(thread::SerializeAlertPlan(plan)));
  auto urgent = thread::ParseSealedRecord(world.Record(second.card, nurse, Head())).value();
  urgent.header.urgency = thread::Urgency::kUrgent;
  urgent.header.alert_plan_hash = thread::HashOfAlertPlan(AsBytes(out.alert_plan()));
  out.set_record(ToString(thread::SerializeSealedRecord(urgent)));
  return out;
}

v1::AppendPackRequest RelayRpcWorld::PackRequest() {
  thread::Pack pack;
  pack.case_id = first.card.card.case_id;
  pack.key_id = doctor.person->archive.fingerprint();
  pack.sender_device = nurse.device.id;
  pack.ciphertext = world.random().NextBytes(200);
  thread::PackNotice notice;
  notice.case_id = pack.case_id;
  notice.key_id = pack.key_id;
  notice.sender_device = pack.sender_device;
  notice.pack_hash = Sha256(thread::SerializePack(pack));
  notice.last = {0, 1};
  notice.created_at = clock.Now();
  v1::AppendPackRequest out;
  out.set_pack(ToString(thread::SerializePack(pack)));
  RENKEI_CHECK(out.mutable_notice()->ParseFromString(
      ToString(thread::MakePackNotice(notice, nurse.device.signing.key).value())));
  return out;
}

v1::AppendClosingRequest RelayRpcWorld::ClosingRequest() {
  const thread::Position head = Head();
  const thread::ClosingNotice notice{first.card.card.case_id,
                                     second.card.card.at,
                                     thread::ClosingAction::kClose,
                                     nurse.device.id,
                                     head.seq,
                                     head.hash,
                                     0,
                                     clock.Now()};
  v1::AppendClosingRequest out;
  RENKEI_CHECK(out.mutable_notice()->ParseFromString(
      ToString(thread::MakeClosingNotice(notice, nurse.device.signing.key).value())));
  return out;
}

v1::SubmitRequestRequest RelayRpcWorld::JoinRequest() {
  const SigningKey signing = SigningKey::Generate(world.random());
  const SigningKey tls = SigningKey::Generate(world.random());
  seal::JoinRequest join;
  join.ticket = TicketId::FromBytes(AsBytes(ticket)).value();
  join.region = world.region().id();
  join.institution = nurse.person->Ref().institution;
  join.person = PersonId::Generate(world.random());
  join.device = DeviceId::Generate(world.random());
  join.person_name = "架空 花子";
  join.profession = "nurse";
  join.signing_key = signing.public_key();
  join.tls_key = tls.public_key();
  join.device_key = test::NewX25519(world.random());
  join.person_archive_key = test::NewX25519(world.random());
  v1::SubmitRequestRequest out;
  out.set_ticket(ticket);
  out.set_signed_request(ToString(
      seal::MakeJoinRequest(join, {signing, tls}, SecretBytes(seal::kInvitationSecretBytes))));
  return out;
}

v1::GiveBackRequest RelayRpcWorld::GiveBackRequest() {
  v1::ReadRequest read;
  read.set_case_id(ToString(first.card.card.case_id.view()));
  read.set_after(2);
  read.set_limit(500);
  v1::GiveBackRequest out;
  out.set_case_id(read.case_id());
  server::ThreadsHandler(*usual_.relay)
      .Read(nurse.Caller(), read, [&](const Result<v1::ReadResponse>& response) {
        *out.mutable_entries() = response->entries().entries();
        *out.mutable_proof() = response->entries().head();
      });
  out.set_held_seq(Head().seq);
  out.set_held_hash(ToString(Head().hash));
  return out;
}

}  // namespace renkei::fuzz
