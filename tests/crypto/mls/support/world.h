// Members of a group who talk to each other in one process. What fails aborts the test: what a test
// is about, it calls itself.
#ifndef RENKEI_TESTS_CRYPTO_MLS_SUPPORT_WORLD_H_
#define RENKEI_TESTS_CRYPTO_MLS_SUPPORT_WORLD_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/random.h"
#include "crypto/mls/group.h"
#include "tests/crypto/mls/support/leaves.h"

namespace renkei::mls::test {

class AcceptAll : public CredentialPolicy {
 public:
  Status Check(const Credential&, ByteView, Millis) const override { return Ok(); }
};

class Psks final : public PskSource {
 public:
  Result<SecretBytes> External(ByteView psk_id) const override;
  Result<SecretBytes> Resumption(ByteView group_id, Epoch epoch) const override;

  std::map<Bytes, Bytes> external;
  std::map<std::pair<Bytes, Epoch>, Bytes> resumption;
};

// A client: an identity with its signing key.
OwnLeaf MakeOwnLeaf(std::string_view name, Random& random);

class World {
 public:
  explicit World(std::uint64_t seed) : random(seed) {}

  Environment Env() const { return {*policy, kNow, &psks}; }
  OwnLeaf Leaf(std::string_view name) { return MakeOwnLeaf(name, random); }
  OwnKeyPackage KeyPackageFor(std::string_view name);
  Group Create(std::string_view name, Extensions extensions = {});
  // Commits, and all of `others` follow. Returns what new members need.
  PendingCommit Commit(Group& committer, const std::vector<Group*>& others,
                       const CommitOptions& options);
  Group Add(Group& committer, const std::vector<Group*>& others, std::string_view name);
  // Everybody in `groups` takes the message; commits are applied.
  void Deliver(ByteView message, const std::vector<Group*>& groups);
  Group ExternalJoin(std::string_view name, const std::vector<Group*>& members);

  SeededRandom random;
  Psks psks;
  AcceptAll accept_all;
  const CredentialPolicy* policy = &accept_all;
};

// Whether both are in the same epoch with the same secrets and view of the members.
::testing::AssertionResult Agree(const Group& a, const Group& b);
std::string NameOf(const LeafNode& leaf);
// The words of the error, or "accepted".
template <typename T>
std::string WhereOf(const Result<T>& result) {
  return result.ok() ? "accepted" : result.error().where();
}

}  // namespace renkei::mls::test

#endif  // RENKEI_TESTS_CRYPTO_MLS_SUPPORT_WORLD_H_
