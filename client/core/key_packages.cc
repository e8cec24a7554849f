#include "client/core/key_packages.h"

#include <utility>

#include "client/core/credential.h"
#include "client/core/keys.h"
#include "renkei/relay/v1/directory.pb.h"
#include "renkei/relay/v1/mailbox.pb.h"

namespace renkei::client {
namespace {

constexpr std::string_view kPrefix = "kp/";
constexpr std::string_view kUploaded = "key-packages-uploaded";
constexpr std::string_view kNewest = "key-packages-newest";
constexpr std::string_view kMadeAt = "key-packages-made-at";
constexpr std::size_t kFewest = 5;
constexpr std::size_t kBatch = 10;
// Of the mailbox, at once: the rest comes with the next sync.
constexpr int kMostPages = 100;
constexpr Millis kLifetime = Days(90);
constexpr Millis kRenewAfter = Days(30);
constexpr std::size_t kMaxHeld = 60;

Result<std::vector<mls::OwnKeyPackage>> Held(Core& core) {
  RENKEI_ASSIGN(const auto names, core.vault.Scan(Table::kMeta, AsBytes(kPrefix), {}));
  std::vector<mls::OwnKeyPackage> out;
  for (const Row& name : names) {
    RENKEI_ASSIGN(const auto secret, core.vault.GetSecret(Table::kGroups, name.key));
    if (!secret.has_value()) {
      return Error(Code::kCorrupt, "key packages: a private half is missing");
    }
    auto held = mls::OwnKeyPackage::Deserialize(secret->Expose());
    if (!held.ok()) {
      return Error(Code::kCorrupt, "key packages: damaged");
    }
    out.push_back(std::move(*held));
  }
  return out;
}

Status Erase(Core& core, ByteView key) {
  RENKEI_TRY(core.vault.Erase(Table::kMeta, key));
  return core.vault.Erase(Table::kGroups, key);
}

// The names stand in kMeta, so that looking at them copies no secret.
Status Save(Core& core, const mls::OwnKeyPackage& made) {
  const Bytes key = RowKey(kPrefix).Add(made.ref.value).bytes();
  RENKEI_TRY(core.vault.Put(Table::kGroups, key, made.Serialize().Expose()));
  RENKEI_TRY(core.vault.Put(Table::kMeta, key, AsBytes("1")));
  return core.vault.Put(Table::kMeta, AsBytes(kNewest), made.ref.value);
}

Status MakeBatch(Core& core) {
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  for (std::size_t i = 0; i < kBatch; ++i) {
    RENKEI_ASSIGN(
        const auto made,
        mls::CreateKeyPackage(
            MakeOwnLeaf(core.identity),
            {.lifetime = mls::LifetimeFrom(core.now(), kLifetime), .extensions = {}}, core.random));
    RENKEI_TRY(Save(core, made));
  }
  const auto now = static_cast<std::uint64_t>(core.now().value);
  RENKEI_TRY(core.vault.Put(Table::kMeta, AsBytes(kMadeAt), RowKey().AddU64(now).bytes()));
  RENKEI_TRY(core.vault.Erase(Table::kMeta, AsBytes(kUploaded)));
  return transaction.Commit();
}

Result<bool> NeedsMore(Core& core, std::size_t held) {
  if (held < kFewest) {
    return true;
  }
  RENKEI_ASSIGN(const auto made_at, core.vault.Get(Table::kMeta, AsBytes(kMadeAt)));
  if (!made_at.has_value()) {
    return true;
  }
  RENKEI_ASSIGN(const std::uint64_t at, LastU64(*made_at));
  return Millis{static_cast<std::int64_t>(at)} + kRenewAfter < core.now() && held < kMaxHeld;
}

Status Upload(Core& core, Relay& relay) {
  RENKEI_ASSIGN(const auto held, Held(core));
  relay::v1::UploadKeyPackagesRequest request;
  const std::size_t first = held.size() > kBatch * 4 ? held.size() - kBatch * 4 : 0;
  for (std::size_t i = first; i < held.size(); ++i) {
    request.add_key_packages(ToString(held[i].message));
  }
  RENKEI_TRY(relay.UploadKeyPackages(request));
  return core.vault.Put(Table::kMeta, AsBytes(kUploaded), AsBytes("1"));
}

struct Joined {
  mls::Group group;
  Bytes ref;
};

Result<std::optional<Joined>> Join(Core& core, const std::vector<mls::OwnKeyPackage>& held,
                                   ByteView welcome) {
  const CertificatePolicy policy(core.certificates());
  // Lifetimes of members that were let in long ago are theirs to renew, not ours to refuse.
  const mls::Environment environment{
      .credentials = policy, .now = core.now(), .check_lifetime = false};
  for (const mls::OwnKeyPackage& key_package : held) {
    auto group = mls::Group::JoinWelcome(welcome, key_package, {}, environment);
    if (group.ok()) {
      return std::optional<Joined>(Joined{std::move(*group), key_package.ref.value});
    }
  }
  return std::optional<Joined>();
}

Status TakeWelcome(Core& core, const relay::v1::MailboxMessage& message,
                   const std::vector<mls::OwnKeyPackage>& held) {
  const auto case_id = CaseId::FromBytes(AsBytes(message.case_id()));
  if (!case_id.ok()) {
    return Ok();
  }
  RENKEI_ASSIGN(const auto joined, Join(core, held, AsBytes(message.welcome())));
  if (!joined.has_value()) {
    return Ok();
  }
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  RENKEI_TRY(core.groups.SaveJoined(*case_id, {0, joined->group.epoch().value}, joined->group));
  RENKEI_ASSIGN(const auto newest, core.vault.Get(Table::kMeta, AsBytes(kNewest)));
  // The relay hands the newest one out again when it is alone: it stays until there is a newer.
  if (!newest.has_value() || *newest != joined->ref) {
    RENKEI_TRY(Erase(core, RowKey(kPrefix).Add(joined->ref).bytes()));
  } else {
    RENKEI_TRY(core.vault.Erase(Table::kMeta, AsBytes(kMadeAt)));
  }
  return transaction.Commit();
}

}  // namespace

Status RefillKeyPackages(Core& core, Relay& relay) {
  RENKEI_ASSIGN(const auto names, core.vault.Scan(Table::kMeta, AsBytes(kPrefix), {}));
  RENKEI_ASSIGN(const bool more, NeedsMore(core, names.size()));
  if (more) {
    RENKEI_TRY(MakeBatch(core));
  }
  RENKEI_ASSIGN(const auto uploaded, core.vault.Get(Table::kMeta, AsBytes(kUploaded)));
  return uploaded.has_value() ? Ok() : Upload(core, relay);
}

Status ForgetKeyPackages(Core& core) {
  RENKEI_ASSIGN(const auto names, core.vault.Scan(Table::kMeta, AsBytes(kPrefix), {}));
  for (const Row& name : names) {
    RENKEI_TRY(Erase(core, name.key));
  }
  return core.vault.Erase(Table::kMeta, AsBytes(kUploaded));
}

Status TakeWelcomes(Core& core, Relay& relay) {
  relay::v1::MailboxFetchRequest request;
  request.set_max_bytes(kPageBytes);
  for (int page = 0; page < kMostPages; ++page) {
    RENKEI_ASSIGN(const auto response, relay.FetchMailbox(request));
    if (response.messages().empty()) {
      return Ok();
    }
    RENKEI_ASSIGN(const auto held, Held(core));
    relay::v1::MailboxAckRequest acknowledge;
    for (const auto& message : response.messages()) {
      if (message.id() <= request.after()) {
        return Error(Code::kMalformed, "mailbox: the relay repeats itself");
      }
      request.set_after(message.id());
      RENKEI_TRY(TakeWelcome(core, message, held));
      acknowledge.add_ids(message.id());
    }
    RENKEI_TRY(relay.AckMailbox(acknowledge));
  }
  return Ok();
}

}  // namespace renkei::client
