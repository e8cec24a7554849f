#include "client/core/commit.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "client/core/card_check.h"
#include "client/core/credential.h"
#include "client/core/make_card.h"
#include "client/core/thread_sync.h"
#include "crypto/mls/message.h"
#include "renkei/relay/v1/directory.pb.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::client {
namespace {

constexpr int kMaxAttempts = 8;
constexpr Millis kLeafMaxAge = Days(90);
constexpr Millis kMaxLeafLifetime = Days(100);
constexpr std::size_t kGroupIdBytes = 32;

bool Empty(const Change& change) {
  return change.add.empty() && change.remove.empty() && change.remove_devices.empty();
}

bool IsRevoked(const Directory& directory, const KnownCertificate& known, Millis at) {
  const auto since = directory.RevokedAt(known);
  return since.has_value() && *since <= at;
}

Result<std::vector<DeviceId>> RevokedMembers(Core& core, const thread::Card& card) {
  std::vector<DeviceId> out;
  if (!core.directory.AnyRevoked()) {
    return out;
  }
  for (const thread::CardMember& member : card.members) {
    RENKEI_ASSIGN(const auto known, core.directory.Find(member.signing_certificate_hash));
    if (known.has_value() && member.device != core.identity.device &&
        IsRevoked(core.directory, *known, core.now())) {
      out.push_back(member.device);
    }
  }
  return out;
}

bool AnyKeySuperseded(Core& core, const thread::Card& card) {
  return std::any_of(
      card.recipients.begin(), card.recipients.end(), [&](const thread::CardRecipient& recipient) {
        const auto key =
            core.directory.ArchiveKeyOf(recipient.institution, recipient.person, core.now());
        return key.ok() && key->version > recipient.key_version;
      });
}

// A claimed key package that is what it was claimed for.
struct Ready {
  Bytes key_package;
  DeviceId device;
};

Result<std::optional<Ready>> CheckClaimed(Core& core, const thread::Card& card,
                                          const thread::PersonRef& person, ByteView bytes) {
  const std::optional<Ready> no;
  const auto message = mls::ParseMessage(bytes);
  const auto* key_package = message.ok() ? std::get_if<mls::KeyPackage>(&message->value) : nullptr;
  if (key_package == nullptr) {
    return no;
  }
  const auto* x509 = std::get_if<mls::X509Credential>(&key_package->leaf_node.credential.value);
  if (x509 == nullptr) {
    return no;
  }
  const auto identity = core.certificates().VerifyPresented(x509->certificates, core.now(),
                                                            pki::CertRole::kDeviceSigning, false);
  if (!identity.ok() || ToSigner(*identity).person != person ||
      thread::FindMember(card, identity->device) != nullptr) {
    return no;
  }
  RENKEI_ASSIGN(const auto known, core.directory.Find(identity->fingerprint));
  if (known.has_value() && IsRevoked(core.directory, *known, core.now())) {
    return no;
  }
  return std::optional<Ready>(Ready{.key_package = ToBytes(bytes), .device = identity->device});
}

// One key package for each device of each person that has any.
Result<std::vector<Ready>> Claim(Core& core, Relay& relay, const thread::Card& card,
                                 const std::vector<thread::PersonRef>& persons) {
  std::vector<Ready> out;
  if (persons.empty()) {
    return out;
  }
  relay::v1::ClaimKeyPackagesRequest request;
  for (const thread::PersonRef& person : persons) {
    auto* wanted = request.add_persons();
    wanted->set_institution(ToString(person.institution.view()));
    wanted->set_person(ToString(person.person.view()));
  }
  RENKEI_ASSIGN(const auto response, relay.ClaimKeyPackages(request));
  std::set<DeviceId> devices;
  for (const thread::PersonRef& person : persons) {
    bool any = false;
    for (const auto& claimed : response.claimed()) {
      RENKEI_ASSIGN(auto ready, CheckClaimed(core, card, person, AsBytes(claimed.key_package())));
      if (ready.has_value() && devices.insert(ready->device).second) {
        out.push_back(std::move(*ready));
        any = true;
      }
    }
    if (!any) {
      return Error(
          Code::kNotFound,
          "case: that person has no device yet that could be added; ask them to sync once");
    }
  }
  return out;
}

std::vector<mls::LeafIndex> LeavesOf(const thread::Card& card, const Change& change) {
  std::vector<mls::LeafIndex> out;
  for (const thread::CardMember& member : card.members) {
    const bool person =
        std::find(change.remove.begin(), change.remove.end(), member.person) != change.remove.end();
    const bool device = std::find(change.remove_devices.begin(), change.remove_devices.end(),
                                  member.device) != change.remove_devices.end();
    if (person || device) {
      out.push_back({member.leaf_index});
    }
  }
  return out;
}

Result<thread::CardEvidence> EvidenceFor(Core& core, const thread::Card& card,
                                         const Change& change) {
  thread::CardEvidence evidence;
  std::set<Bytes> lists;
  for (const DeviceId& device : change.remove_devices) {
    const thread::CardMember* member = thread::FindMember(card, device);
    if (member == nullptr) {
      continue;
    }
    RENKEI_ASSIGN(const auto known, core.directory.Find(member->signing_certificate_hash));
    if (known.has_value()) {
      const auto against = core.directory.ListsAgainst(*known);
      lists.insert(against.begin(), against.end());
    }
  }
  evidence.revocation_lists.assign(lists.begin(), lists.end());
  return evidence;
}

// Builds, judges and saves the commit for `change` on top of `open`.
Status SaveChange(Core& core, Relay& relay, OpenCase& open, const Change& change) {
  const thread::Card& card = open.card->card;
  RENKEI_ASSIGN(const auto ready, Claim(core, relay, card, change.add));
  mls::CommitOptions options;
  std::vector<DeviceId> added;
  for (const Ready& each : ready) {
    options.add.push_back(each.key_package);
    added.push_back(each.device);
  }
  options.remove = LeavesOf(card, change);
  const CertificatePolicy policy(core.certificates());
  const mls::Environment environment{
      .credentials = policy, .now = core.now(), .max_lifetime = kMaxLeafLifetime};
  RENKEI_ASSIGN(auto pending, open.group->Commit(options, environment, core.random));
  RENKEI_ASSIGN(auto evidence, EvidenceFor(core, card, change));
  const NewEpoch epoch{.group = pending.next,
                       .commit = pending.commit,
                       .group_info = *pending.group_info,
                       .welcome = pending.welcome,
                       .welcome_for = added,
                       .policy = card.policy,
                       .evidence = std::move(evidence)};
  RENKEI_ASSIGN(auto made, MakeRequest(core, open, epoch));
  RENKEI_TRY(JudgeOwn(core, open, made, pending.next));
  made.sent.add = change.add;
  made.sent.remove = change.remove;
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  RENKEI_TRY(SaveSent(core, open, made.sent, pending.next));
  RENKEI_TRY(transaction.Commit());
  open.sent = std::move(made.sent);
  open.next = std::move(pending.next);
  return Ok();
}

// What of the wish is still to be done on this card.
Change Remaining(const thread::Card& card, const Change& wish) {
  Change out;
  for (const thread::PersonRef& person : wish.add) {
    if (!thread::HasPerson(card, person)) {
      out.add.push_back(person);
    }
  }
  for (const thread::PersonRef& person : wish.remove) {
    if (thread::HasPerson(card, person)) {
      out.remove.push_back(person);
    }
  }
  for (const DeviceId& device : wish.remove_devices) {
    if (thread::FindMember(card, device) != nullptr) {
      out.remove_devices.push_back(device);
    }
  }
  return out;
}

Status DropSentNow(Core& core, OpenCase& open) {
  if (!open.sent.has_value()) {
    return Ok();
  }
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  RENKEI_TRY(DropSent(core, open));
  return transaction.Commit();
}

Error RefusalError(relay::v1::CommitResponse::Refusal refusal) {
  switch (refusal) {
    case relay::v1::CommitResponse::REFUSAL_POLICY:
      return Error(Code::kDenied, "case: its rules do not let you do this");
    case relay::v1::CommitResponse::REFUSAL_LINK_MISSING:
      return Error(Code::kDenied, "case: this device was not linked by another one of yours");
    case relay::v1::CommitResponse::REFUSAL_UNKNOWN_CERTIFICATE:
      return Error(Code::kNotFound, "case: the relay does not know a certificate of it yet");
    case relay::v1::CommitResponse::REFUSAL_THREAD_EXISTS:
      return Error(Code::kConflict, "case: its number is taken");
    default:
      return Error(Code::kInternal, "case: the relay refused a change of keys");
  }
}

bool MayRetryLater(Code code) {
  return code == Code::kUnavailable || code == Code::kThrottled || code == Code::kAuthFailed;
}

}  // namespace

