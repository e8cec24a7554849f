#include "tests/support/insider.h"

#include <utility>

#include "client/core/credential.h"
#include "crypto/base/labels.h"
#include "crypto/seal/record.h"

namespace renkei::test {
namespace {

constexpr std::uint32_t kNoteKind = 10;

}  // namespace

Insider::Insider(TestRegion& region, Actor& actor)
    : identity_(actor.Identity()),
      directory_(client::Directory::Open(actor.vault(), identity_.root_der).value()),
      core_(std::make_unique<client::Core>(
          client::Core{.vault = actor.vault(),
                       .clock = region.clock,
                       .random = actor.random(),
                       .identity = identity_,
                       .directory = *directory_,
                       .search_text = [](ByteView) { return std::string(); },
                       .cases = client::CaseStore(actor.vault()),
                       .groups = client::GroupStore(actor.vault()),
                       .records = client::RecordStore(actor.vault())})),
      relay_(region.relay.ConnectionFor(actor.device(), actor.person())) {}

client::OpenCase Insider::Open(const CaseId& case_id) {
  return client::LoadCase(*core_, case_id).value();
}

relay::v1::CommitRequest Insider::Finish(client::OpenCase& open, const client::NewEpoch& epoch,
                                         const std::function<void(seal::v1::EpochCard&)>& change) {
  const auto made = client::MakeRequest(*core_, open, epoch).value();
  relay::v1::CommitRequest request;
  RENKEI_CHECK(
      request.ParseFromArray(made.sent.request.data(), static_cast<int>(made.sent.request.size())));
  if (change) {
    seal::v1::EpochCard card;
    RENKEI_CHECK(card.ParseFromString(request.card().card()));
    change(card);
    request.mutable_card()->set_card(card.SerializeAsString());
    const Signature signature =
        identity_.signing_key.SignLabelled(labels::kEpochCard, AsBytes(request.card().card()));
    request.mutable_card()->set_signature(ToString(signature));
  }
  return request;
}

relay::v1::CommitRequest Insider::MakeCommit(
    const CaseId& case_id, const mls::CommitOptions& options,
    const std::function<void(seal::v1::EpochCard&)>& change, const thread::CardEvidence& evidence) {
  client::OpenCase open = Open(case_id);
  const client::CertificatePolicy policy(core_->certificates());
  const mls::Environment environment{.credentials = policy, .now = core_->now()};
  auto pending = open.group->Commit(options, environment, core_->random).value();
  const client::NewEpoch epoch{.group = pending.next,
                               .commit = pending.commit,
                               .group_info = *pending.group_info,
                               .welcome = pending.welcome,
                               .welcome_for = {},
                               .policy = open.card->card.policy,
                               .evidence = evidence};
  return Finish(open, epoch, change);
}

relay::v1::CommitRequest Insider::MakeExternalCommit(const CaseId& case_id, ByteView link) {
  client::OpenCase open = Open(case_id);
  relay::v1::GetGroupInfoRequest request;
  request.set_case_id(ToString(case_id.view()));
  const auto current = relay_->GetGroupInfo(request).value();
  const client::CertificatePolicy policy(core_->certificates());
  const mls::Environment environment{.credentials = policy, .now = core_->now()};
  auto pending =
      mls::Group::ExternalJoin(AsBytes(current.current().group_info()),
                               client::MakeOwnLeaf(identity_), {}, environment, core_->random)
          .value();
  thread::CardEvidence evidence;
  evidence.link = ToBytes(link);
  const client::NewEpoch epoch{.group = pending.next,
                               .commit = pending.commit,
                               .group_info = *pending.group_info,
                               .welcome = std::nullopt,
                               .welcome_for = {},
                               .policy = open.card->card.policy,
                               .evidence = evidence};
  return Finish(open, epoch, {});
}

Bytes Insider::SealNote(const CaseId& case_id, const std::string& text,
                        const std::function<void(thread::RecordHeader&)>& change) {
  const client::OpenCase open = Open(case_id);
  const Bytes content = NoteForm(text);
  seal::RecordDraft draft;
  draft.header.case_id = case_id;
  draft.header.at = open.row.at;
  draft.header.epoch_id = open.card->card.epoch_id;
  draft.header.record_id = RecordId::Generate(core_->random);
  draft.header.sender_device = identity_.device;
  draft.header.seen_seq = open.row.position.seq;
  draft.header.seen_hash = open.row.position.hash;
  draft.kind = kNoteKind;
  draft.created_at = core_->now();
  draft.certificate_hash = Sha256(identity_.signing_certificate);
  draft.content = content;
  if (change) {
    change(draft.header);
  }
  return seal::SealRecord(draft, *open.secret, identity_.signing_key, core_->random).value();
}

mls::LeafIndex LeafOf(const client::OpenCase& open, const thread::PersonRef& person) {
  for (const thread::CardMember& member : open.card->card.members) {
    if (member.person == person) {
      return {member.leaf_index};
    }
  }
  CheckFailed("the person is on the card", __FILE__, __LINE__);
}

}  // namespace renkei::test
