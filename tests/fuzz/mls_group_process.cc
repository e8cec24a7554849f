// Any message to a member of a live group. The first byte says what the rest is, so that inputs
// also get behind signatures, tags and encryption:
//   0 a whole MLSMessage, handshake or application      1 a Proposal sent by Alice
//   2 a Commit by Alice                                 3 an external Commit
//   4 a GroupInfo to join by                            5 its ratchet tree
//   6 opaque GroupSecrets<V>, then a GroupInfo: a Welcome
//   7 uint8 padding, then a Commit by Alice in private
//   8 uint8 index, then a Proposal by the external sender there; 255: by a new member
//   9 Proposal<V> by Alice, in public and in private by turns, and a Commit that refers to them
// A refused message leaves the member as it was; what a good one leads to can be stored.
#include <optional>
#include <utility>

#include "crypto/mls/message.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mls_live_group.h"

namespace {

using renkei::Bytes;
using renkei::ByteView;
using renkei::fuzz::LiveGroup;
namespace mls = renkei::mls;
namespace wire = renkei::wire;

class Target {
 public:
  Target() : bob_(live_.FreshBob()) {}

  void Run(std::uint8_t what, ByteView body) {
    switch (what) {
      case 0:
        (void)bob_.Unprotect(body);
        Process(renkei::ToBytes(body));
        return;
      case 1:
        return RunContent<mls::Proposal>(body);
      case 2:
        return RunContent<mls::Commit>(body);
      case 3:
        if (auto commit = wire::Parse<mls::Commit>(body); commit.ok()) {
          Process(live_.FromOutsider(std::move(commit).value()));
        }
        return;
      case 4:
        if (auto info = wire::Parse<mls::GroupInfo>(body); info.ok()) {
          Join(live_.SignedByAlice(std::move(info).value()));
        }
        return;
      case 5:
        return Join(live_.SignedByAlice(live_.WithTree(body)));
      case 6:
        return RunWelcome(body);
      case 7:
        return RunPrivate(body);
      case 8:
        return RunOutside(body);
      case 9:
        return RunReferences(body);
      default:
        return;
    }
  }

 private:
  template <typename T>
  void RunContent(ByteView body) {
    if (auto content = wire::Parse<T>(body); content.ok()) {
      Process(live_.FromAlice(std::move(content).value(), bob_));
    }
  }

  void RunPrivate(ByteView body) {
    if (body.empty()) {
      return;
    }
    if (auto commit = wire::Parse<mls::Commit>(body.subspan(1)); commit.ok()) {
      Process(live_.FromAliceInPrivate(std::move(commit).value(), body[0], bob_));
    }
  }

  void RunOutside(ByteView body) {
    if (body.empty()) {
      return;
    }
    if (auto proposal = wire::Parse<mls::Proposal>(body.subspan(1)); proposal.ok()) {
      const auto index =
          body[0] == 255 ? std::optional<std::uint32_t>() : std::optional<std::uint32_t>(body[0]);
      Process(live_.ProposedByOutsider(std::move(proposal).value(), index));
    }
  }

  void RunReferences(ByteView body) {
    wire::Reader in(body);
    wire::Reader proposals;
    if (!in.Vector(proposals).ok()) {
      return;
    }
    auto commit = wire::Parse<mls::Commit>(in.rest());
    if (!commit.ok()) {
      return;
    }
    mls::Group bob = live_.FreshBob();
    bool in_private = false;
    for (mls::Proposal proposal; !proposals.AtEnd(); proposal = {}) {
      if (!Decode(proposals, proposal).ok()) {
        return;
      }
      (void)bob.Process(in_private ? live_.FromAliceInPrivate(std::move(proposal), 3, bob)
                                   : live_.FromAlice(std::move(proposal), bob),
                        live_.Env());
      in_private = !in_private;
    }
    for (const mls::StoredProposal& stored : bob.Proposals()) {
      commit->proposals.push_back({stored.ref});
    }
    const renkei::SecretBytes before = bob.Serialize();
    auto processed = bob.Process(live_.FromAlice(std::move(*commit), bob), live_.Env());
    RENKEI_CHECK(Equal(before, bob.Serialize()));  // a commit is staged, never taken
    if (!processed.ok()) {
      return;
    }
    if (auto* staged = std::get_if<mls::StagedCommit>(&*processed); staged && staged->next) {
      CheckStorable(*staged->next);
    }
  }

  void Process(const Bytes& message) {
    auto processed = bob_.Process(message, live_.Env());
    if (processed.ok()) {
      if (auto* staged = std::get_if<mls::StagedCommit>(&*processed); staged && staged->next) {
        CheckStorable(*staged->next);
      }
      CheckStorable(bob_);
      bob_ = live_.FreshBob();
    } else if (!message.empty()) {
      RENKEI_CHECK(bob_.Proposals().empty());
    }
  }

  void Join(const Bytes& info) {
    auto joined = mls::Group::ExternalJoin(info, live_.outsider(), {}, live_.Env(), random_);
    if (joined.ok()) {
      CheckStorable(joined->next);
    }
  }

  void RunWelcome(ByteView body) {
    wire::Reader in(body);
    ByteView secrets_bytes;
    if (!in.OpaqueView(secrets_bytes).ok()) {
      return;
    }
    auto secrets = wire::Parse<mls::GroupSecrets>(secrets_bytes);
    auto info = wire::Parse<mls::GroupInfo>(in.rest());
    if (!secrets.ok() || !info.ok()) {
      return;
    }
    const Bytes welcome = live_.WelcomeFor(std::move(secrets).value(), std::move(info).value());
    auto joined = mls::Group::JoinWelcome(welcome, live_.newcomer(), {}, live_.Env());
    if (joined.ok()) {
      CheckStorable(*joined);
    }
  }

  void CheckStorable(const mls::Group& group) {
    const renkei::SecretBytes stored = group.Serialize();
    auto loaded = mls::Group::Deserialize(stored.Expose());
    RENKEI_CHECK(loaded.ok());
    RENKEI_CHECK(Equal(loaded->Serialize(), stored));
  }

  LiveGroup live_;
  mls::Group bob_;
  renkei::SeededRandom random_{2};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;
  if (size > 0) {
    target.Run(data[0], ByteView(data, size).subspan(1));
  }
  return 0;
}
