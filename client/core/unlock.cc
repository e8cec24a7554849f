#include "client/core/unlock.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "client/core/outbox_store.h"
#include "client/core/thread_sync.h"
#include "crypto/seal/envelope.h"
#include "crypto/seal/pack.h"
#include "crypto/thread/sealed_secrets.h"
#include "renkei/relay/v1/envelopes.pb.h"

namespace renkei::client {
namespace {

using EpochIds = std::map<thread::EpochRef, Hash32>;

Result<EpochIds> EpochIdsOf(Core& core, const CaseId& case_id) {
  RENKEI_ASSIGN(const auto cards, core.cases.Cards(case_id));
  EpochIds out;
  for (const StoredCardAt& card : cards) {
    out[card.card.card.at] = card.card.card.epoch_id;
  }
  return out;
}

Result<std::vector<thread::Envelope>> FetchEnvelopes(Relay& relay, const CaseId& case_id,
                                                     const Hash32& key_id,
                                                     std::optional<thread::EpochRef> after) {
  std::vector<thread::Envelope> out;
  for (bool complete = false; !complete;) {
    relay::v1::FetchEnvelopesRequest request;
    request.set_case_id(ToString(case_id.view()));
    request.set_key_id(ToString(key_id));
    request.set_from_start(!after.has_value());
    if (after.has_value()) {
      request.set_after_generation(after->generation);
      request.set_after_epoch(after->epoch);
    }
    RENKEI_ASSIGN(const auto response, relay.FetchEnvelopes(request));
    complete = response.complete() || response.envelopes().empty();
    for (const auto& each : response.envelopes()) {
      auto envelope = thread::ParseEnvelope(AsBytes(each.SerializeAsString()));
      if (!envelope.ok() || envelope->case_id != case_id ||
          (after.has_value() && envelope->at <= *after)) {
        return Error(Code::kMalformed, "envelopes: not what was asked for");
      }
      after = envelope->at;
      out.push_back(*envelope);
    }
  }
  return out;
}

// What one archive key of ours is offered.
struct Offered {
  const ArchiveKey* key = nullptr;
  Hash32 key_id{};
  std::vector<thread::Envelope> envelopes;
  std::vector<seal::PackSecret> from_packs;  // what they bring that nothing else brought
  bool has_wrong_pack = false;
};

// What does not help is let go at once: a member who means harm may have sent any number of packs,
// and the one that helps must be found behind them (G7) without holding them all.
void OpenPacks(const relay::v1::FetchPacksResponse& response, const EpochIds& epochs,
               std::set<thread::EpochRef>& held, Offered& out) {
  for (const std::string& pack : response.packs()) {
    auto secrets = seal::OpenPack(AsBytes(pack), out.key->private_key, epochs);
    out.has_wrong_pack = out.has_wrong_pack || !secrets.ok();
    if (!secrets.ok()) {
      continue;
    }
    for (seal::PackSecret& each : *secrets) {
      if (held.insert(each.at).second) {
        out.from_packs.push_back(std::move(each));
      }
    }
  }
}

// A relay that says "more" without getting on, or beyond the thread's last entry, is not believed.
Status FetchPacks(Relay& relay, const OpenCase& open, const EpochIds& epochs,
                  std::set<thread::EpochRef>& held, Offered& out) {
  relay::v1::FetchPacksRequest request;
  request.set_case_id(ToString(open.id().view()));
  request.set_key_id(ToString(out.key_id));
  request.set_max_bytes(kPageBytes);
  for (bool has_more = true; has_more;) {
    RENKEI_ASSIGN(const auto response, relay.FetchPacks(request));
    OpenPacks(response, epochs, held, out);
    has_more = response.has_more() && response.last() > request.after() &&
               response.last() < open.row.position.seq;
    request.set_after(response.last());
  }
  return Ok();
}

// Strictly before the first epoch whose secret is missing; none: from the start.
std::optional<thread::EpochRef> BeforeMissing(const EpochIds& epochs,
                                              const std::set<thread::EpochRef>& held) {
  std::optional<thread::EpochRef> before;
  for (const auto& [at, id] : epochs) {
    if (!held.contains(at)) {
      break;
    }
    before = at;
  }
  return before;
}

// The relay offers a secret of an epoch whose commit it has not delivered.
bool BeyondHead(const OpenCase& open, const std::vector<Offered>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Offered& offered) {
    return !offered.envelopes.empty() && offered.envelopes.back().at > open.row.at;
  });
}

