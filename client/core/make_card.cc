#include "client/core/make_card.h"

#include <algorithm>
#include <set>
#include <utility>

#include "client/core/accept.h"
#include "client/core/card_check.h"
#include "crypto/seal/archive.h"
#include "crypto/thread/entry.h"
#include "crypto/thread/sealed_secrets.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::client {
namespace {

// Everybody whom the members' roster makes a recipient, in the card's order.
std::vector<thread::CardRecipient> RosterOf(const std::vector<thread::CardMember>& members) {
  std::set<std::pair<InstitutionId, std::optional<PersonId>>> roster;
  for (const thread::CardMember& member : members) {
    roster.emplace(member.person.institution, std::nullopt);
    roster.emplace(member.person.institution, member.person.person);
  }
  std::vector<thread::CardRecipient> out;
  out.reserve(roster.size());
  for (const auto& [institution, person] : roster) {
    out.push_back({.institution = institution, .person = person});
  }
  return out;
}

// The newest key known; the one of the card in force if the directory has none that is newer.
Status FillKey(Core& core, const thread::Card* previous, thread::CardRecipient& recipient) {
  const thread::CardRecipient* before =
      previous == nullptr
          ? nullptr
          : thread::FindRecipient(*previous, recipient.institution, recipient.person);
  auto key = core.directory.ArchiveKeyOf(recipient.institution, recipient.person, core.now());
  if (key.ok() && (before == nullptr || key->version > before->key_version)) {
    recipient.key_id = key->key_id;
    recipient.key_version = key->version;
    return Ok();
  }
  if (before != nullptr) {
    recipient = *before;
    return Ok();
  }
  return key.error();
}

Result<std::vector<thread::CardInstitution>> InstitutionsOf(
    Core& core, const thread::Card* previous, const std::vector<thread::CardMember>& members) {
  std::map<InstitutionId, PublicKey> keys;
  if (previous != nullptr) {
    for (const thread::CardInstitution& each : previous->institutions) {
      keys[each.institution] = each.ca_key;
    }
  }
  std::map<InstitutionId, PublicKey> wanted;
  for (const thread::CardMember& member : members) {
    const InstitutionId& institution = member.person.institution;
    if (!keys.contains(institution)) {
      RENKEI_ASSIGN(const auto identity,
                    core.certificates().Verify(member.signing_certificate_hash, core.now(),
                                               pki::CertRole::kDeviceSigning));
      keys[institution] = identity.institution_key;
    }
    wanted[institution] = keys[institution];
  }
  std::vector<thread::CardInstitution> out;
  out.reserve(wanted.size());
  for (const auto& [institution, key] : wanted) {
    out.push_back({.institution = institution, .ca_key = key});
  }
  return out;
}

Result<thread::Card> MakeCard(Core& core, const OpenCase& open, const NewEpoch& epoch,
                              const SecretBytes& secret) {
  const thread::Card* previous = open.card_or_null();
  thread::Card card;
  card.case_id = open.id();
  card.at = {previous == nullptr ? 0 : previous->at.generation, epoch.group.epoch().value};
  card.epoch_id = seal::EpochId(secret);
  card.commit_hash = epoch.commit.empty() ? Hash32{} : Sha256(epoch.commit);
  card.previous_card_hash = previous == nullptr ? Hash32{} : open.card->hash;
  card.policy = epoch.policy;
  card.group_info_hash = Sha256(epoch.group_info);
  card.mls_group_id = ToBytes(epoch.group.group_id());
  card.committer_device = core.identity.device;
  RENKEI_ASSIGN(card.members, MembersOf(epoch.group, previous));
  RENKEI_ASSIGN(card.institutions, InstitutionsOf(core, previous, card.members));
  card.recipients = RosterOf(card.members);
  for (thread::CardRecipient& recipient : card.recipients) {
    RENKEI_TRY(FillKey(core, previous, recipient));
  }
  card.evidence = epoch.evidence;
  return card;
}

Status AddEnvelopes(Core& core, const thread::Card& card, const SecretBytes& secret,
                    relay::v1::CommitRequest& request) {
  for (const thread::CardRecipient& recipient : card.recipients) {
    RENKEI_ASSIGN(const auto key, core.directory.ArchiveKeyByHash(recipient.key_id));
    RENKEI_ASSIGN(const auto envelope, seal::SealEnvelope(secret, key, card.case_id, card.at));
    const Bytes bytes = thread::SerializeEnvelope(envelope);
    if (!request.add_envelopes()->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return Error(Code::kInternal, "commit: an envelope of ours does not parse");
    }
  }
  return Ok();
}

std::vector<Hash32> NewKeys(const thread::Card* previous, const thread::Card& card) {
  std::vector<Hash32> out;
  for (const thread::CardRecipient& recipient : card.recipients) {
    const bool stays =
        previous == nullptr ||
        thread::FindRecipient(*previous, recipient.institution, recipient.person) != nullptr;
    if (!stays) {
      out.push_back(recipient.key_id);
    }
  }
  return out;
}

}  // namespace