Result<std::optional<Change>> GuardChange(Core& core, const OpenCase& open) {
  Change change;
  RENKEI_ASSIGN(change.remove_devices, RevokedMembers(core, open.card->card));
  const bool old_leaf = open.row.leaf_at + kLeafMaxAge < core.now();
  if (Empty(change) && !old_leaf && !AnyKeySuperseded(core, open.card->card)) {
    return std::optional<Change>();
  }
  return std::optional<Change>(std::move(change));
}

Status SaveCreate(Core& core, OpenCase& open, const thread::CasePolicy& policy) {
  mls::GroupOptions options;
  options.group_id = core.random.NextBytes(kGroupIdBytes);
  mls::RequiredCapabilities required;
  required.extension_types = {kPolicyExtension};
  options.extensions = {{kPolicyExtension, thread::SerializePolicy(policy)},
                        mls::MakeExtension(required)};
  options.lifetime = mls::LifetimeFrom(core.now(), kLeafMaxAge);
  RENKEI_ASSIGN(auto group, mls::Group::Create(MakeOwnLeaf(core.identity), options, core.random));
  const Bytes group_info = group.MakeGroupInfo(true, {});
  const NewEpoch epoch{.group = group,
                       .commit = {},
                       .group_info = group_info,
                       .welcome = std::nullopt,
                       .welcome_for = {},
                       .policy = policy,
                       .evidence = {}};
  RENKEI_ASSIGN(auto made, MakeRequest(core, open, epoch));
  RENKEI_TRY(JudgeOwn(core, open, made, group));
  RENKEI_TRY(SaveSent(core, open, made.sent, group));
  RENKEI_TRY(SaveCase(core, open));
  open.sent = std::move(made.sent);
  open.next = std::move(group);
  return Ok();
}

