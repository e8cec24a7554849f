#include "tests/server/rpc/hostile_world.h"

#include <sqlite3.h>

#include <future>
#include <thread>

#include "crypto/seal/join_request.h"
#include "crypto/thread/head.h"
#include "crypto/thread/notice.h"
#include "crypto/thread/sealed_secrets.h"

namespace renkei::test {
namespace {

struct Table {
  const char* name;
  const char* sql;  // ?1, ?2: the honest institutions; ?3, ?4: their devices
};
constexpr Table kTables[] = {
    {"threads", "SELECT * FROM threads"},
    {"entries", "SELECT * FROM entries ORDER BY id"},
    {"group_infos", "SELECT * FROM group_infos ORDER BY thread"},
    {"spans", "SELECT * FROM spans ORDER BY id"},
    {"envelopes", "SELECT * FROM envelopes ORDER BY id"},
    {"packs", "SELECT * FROM packs ORDER BY id"},
    {"welcomes", "SELECT * FROM welcomes ORDER BY id"},
    {"mail", "SELECT * FROM mail ORDER BY id"},
    {"directory", "SELECT * FROM directory WHERE institution IN (?1, ?2) ORDER BY position"},
    {"tickets", "SELECT * FROM tickets WHERE institution IN (?1, ?2) ORDER BY id"},
    {"key_packages", "SELECT * FROM key_packages WHERE device IN (?3, ?4) ORDER BY id"},
};

void BindId(sqlite3_stmt* statement, int index, ByteView id) {
  if (index <= sqlite3_bind_parameter_count(statement)) {
    sqlite3_bind_blob(statement, index, id.data(), static_cast<int>(id.size()), SQLITE_TRANSIENT);
  }
}

std::string RowsOf(sqlite3* database, const char* sql, const Handset& a, const Handset& b) {
  sqlite3_stmt* statement = nullptr;
  RENKEI_CHECK(sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) == SQLITE_OK);
  BindId(statement, 1, a.person->Ref().institution.view());
  BindId(statement, 2, b.person->Ref().institution.view());
  BindId(statement, 3, a.device.id.view());
  BindId(statement, 4, b.device.id.view());
  std::string out;
  int step = sqlite3_step(statement);
  for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, i));
      const int size = sqlite3_column_bytes(statement, i);
      out += std::to_string(size) + ":";
      out.append(bytes == nullptr ? "" : bytes, static_cast<std::size_t>(size));
    }
    out += '\n';
  }
  RENKEI_CHECK(step == SQLITE_DONE);
  sqlite3_finalize(statement);
  return out;
}

}  // namespace

std::map<std::string, std::string> HostileWorld::HonestRows() {
  sqlite3* database = nullptr;
  const std::string path = folder.path() / "store" / "relay.db";
  RENKEI_CHECK(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) ==
               SQLITE_OK);
  std::map<std::string, std::string> out;
  for (const Table& table : kTables) {
    out[table.name] = RowsOf(database, table.sql, nurse, doctor);
  }
  sqlite3_close(database);
  return out;
}

void HostileWorld::FlushAudit() {
  do {
    std::promise<void> reached;
    store->Write([](server::WriteTransaction&) { return Ok(); },
                 [&reached](const Status&) { reached.set_value(); });
    reached.get_future().wait();
  } while (!relay->audit().idle());
}

std::size_t HostileWorld::RefusalsOf(const Handset& handset) {
  FlushAudit();
  static const std::set<std::string> kSuccess = {"done", "accepted", "opened"};
  std::size_t count = 0;
  EXPECT_TRUE(store
                  ->Read([&](server::ReadTransaction& transaction) -> Status {
                    RENKEI_ASSIGN(const auto rows, transaction.ReadAudit(0, 1'000'000));
                    for (const server::AuditRow& row : rows) {
                      count += row.device == handset.device.id && !kSuccess.contains(row.outcome);
                    }
                    return Ok();
                  })
                  .ok());
  return count;
}

thread::Position HostileWorld::Head() {
  thread::Position head;
  EXPECT_TRUE(store
                  ->Read([&](server::ReadTransaction& transaction) -> Status {
                    RENKEI_ASSIGN(const auto row, transaction.FindThread(first.card.card.case_id));
                    head = row->head;
                    return Ok();
                  })
                  .ok());
  return head;
}

void HostileWorld::Honest(const Handset& by, const std::string& method,
                          const google::protobuf::Message& request, const std::string& outcome) {
  const std::string bytes = request.SerializeAsString();
  const Said said = Call(channels.at(&by), MethodOf(method), bytes);
  EXPECT_EQ(said.outcome, outcome) << method << " " << said.message;
  sent.push_back({&by == &nurse ? "nurse" : "doctor", method, bytes});
}

v1::AppendRequest HostileWorld::RecordBy(const Handset& sender, const thread::SignedCard& card) {
  v1::AppendRequest out;
  out.set_record(ToString(world.Record(card, sender, Head())));
  return out;
}

