// A small live group for fuzz targets, the same in every run: Alice, Bob and Carol. The outsider is
// its external sender. Alice and the outsider will sign anything, so that inputs reach what stands
// behind signatures and tags.
#ifndef RENKEI_TESTS_FUZZ_MLS_LIVE_GROUP_H_
#define RENKEI_TESTS_FUZZ_MLS_LIVE_GROUP_H_

#include <optional>
#include <string_view>
#include <vector>

#include "crypto/base/random.h"
#include "crypto/mls/commit.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_info.h"
#include "crypto/mls/welcome.h"

namespace renkei::fuzz {

inline constexpr mls::Lifetime kLifetime{1'600'000'000, 1'900'000'000};
mls::OwnLeaf MakeLeaf(std::string_view name, Random& random);

class LiveGroup {
 public:
  LiveGroup();

  // Knows one external PSK.
  mls::Environment Env() const;
  static Bytes PskId();
  mls::Extensions GroupExtensions() const;
  // Bob as he is before any input; all three.
  mls::Group FreshBob() const;
  std::vector<mls::Group> FreshMembers() const;
  const mls::Group& alice() const { return *alice_; }
  const mls::OwnKeyPackage& newcomer() const { return *newcomer_; }
  const mls::OwnLeaf& outsider() const { return *outsider_; }

  // Messages with good signatures and tags around whatever is given; the confirmation tag is right
  // too where `receiver` finds the commit good; the leaf in a path of Alice's is signed again.
  Bytes FromAlice(mls::Content content, const mls::Group& receiver) const;
  Bytes FromAliceInPrivate(mls::Content content, std::size_t padding, const mls::Group& receiver);
  Bytes FromOutsider(mls::Commit commit) const;
  // A proposal, by the external sender at `index` or as a new member's.
  Bytes ProposedByOutsider(mls::Proposal proposal, std::optional<std::uint32_t> index) const;
  Bytes SignedByAlice(mls::GroupInfo info) const;
  Bytes WelcomeFor(mls::GroupSecrets secrets, mls::GroupInfo info);
  // A GroupInfo of the group with this as its tree and the hash of it.
  mls::GroupInfo WithTree(ByteView ratchet_tree) const;

  // Good examples, to start from.
  mls::Commit AlicesCommit();
  mls::Commit OutsidersCommit();
  Bytes PrivateCommit();
  Bytes ApplicationMessage();
  struct Joining {
    mls::GroupSecrets secrets;
    mls::GroupInfo info;
  };
  Joining NewcomersWelcome();

 private:
  mls::AuthenticatedContent SignedByAlice(mls::WireFormat format, mls::Content content,
                                          const mls::Group& receiver) const;

  SeededRandom random_{1};
  std::optional<mls::Group> alice_;
  std::optional<mls::Group> carol_;
  std::vector<SecretBytes> stored_;  // Alice, Bob, Carol
  std::optional<mls::OwnKeyPackage> newcomer_;
  std::optional<mls::OwnLeaf> outsider_;
};

}  // namespace renkei::fuzz

#endif  // RENKEI_TESTS_FUZZ_MLS_LIVE_GROUP_H_