Result<std::vector<Offered>> FetchOffered(Core& core, Relay& relay, const OpenCase& open,
                                          const std::optional<thread::EpochRef>& after) {
  std::vector<Offered> out;
  for (const ArchiveKey& key : core.identity.person_archive_keys) {
    Offered offered;
    offered.key = &key;
    offered.key_id = Sha256(key.certificate);
    if (open.row.fetch_envelopes) {
      RENKEI_ASSIGN(offered.envelopes, FetchEnvelopes(relay, open.id(), offered.key_id, after));
    }
    out.push_back(std::move(offered));
  }
  return out;
}

Status Warn(Core& core, const OpenCase& open, Warning warning, Changes& changes) {
  Notice(changes, WarningText(warning));
  return AddWarning(core.vault, open.id(), warning, open.row.position.seq, core.now());
}

// Opens what is offered; returns the epochs whose secret is new here.
class Opener {
 public:
  Opener(Core& core, OpenCase& open, const EpochIds& epochs, std::set<thread::EpochRef> held,
         Changes& changes)
      : core_(core), open_(open), epochs_(epochs), held_(std::move(held)), changes_(changes) {}

  Status Take(const Offered& offered) {
    for (const thread::Envelope& envelope : offered.envelopes) {
      RENKEI_TRY(TakeEnvelope(envelope, offered.key->private_key));
    }
    for (const seal::PackSecret& each : offered.from_packs) {
      if (!held_.contains(each.at)) {
        RENKEI_TRY(Keep(each.at, each.archive_secret));
      }
    }
    return offered.has_wrong_pack ? Warn(core_, open_, Warning::kEnvelopeWrong, changes_) : Ok();
  }

  const std::vector<thread::EpochRef>& opened() const { return opened_; }
  const std::set<thread::EpochRef>& held() const { return held_; }

 private:
  Status TakeEnvelope(const thread::Envelope& envelope, const SecretBytes& key) {
    const auto epoch = epochs_.find(envelope.at);
    if (epoch == epochs_.end()) {
      // Beyond the thread's head: the relay keeps a commit back.
      return envelope.at > open_.row.at ? Warn(core_, open_, Warning::kEntryMissing, changes_)
                                        : Ok();
    }
    if (held_.contains(envelope.at)) {
      return Ok();
    }
    const auto secret = seal::OpenEnvelope(envelope, key, epoch->second);
    if (!secret.ok()) {
      return Warn(core_, open_, Warning::kEnvelopeWrong, changes_);
    }
    return Keep(envelope.at, *secret);
  }

  Status Keep(const thread::EpochRef& at, const SecretBytes& secret) {
    RENKEI_TRY(core_.cases.SaveSecret(open_.id(), at, secret));
    held_.insert(at);
    opened_.push_back(at);
    if (at == open_.row.at) {
      open_.secret = secret.Clone();
    }
    return Ok();
  }

  Core& core_;
  OpenCase& open_;
  const EpochIds& epochs_;
  std::set<thread::EpochRef> held_;
  std::vector<thread::EpochRef> opened_;
  Changes& changes_;
};

Status TakeOffered(Core& core, OpenCase& open, const EpochIds& epochs,
                   std::set<thread::EpochRef> held, const std::vector<Offered>& all,
                   Changes& changes) {
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  Opener opener(core, open, epochs, std::move(held), changes);
  for (const Offered& offered : all) {
    RENKEI_TRY(opener.Take(offered));
  }
  std::vector<thread::EpochRef> opened = opener.opened();
  std::sort(opened.begin(), opened.end());
  RENKEI_TRY(OpenWaiting(core, open, opened, changes));
  if (std::all_of(epochs.begin(), epochs.end(),
                  [&](const auto& each) { return opener.held().contains(each.first); })) {
    RENKEI_TRY(ClearWarning(core.vault, open.id(), Warning::kEnvelopeWrong));
  }
  open.row.fetch_envelopes = false;
  open.row.fetch_packs = false;
  RENKEI_TRY(SaveCase(core, open));
  return transaction.Commit();
}