v1::AppendPackRequest HostileWorld::PackBy(const Handset& sender, const Person& reader) {
  thread::Pack pack;
  pack.case_id = first.card.card.case_id;
  pack.key_id = reader.archive.fingerprint();
  pack.sender_device = sender.device.id;
  pack.ciphertext = world.random().NextBytes(200);
  thread::PackNotice notice;
  notice.case_id = pack.case_id;
  notice.key_id = pack.key_id;
  notice.sender_device = pack.sender_device;
  notice.pack_hash = Sha256(thread::SerializePack(pack));
  notice.first = {0, 0};
  notice.last = {0, 1};
  notice.created_at = clock.Now();
  v1::AppendPackRequest out;
  out.set_pack(ToString(thread::SerializePack(pack)));
  RENKEI_CHECK(out.mutable_notice()->ParseFromString(
      ToString(thread::MakePackNotice(notice, sender.device.signing.key).value())));
  return out;
}

v1::AppendClosingRequest HostileWorld::ClosingBy(const Handset& sender, const Handset& signer,
                                                 thread::ClosingAction action) {
  const thread::Position head = Head();
  const thread::ClosingNotice notice{first.card.card.case_id,
                                     second.card.card.at,
                                     action,
                                     sender.device.id,
                                     head.seq,
                                     head.hash,
                                     0,
                                     clock.Now()};
  v1::AppendClosingRequest out;
  RENKEI_CHECK(out.mutable_notice()->ParseFromString(
      ToString(thread::MakeClosingNotice(notice, signer.device.signing.key).value())));
  return out;
}

v1::SubmitRequestRequest HostileWorld::JoinFor(const std::string& of, const Handset& inviter) {
  const SigningKey signing = SigningKey::Generate(world.random());
  const SigningKey tls = SigningKey::Generate(world.random());
  seal::JoinRequest join;
  join.ticket = TicketId::FromBytes(AsBytes(of)).value();
  join.region = world.region().id();
  join.institution = inviter.person->Ref().institution;
  join.person = PersonId::Generate(world.random());
  join.device = DeviceId::Generate(world.random());
  join.person_name = "架空 花子";
  join.profession = "nurse";
  join.signing_key = signing.public_key();
  join.tls_key = tls.public_key();
  join.device_key = NewX25519(world.random());
  join.person_archive_key = NewX25519(world.random());
  v1::SubmitRequestRequest out;
  out.set_ticket(of);
  out.set_signed_request(ToString(
      seal::MakeJoinRequest(join, {signing, tls}, SecretBytes(seal::kInvitationSecretBytes))));
  return out;
}

v1::GiveBackRequest HostileWorld::GiveBackFor(const CaseId& case_id) {
  v1::GiveBackRequest out;
  out.set_case_id(ToString(case_id.view()));
  out.set_held_seq(1);
  out.set_held_hash(std::string(32, 'h'));
  return out;
}

void HostileWorld::SetUp() {
  Start(server::NoLimits());
  PublishAll();
  for (const Handset* handset : {&nurse, &doctor, &insider, &mallory}) {
    channels[handset] = ChannelOf(*handset);
  }
  first = world.NewCase(nurse);
  second = world.NextCommit(first.card, nurse, {&nurse, &doctor, &insider});
  Honest(nurse, "Threads.Create", RequestOf(first));
  Honest(nurse, "Threads.Commit", RequestOf(second));
  Honest(nurse, "Threads.Append", RecordBy(nurse, second.card));
  Honest(doctor, "Threads.AppendStream", RecordBy(doctor, second.card));
  Honest(nurse, "Threads.AppendPack", PackBy(nurse, *doctor.person));
  Honest(nurse, "Threads.AppendClosing", ClosingBy(nurse, nurse));
  Honest(nurse, "Threads.AppendClosing", ClosingBy(nurse, nurse, thread::ClosingAction::kReopen));
  for (const Handset* handset : {&nurse, &doctor}) {
    v1::UploadKeyPackagesRequest upload;
    upload.add_key_packages("one");
    upload.add_key_packages("two");
    Honest(*handset, "Directory.UploadKeyPackages", upload, "answered");
  }
  v1::CreateTicketRequest create;
  create.set_ticket(ticket);
  create.set_purpose(seal::v1::TICKET_PURPOSE_STAFF);
  create.set_expires_at((clock.Now() + Days(1)).value);
  Honest(nurse, "Enrolment.CreateTicket", create);
  Honest(nurse, "Enrolment.SubmitRequest", JoinFor(ticket, nurse));
  for (const auto& [table, rows] : HonestRows()) {
    EXPECT_FALSE(rows.empty()) << table << ": nothing there that could be changed";
  }
}

void HostileWorld::ExpectHonestPeopleGoOn() {
  const Said appended = Call(channels[&nurse], MethodOf("Threads.Append"),
                             RecordBy(nurse, second.card).SerializeAsString());
  ASSERT_EQ(appended.outcome, "accepted") << appended.message;
  v1::ReadRequest read;
  read.set_case_id(ToString(first.card.card.case_id.view()));
  read.set_limit(500);
  const Said said = Call(channels[&doctor], MethodOf("Threads.Read"), read.SerializeAsString());
  ASSERT_EQ(said.outcome, "entries") << said.message;
  const auto& entries = static_cast<const v1::ReadResponse&>(*said.response).entries();
  ASSERT_EQ(static_cast<std::uint64_t>(entries.entries_size()), Head().seq);
  EXPECT_TRUE(entries.complete());
}

}  // namespace renkei::test
