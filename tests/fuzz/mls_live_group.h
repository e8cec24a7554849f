// A small live group for fuzz targets, the same in every run: Alice, Bob and Carol. Alice and an
// outsider will sign anything, so that inputs reach what stands behind signatures and tags.
#ifndef RENKEI_TESTS_FUZZ_MLS_LIVE_GROUP_H_
#define RENKEI_TESTS_FUZZ_MLS_LIVE_GROUP_H_

#include <optional>

#include "crypto/base/random.h"
#include "crypto/mls/commit.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_info.h"
#include "crypto/mls/welcome.h"

namespace renkei::fuzz {

class LiveGroup {
 public:
  LiveGroup();

  mls::Environment Env() const;
  // Bob as he is before any input.
  mls::Group FreshBob() const;
  const mls::Group& alice() const { return *alice_; }
  const mls::OwnKeyPackage& newcomer() const { return *newcomer_; }
  const mls::OwnLeaf& outsider() const { return *outsider_; }

  // Messages with good signatures and tags around whatever is given.
  Bytes FromAlice(mls::Content content) const;
  Bytes FromOutsider(mls::Commit commit) const;
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
  SeededRandom random_{1};
  std::optional<mls::Group> alice_;
  std::optional<mls::Group> carol_;
  SecretBytes bob_;
  std::optional<mls::OwnKeyPackage> newcomer_;
  std::optional<mls::OwnLeaf> outsider_;
};

}  // namespace renkei::fuzz

#endif  // RENKEI_TESTS_FUZZ_MLS_LIVE_GROUP_H_