// Epochs for which our newest key's envelope is not what it must be.
Result<std::vector<thread::EpochRef>> WrongEnvelopes(Core& core, Relay& relay,
                                                     const OpenCase& open) {
  std::vector<thread::EpochRef> wrong;
  const thread::CardRecipient* own =
      thread::FindRecipient(open.card->card, core.self().institution, core.self().person);
  if (own == nullptr) {
    return wrong;
  }
  RENKEI_ASSIGN(const auto key, core.directory.ArchiveKeyByHash(own->key_id));
  std::optional<thread::EpochRef> after;
  if (open.row.checked) {
    after = open.row.checked_to;
  }
  RENKEI_ASSIGN(const auto fetched, FetchEnvelopes(relay, open.id(), own->key_id, after));
  std::map<thread::EpochRef, const thread::Envelope*> found;
  for (const thread::Envelope& envelope : fetched) {
    found[envelope.at] = &envelope;
  }
  RENKEI_ASSIGN(const auto cards, core.cases.Cards(open.id()));
  for (const StoredCardAt& each : cards) {
    const thread::Card& card = each.card.card;
    if ((after.has_value() && card.at <= *after) ||
        thread::FindRecipientKey(card, own->key_id) == nullptr) {
      continue;
    }
    RENKEI_ASSIGN(const auto secret, core.cases.FindSecret(open.id(), card.at));
    const auto envelope = found.find(card.at);
    if (secret.has_value() &&
        (envelope == found.end() || !seal::CheckEnvelope(*envelope->second, *secret, key).ok())) {
      wrong.push_back(card.at);
    }
  }
  return wrong;
}

}  // namespace

Status FetchSecrets(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  if ((!open.row.fetch_envelopes && !open.row.fetch_packs) || !open.row.has_card) {
    return Ok();
  }
  RENKEI_ASSIGN(EpochIds epochs, EpochIdsOf(core, open.id()));
  RENKEI_ASSIGN(const auto with_secret, core.cases.EpochsWithSecret(open.id()));
  std::set<thread::EpochRef> held(with_secret.begin(), with_secret.end());
  RENKEI_ASSIGN(auto all, FetchOffered(core, relay, open, BeforeMissing(epochs, held)));
  if (BeyondHead(open, all)) {  // somebody may have committed just now; else it is kept back
    RENKEI_TRY(SyncThread(core, relay, open, changes));
    RENKEI_ASSIGN(epochs, EpochIdsOf(core, open.id()));
  }
  std::set<thread::EpochRef> offered_packs = held;
  for (std::size_t i = 0; open.row.fetch_packs && i < all.size(); ++i) {
    RENKEI_TRY(FetchPacks(relay, open, epochs, offered_packs, all[i]));
  }
  const CaseId case_id = open.id();
  Changes before = changes;
  const Status taken = TakeOffered(core, open, epochs, std::move(held), all, changes);
  if (!taken.ok()) {
    changes = std::move(before);
    RENKEI_ASSIGN(open, LoadCase(core, case_id));
  }
  return taken;
}

Status CheckOwnEnvelopes(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  if (!CanSend(core, open) || (open.row.checked && open.row.checked_to >= open.row.at)) {
    return Ok();
  }
  RENKEI_ASSIGN(const auto wrong, WrongEnvelopes(core, relay, open));
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  if (!wrong.empty()) {
    RENKEI_TRY(Warn(core, open, Warning::kEnvelopeWrong, changes));
    const thread::CardRecipient* own =
        thread::FindRecipient(open.card->card, core.self().institution, core.self().person);
    OutboxStore outbox(core.vault);
    RENKEI_TRY(outbox.AddPack(open.id(), own->key_id, core.now()));
  }
  open.row.checked = true;
  open.row.checked_to = open.row.at;
  RENKEI_TRY(SaveCase(core, open));
  return transaction.Commit();
}

}  // namespace renkei::client
