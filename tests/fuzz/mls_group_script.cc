// A short history of a live group in which everybody keeps to the library: who proposes, commits,
// joins, leaves, writes, in public or in private, is what the input says. Steps of three bytes:
//   what to do    who, and in which way    where a copy is damaged before the message goes out
// Whatever members make, all others accept; after every commit all agree; a damaged copy is refused
// and changes nothing; what there is can be stored at any time, whole and in pieces.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "crypto/mls/external_proposal.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mls_live_group.h"

namespace {

using renkei::AsBytes;
using renkei::Bytes;
using renkei::ByteView;
using renkei::Equal;
using renkei::SecretBytes;
using renkei::fuzz::LiveGroup;
namespace mls = renkei::mls;

constexpr std::size_t kMaxSteps = 12;
constexpr std::size_t kMaxMembers = 6;

struct Member {
  mls::Group group;
};

struct Step {
  std::uint8_t what = 0;
  std::uint8_t way = 0;
  std::uint8_t damage = 0;
};

class Script {
 public:
  explicit Script(const LiveGroup& live) : live_(live), random_(4) {
    for (mls::Group& group : live.FreshMembers()) {
      members_.push_back({std::move(group)});
    }
  }

  void Run(const Step& step) {
    damage_ = step.damage;
    way_ = step.way;
    const std::size_t who = way_ % members_.size();
    switch (step.what % 10) {
      case 0:
        return Propose(who);
      case 1:
        return Commit(who, way_ >> 3U);
      case 2:
        return Write(who);
      case 3:
        return JoinFromOutside(who);
      case 4:
        return ProposeFromOutside(who);
      case 5:
        return AskToBeAdded(who);
      case 6:
        return Store(who);
      case 7:
        return Branch(who);
      case 8:
        return Reinitialize(who);
      default:
        return Commit(who, static_cast<std::uint8_t>(damage_ ^ way_));
    }
  }

 private:
  mls::Handshake In(std::uint8_t bit) const {
    return (way_ & bit) != 0 ? mls::Handshake::kPrivate : mls::Handshake::kPublic;
  }
  mls::OwnKeyPackage NewKeyPackage(std::string_view name) {
    return mls::CreateKeyPackage(renkei::fuzz::MakeLeaf(name, random_),
                                 {renkei::fuzz::kLifetime, {}}, random_)
        .value();
  }
  std::string NewName() { return "new " + std::to_string(++named_); }
  mls::LeafIndex SomebodysLeaf(std::size_t number) const {
    return members_[number % members_.size()].group.own_leaf_index();
  }

  // A copy with one bit changed, and the original; whether it was taken.
  bool Deliver(Member& to, const Bytes& message, bool* removed) {
    if (damage_ != 0) {
      Bytes copy = message;
      copy[std::size_t{damage_} * (copy.size() - 1) / 255] ^=
          static_cast<std::uint8_t>(1U << (damage_ % 8U));
      const SecretBytes before = to.group.Serialize();
      auto damaged = to.group.Process(copy, live_.Env());
      // Whoever is removed has no key for the confirmation tag, which in an external commit nothing
      // else covers.
      const auto* staged = damaged.ok() ? std::get_if<mls::StagedCommit>(&*damaged) : nullptr;
      RENKEI_CHECK(!damaged.ok() ||
                   (staged != nullptr && staged->is_external && !staged->next.has_value()));
      RENKEI_CHECK(Equal(before, to.group.Serialize()));
    }
    auto processed = to.group.Process(message, live_.Env());
    if (!processed.ok()) {
      return false;
    }
    if (auto* staged = std::get_if<mls::StagedCommit>(&*processed); staged != nullptr) {
      *removed = !staged->next.has_value();
      if (staged->next.has_value()) {
        to.group = std::move(*staged->next);
      }
    }
    return true;
  }

  // To everybody but `from`, who may be nobody; all take it, or none. Who was removed goes.
  bool DeliverToAll(const Bytes& message, std::size_t from) {
    std::vector<Member> stay;
    std::size_t taken = 0;
    std::size_t asked = 0;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      bool removed = false;
      if (i != from) {
        ++asked;
        taken += Deliver(members_[i], message, &removed) ? 1U : 0U;
      }
      if (!removed) {
        stay.push_back(std::move(members_[i]));
      }
    }
    RENKEI_CHECK(taken == 0 || taken == asked);
    members_ = std::move(stay);
    return taken == asked;
  }

  void CheckAgreement() const {
    for (const Member& member : members_) {
      RENKEI_CHECK(
          Equal(member.group.EpochAuthenticator(), members_[0].group.EpochAuthenticator()));
      RENKEI_CHECK(Equal(member.group.TreeHash(), members_[0].group.TreeHash()));
    }
  }