Status SaveExternalJoin(Core& core, OpenCase& open, ByteView group_info, ByteView link) {
  const thread::Card& card = open.card->card;
  if (Sha256(group_info) != card.group_info_hash) {
    return Error(Code::kStaleEpoch, "case: the relay offers another state than the one in force");
  }
  mls::ExternalJoinOptions options;
  const thread::CardMember* own = thread::FindMember(card, core.identity.device);
  if (own != nullptr) {
    options.resync = mls::LeafIndex{own->leaf_index};
  }
  const CertificatePolicy policy(core.certificates());
  const mls::Environment environment{
      .credentials = policy, .now = core.now(), .check_lifetime = false};
  RENKEI_ASSIGN(auto pending, mls::Group::ExternalJoin(group_info, MakeOwnLeaf(core.identity),
                                                       options, environment, core.random));
  thread::CardEvidence evidence;
  evidence.link = own == nullptr ? ToBytes(link) : Bytes();
  const NewEpoch epoch{.group = pending.next,
                       .commit = pending.commit,
                       .group_info = *pending.group_info,
                       .welcome = std::nullopt,
                       .welcome_for = {},
                       .policy = card.policy,
                       .evidence = std::move(evidence)};
  RENKEI_ASSIGN(auto made, MakeRequest(core, open, epoch));
  RENKEI_TRY(JudgeOwn(core, open, made, pending.next));
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  RENKEI_TRY(SaveSent(core, open, made.sent, pending.next));
  RENKEI_TRY(transaction.Commit());
  open.sent = std::move(made.sent);
  open.next = std::move(pending.next);
  return Ok();
}

Result<bool> FinishSent(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  if (!open.sent.has_value()) {
    return false;
  }
  const Hash32 wanted = open.sent->card_hash;
  const thread::EpochRef at = open.sent->at;
  relay::v1::CommitRequest request;
  const Bytes& bytes = open.sent->request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    RENKEI_TRY(DropSentNow(core, open));
    return Error(Code::kCorrupt, "case: a saved change of keys is damaged");
  }
  const auto response = open.sent->create ? relay.CreateThread(request) : relay.Commit(request);
  if (!response.ok()) {
    if (!MayRetryLater(response.error().code())) {
      RENKEI_TRY(DropSentNow(core, open));
    }
    return response.error();
  }
  if (response->refused() == relay::v1::CommitResponse::REFUSAL_RETURNING) {
    // Kept: it may have been taken before the relay was restored.
    return Error(Code::kConflict, "case: the restored relay waits for what members hold");
  }
  if (response->has_refused()) {
    RENKEI_TRY(DropSentNow(core, open));
    return RefusalError(response->refused());
  }
  RENKEI_TRY(SyncThread(core, relay, open, changes));
  RENKEI_ASSIGN(const auto card, core.cases.FindCard(open.id(), at));
  if (card.has_value() && card->card.hash == wanted) {
    return true;
  }
  const bool taken = response->has_accepted() || response->has_duplicate();
  if (!taken) {
    RENKEI_TRY(DropSentNow(core, open));
  }
  if (response->has_not_a_member()) {
    return Error(Code::kDenied, "case: you are not a member of it");
  }
  return taken ? Result<bool>(Error(Code::kConflict,
                                    "case: the relay took the change but does not deliver it"))
               : Result<bool>(false);
}

Status ChangeCase(Core& core, Relay& relay, OpenCase& open, const Change& change,
                  Changes& changes) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    RENKEI_TRY(SyncThread(core, relay, open, changes));
    if (open.relay_returning) {
      return Error(Code::kConflict, "case: the restored relay waits for what members hold");
    }
    RENKEI_TRY(FinishSent(core, relay, open, changes));
    if (!CanSend(core, open)) {
      return Error(Code::kNotFound, "case: this device has not joined it yet; sync first");
    }
    RENKEI_ASSIGN(const auto guard, GuardChange(core, open));
    Change wanted = Remaining(open.card->card, change);
    const bool renew = change.renew && open.relay_wants_commit;
    if (Empty(wanted) && !guard.has_value() && !renew) {
      return Ok();
    }
    if (guard.has_value()) {
      wanted.remove_devices = guard->remove_devices;
    }
    RENKEI_TRY(SaveChange(core, relay, open, wanted));
    RENKEI_TRY(FinishSent(core, relay, open, changes));
  }
  return Error(Code::kConflict, "case: others keep changing it; sync and try again");
}

}  // namespace renkei::client