Result<MadeRequest> MakeRequest(Core& core, const OpenCase& open, const NewEpoch& epoch) {
  const SecretBytes secret = ArchiveSecretOf(epoch.group, open.id());
  RENKEI_ASSIGN(const auto card, MakeCard(core, open, epoch, secret));
  RENKEI_ASSIGN(auto signed_card, thread::SignCard(card, core.identity.signing_key));
  relay::v1::CommitRequest request;
  request.mutable_card()->set_card(ToString(signed_card.card_bytes));
  request.mutable_card()->set_signature(ToString(signed_card.signature));
  request.set_commit(ToString(epoch.commit));
  request.set_group_info(ToString(epoch.group_info));
  if (epoch.welcome.has_value() && !epoch.welcome_for.empty()) {
    auto* welcome = request.add_welcomes();
    welcome->set_welcome(ToString(*epoch.welcome));
    for (const DeviceId& device : epoch.welcome_for) {
      welcome->add_devices(ToString(device.view()));
    }
  }
  RENKEI_TRY(AddEnvelopes(core, card, secret, request));
  SentCommit sent;
  sent.request = ToBytes(request.SerializeAsString());
  sent.card_hash = signed_card.hash;
  sent.at = card.at;
  sent.create = !open.card.has_value();
  if (card.policy.newcomer_history == thread::History::kAll) {
    sent.new_keys = NewKeys(open.card_or_null(), card);
  }
  return MadeRequest{.sent = std::move(sent), .card = std::move(signed_card)};
}

Status JudgeOwn(Core& core, OpenCase& open, const MadeRequest& made, const mls::Group& next) {
  relay::v1::CommitRequest request;
  if (!request.ParseFromArray(made.sent.request.data(),
                              static_cast<int>(made.sent.request.size()))) {
    return Error(Code::kInternal, "commit: a request of ours does not parse");
  }
  RENKEI_ASSIGN(const Bytes payload,
                thread::SerializeCommitPayload(made.card, AsBytes(request.commit())));
  thread::EntryView entry{.case_id = open.id(),
                          .seq = open.row.position.seq + 1,
                          .kind = thread::EntryKind::kCommit,
                          .received_at = std::max(core.now(), open.row.position.received_at),
                          .payload = payload};
  entry.hash = thread::NextHash(open.row.position.hash, entry);
  ThreadView view;
  view.case_id = open.id();
  view.own_device = core.identity.device;
  view.position = open.row.position;
  view.card = open.card.has_value() ? &*open.card : nullptr;
  view.own_next = OwnNext{.card_hash = made.card.hash, .group = &next};
  view.hash_at = [](std::uint64_t) { return std::optional<Hash32>(); };
  RENKEI_ASSIGN(const auto judged, AcceptEntry(view, entry, core.certificates()));
  if (const auto* refused = std::get_if<Refused>(&judged)) {
    return refused->error;
  }
  return Ok();
}

}  // namespace renkei::client