  mls::Proposal SomeProposal(const mls::Group& group, std::uint8_t kind) {
    switch (kind % 7) {
      case 0: {
        added_.push_back(NewKeyPackage(NewName()));
        auto message = mls::ParseMessage(added_.back().message);
        return {mls::Add{std::get<mls::KeyPackage>(std::move(message->value))}};
      }
      case 1:
        return {mls::Remove{SomebodysLeaf(kind / 7U)}};
      case 2:
        return {mls::PreSharedKey{mls::Group::NewExternalPsk(LiveGroup::PskId(), random_)}};
      case 3:  // of this epoch: who came later has no earlier one
        return {mls::PreSharedKey{
            mls::Group::NewResumptionPsk(group.group_id(), group.epoch(), random_)}};
      case 4:
        return {mls::GroupContextExtensions{live_.GroupExtensions()}};
      case 5:
        return {mls::GroupContextExtensions{}};
      default:
        return {mls::ReInit{Bytes(32, 9), mls::ProtocolVersion::kMls10, mls::kSuite, {}}};
    }
  }

  void Propose(std::size_t who) {
    Member& by = members_[who];
    const mls::MessageOptions options{In(0x80), Bytes(way_ % 3U, 7), way_ % 5U};
    const std::uint8_t kind = way_ >> 3U;
    auto sent = kind % 8 == 7
                    ? by.group.ProposeUpdate(nullptr, options, random_)
                    : by.group.Propose(SomeProposal(by.group, kind), options, live_.Env(), random_);
    if (sent.ok()) {
      RENKEI_CHECK(DeliverToAll(sent->message, who) || members_.size() == 1);
    }
  }

  void Commit(std::size_t who, std::uint8_t content) {
    mls::Group& by = members_[who].group;
    mls::CommitOptions options;
    options.handshake = In(0x80);
    options.force_path = (content & 1U) != 0;
    options.publish.tree_in_welcome = (content & 2U) != 0;
    if ((content & 4U) != 0) {
      for (const mls::StoredProposal& stored : by.Proposals()) {
        options.references.push_back(stored.ref);
      }
    }
    for (unsigned int i = 0; i < (content >> 3U) % 3U; ++i) {
      options.proposals.push_back(SomeProposal(by, static_cast<std::uint8_t>(damage_ + i)));
    }
    if ((content & 0x40U) != 0) {
      options.new_leaf = renkei::fuzz::MakeLeaf(NewName(), random_);
    }
    const SecretBytes before = by.Serialize();
    auto pending = by.Commit(options, live_.Env(), random_);
    if (!pending.ok()) {
      RENKEI_CHECK(Equal(before, by.Serialize()));
      return;
    }
    auto stored = mls::PendingCommit::Deserialize(pending->Serialize().Expose());
    RENKEI_CHECK(stored.ok());
    members_[who].group = std::move(stored->next);
    RENKEI_CHECK(DeliverToAll(pending->commit, who));
    Welcome(*stored);
    CheckAgreement();
  }

  void Welcome(const mls::PendingCommit& pending) {
    if (!pending.welcome.has_value()) {
      return;
    }
    const Bytes tree = members_[0].group.ExportTree();
    for (const mls::OwnKeyPackage& own : added_) {
      mls::JoinOptions options;
      options.ratchet_tree = tree;
      auto joined = mls::Group::JoinWelcome(*pending.welcome, own, options, live_.Env());
      if (joined.ok() && members_.size() < kMaxMembers) {
        members_.push_back({std::move(*joined)});
      } else if (joined.ok()) {
        crowd_ = true;  // members who are not played any more
      } else {
        RENKEI_CHECK(joined.error().code() == renkei::Code::kNotFound);
      }
    }
  }

