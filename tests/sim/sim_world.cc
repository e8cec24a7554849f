#include "tests/sim/sim_world.h"

#include <utility>

#include "client/documents/form.h"
#include "renkei/care/v1/content.pb.h"

namespace renkei::sim {
namespace {

constexpr Millis kStart{1773451800000};  // 2026-03-14

}  // namespace

Actor::Actor(SimWorld& world, std::string name) : world_(world), name_(std::move(name)) {}

client::Environment Actor::Env() {
  return {vault_, world_.connector, world_.clock, world_.random,
          [](ByteView content) { return documents::SearchText(content); }};
}

client::Session& Actor::Open() {
  while (session_ == nullptr) {
    auto opened = client::Session::Open(Env());
    if (opened.ok()) {
      session_ = std::move(opened).value();
      break;
    }
    RENKEI_CHECK(vault_.crashed());
    Crash();
  }
  return *session_;
}

void Actor::Restore(const client::MemoryVault::Snapshot& snapshot) {
  session_.reset();
  vault_.Restore(snapshot);
}

void Actor::Crash() {
  session_.reset();
  vault_.Crash();
  vault_.Reopen();
}

SimWorld::SimWorld(std::uint64_t seed)
    : random(seed), dice(seed + 1), clock(kStart), connector(host, dice) {
  InitCrypto();
  Actor& founder = New("operator");
  const auto region = founder.Enrol().InitRegion("relay.example:443", "架空地域");
  RENKEI_CHECK(region.ok());
  host = std::make_unique<RelayHost>(*region, clock, random);
}

Actor& SimWorld::AddInstitution(const std::string& institution, const std::string& kind,
                                const std::string& person, const std::string& profession) {
  const auto code = Operator().Enrol().InviteInstitution(institution, kind);
  RENKEI_CHECK(code.ok());
  Actor& actor = New(person);
  RENKEI_CHECK(actor.Enrol().Join(*code, person, profession).ok());
  RENKEI_CHECK(Operator().Enrol().ApproveWaiting({}).ok());
  RENKEI_CHECK(actor.Enrol().FinishJoin().value() == client::JoinState::kJoined);
  RENKEI_CHECK(actor.Open().Sync().ok());
  return actor;
}

Actor& SimWorld::AddStaff(Actor& administrator, const std::string& person,
                          const std::string& profession) {
  const auto code = administrator.Enrol().InviteStaff(person, profession);
  RENKEI_CHECK(code.ok());
  Actor& actor = New(person);
  RENKEI_CHECK(actor.Enrol().Join(*code, person, profession).ok());
  RENKEI_CHECK(administrator.Enrol().ApproveWaiting({}).ok());
  RENKEI_CHECK(actor.Enrol().FinishJoin().value() == client::JoinState::kJoined);
  RENKEI_CHECK(actor.Open().Sync().ok());
  return actor;
}

Actor& SimWorld::AddDevice(Actor& first, Actor& administrator) {
  const auto code = first.Enrol().InviteDevice();
  RENKEI_CHECK(code.ok());
  Actor& actor = New(first.name());
  RENKEI_CHECK(actor.Enrol().Join(*code, "", "").ok());
  RENKEI_CHECK(first.Open().Sync().ok());
  RENKEI_CHECK(administrator.Open().Sync().ok());
  RENKEI_CHECK(actor.Enrol().FinishJoin().value() == client::JoinState::kJoined);
  return actor;
}

Bytes PatientContent() {
  care::v1::Content content;
  content.mutable_patient()->set_name("架空 ふみ子");
  content.mutable_patient()->set_kana("カクウ フミコ");
  content.mutable_patient()->set_birth_date("1943-06-12");
  return ToBytes(content.SerializeAsString());
}

Bytes NoteContent(const std::string& text) {
  care::v1::Content content;
  content.mutable_note()->set_text(text);
  return ToBytes(content.SerializeAsString());
}

std::string NoteText(const client::RecordView& record) {
  care::v1::Content content;
  return content.ParseFromArray(record.content.data(), static_cast<int>(record.content.size()))
             ? content.note().text()
             : std::string();
}

}  // namespace renkei::sim