  void Write(std::size_t who) {
    auto message = members_[who].group.Protect(AsBytes("text"), {In(0x80), {}, way_ % 9U}, random_);
    if (!message.ok()) {
      return;
    }
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (i == who) {
        continue;
      }
      if (damage_ != 0) {
        Bytes copy = *message;
        copy[std::size_t{damage_} * (copy.size() - 1) / 255] ^= 1U;
        RENKEI_CHECK(!members_[i].group.Unprotect(copy).ok());
      }
      if ((way_ & 0x40U) == 0) {  // else it is skipped, and the next one steps over it
        RENKEI_CHECK(members_[i].group.Unprotect(*message).ok());
        RENKEI_CHECK(!members_[i].group.Unprotect(*message).ok());
      }
    }
  }

  void JoinFromOutside(std::size_t who) {
    mls::ExternalJoinOptions options;
    const bool resync = (way_ & 0x40U) != 0 && members_.size() > 1;
    if (resync) {
      options.resync = members_[who].group.own_leaf_index();
    }
    if ((way_ & 0x20U) != 0) {
      options.psks = {mls::Group::NewExternalPsk(LiveGroup::PskId(), random_)};
    }
    const Bytes info = members_[way_ / 8U % members_.size()].group.MakeGroupInfo(true, {});
    auto joined = mls::Group::ExternalJoin(info, renkei::fuzz::MakeLeaf(NewName(), random_),
                                           options, live_.Env(), random_);
    if (!joined.ok()) {
      return;
    }
    if (DeliverToAll(joined->commit, members_.size())) {
      members_.push_back({std::move(joined->next)});
      CheckAgreement();
    }
    if (members_.size() > kMaxMembers) {
      members_.erase(members_.begin());
      crowd_ = true;
    }
  }

  void ProposeFromOutside(std::size_t who) {
    const mls::Group& group = members_[who].group;
    auto sent =
        mls::MakeExternalProposal({renkei::ToBytes(group.group_id()), group.epoch()}, way_ / 64U,
                                  live_.outsider().signing_key, SomeProposal(group, way_ >> 3U));
    if (sent.ok()) {
      (void)DeliverToAll(sent->message, members_.size());
    }
  }

  void AskToBeAdded(std::size_t who) {
    const mls::Group& group = members_[who].group;
    added_.push_back(NewKeyPackage(NewName()));
    auto sent = mls::MakeNewMemberProposal({renkei::ToBytes(group.group_id()), group.epoch()},
                                           added_.back());
    RENKEI_CHECK(sent.ok());
    (void)DeliverToAll(sent->message, members_.size());
  }

  void Store(std::size_t who) {
    mls::Group& group = members_[who].group;
    const SecretBytes whole = group.Serialize();
    auto loaded = mls::Group::Load(group.Save(mls::SavedState()).changes.put);
    RENKEI_CHECK(loaded.ok() && Equal(loaded->Serialize(), whole));
    auto again = mls::Group::Deserialize(whole.Expose());
    RENKEI_CHECK(again.ok() && Equal(again->Serialize(), whole));
    group = std::move((way_ & 0x80U) != 0 ? *loaded : *again);
  }

  // The other members' new key packages, and all members joining what was made of them.
  std::vector<mls::OwnKeyPackage> PackagesOfOthers(std::size_t who) {
    std::vector<mls::OwnKeyPackage> out;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const mls::Group& group = members_[i].group;
      mls::OwnLeaf leaf = renkei::fuzz::MakeLeaf("", random_);
      leaf.credential = group.Leaf(group.own_leaf_index())->credential;
      out.push_back(mls::CreateKeyPackage(leaf, {renkei::fuzz::kLifetime, {}}, random_).value());
    }
    std::swap(out[who], out.back());
    return out;
  }

  void Continue(std::size_t who, bool branch) {
    const mls::Group& parent = members_[who].group;
    const auto packages = PackagesOfOthers(who);
    std::vector<Bytes> messages;
    for (std::size_t i = 0; i + 1 < packages.size(); ++i) {
      messages.push_back(packages[i].message);
    }
    mls::OwnLeaf own = renkei::fuzz::MakeLeaf("", random_);
    own.credential = parent.Leaf(parent.own_leaf_index())->credential;
    auto made = branch ? parent.Branch(own, {Bytes(32, 8), {}, renkei::fuzz::kLifetime}, messages,
                                       {}, live_.Env(), random_)
                       : parent.Reinitialize(own, messages, {}, renkei::fuzz::kLifetime,
                                             live_.Env(), random_);
    if (!made.ok() || !made->welcome.has_value()) {
      return;
    }
    std::vector<Member> next;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (i == who) {
        continue;
      }
      // packages[who] changed places with the last one.
      const mls::OwnKeyPackage& package = packages[i + 1 == packages.size() ? who : i];
      mls::JoinOptions options;
      options.parent = &members_[i].group;
      auto joined = mls::Group::JoinWelcome(*made->welcome, package, options, live_.Env());
      RENKEI_CHECK(joined.ok());
      next.push_back({std::move(*joined)});
    }
    next.push_back({std::move(made->next)});
    if (!branch) {
      members_ = std::move(next);
      CheckAgreement();
    }
  }

  void Branch(std::size_t who) { Continue(who, true); }
  void Reinitialize(std::size_t who) {
    if (members_[who].group.reinit().has_value() && !crowd_) {
      Continue(who, false);
    }
  }

  const LiveGroup& live_;
  renkei::SeededRandom random_;
  std::vector<Member> members_;
  std::vector<mls::OwnKeyPackage> added_;
  std::uint8_t way_ = 0;
  std::uint8_t damage_ = 0;
  int named_ = 0;
  bool crowd_ = false;  // the group has members who are not in `members_`
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const LiveGroup live;
  Script script(live);
  for (std::size_t at = 0; at + 3 <= size && at < 3 * kMaxSteps; at += 3) {
    script.Run({data[at], data[at + 1], data[at + 2]});
  }
  return 0;
}
