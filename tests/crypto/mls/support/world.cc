#include "tests/crypto/mls/support/world.h"

namespace renkei::mls::test {

Result<SecretBytes> Psks::External(ByteView psk_id) const {
  const auto found = external.find(ToBytes(psk_id));
  if (found == external.end()) {
    return Error(Code::kNotFound, "test: no such psk");
  }
  return SecretBytes::CopyOf(found->second);
}

Result<SecretBytes> Psks::Resumption(ByteView group_id, Epoch epoch) const {
  const auto found = resumption.find({ToBytes(group_id), epoch});
  if (found == resumption.end()) {
    return Error(Code::kNotFound, "test: no such psk");
  }
  return SecretBytes::CopyOf(found->second);
}

OwnLeaf MakeOwnLeaf(std::string_view name, Random& random) {
  OwnLeaf leaf{SigningKey::Generate(random), {}, DefaultCapabilities(), {}};
  leaf.credential.value = BasicCredential{ToBytes(name)};
  return leaf;
}

OwnKeyPackage World::KeyPackageFor(std::string_view name) {
  return CreateKeyPackage(Leaf(name), {PlainLifetime(), {}}, random).value();
}

Group World::Create(std::string_view name, Extensions extensions) {
  return Group::Create(Leaf(name), {random.NextBytes(32), std::move(extensions), PlainLifetime()},
                       random)
      .value();
}

PendingCommit World::Commit(Group& committer, const std::vector<Group*>& others,
                            const CommitOptions& options) {
  auto pending = committer.Commit(options, Env(), random);
  RENKEI_CHECK(pending.ok());
  Deliver(pending->commit, others);
  committer = PendingCommit::Deserialize(pending->Serialize().Expose()).value().next;
  return std::move(pending).value();
}

Group World::Add(Group& committer, const std::vector<Group*>& others, std::string_view name) {
  const OwnKeyPackage key_package = KeyPackageFor(name);
  CommitOptions options;
  options.add = {key_package.message};
  const PendingCommit pending = Commit(committer, others, options);
  return Group::JoinWelcome(*pending.welcome, key_package, {}, Env()).value();
}

void World::Deliver(ByteView message, const std::vector<Group*>& groups) {
  for (Group* group : groups) {
    auto processed = group->Process(message, Env());
    RENKEI_CHECK(processed.ok());
    if (auto* staged = std::get_if<StagedCommit>(&*processed)) {
      RENKEI_CHECK(staged->next.has_value());
      *group = std::move(*staged->next);
    }
  }
}

Group World::ExternalJoin(std::string_view name, const std::vector<Group*>& members) {
  const Bytes info = members.front()->MakeGroupInfo(true, {});
  auto pending = Group::ExternalJoin(info, Leaf(name), {}, Env(), random);
  RENKEI_CHECK(pending.ok());
  Deliver(pending->commit, members);
  return std::move(pending->next);
}

::testing::AssertionResult Agree(const Group& a, const Group& b) {
  if (a.epoch() != b.epoch() || ToHex(a.group_id()) != ToHex(b.group_id())) {
    return ::testing::AssertionFailure() << "different epochs";
  }
  if (ToHex(a.EpochAuthenticator()) != ToHex(b.EpochAuthenticator())) {
    return ::testing::AssertionFailure() << "different secrets";
  }
  if (a.ExportTree() != b.ExportTree()) {
    return ::testing::AssertionFailure() << "different trees";
  }
  return ::testing::AssertionSuccess();
}

std::string NameOf(const LeafNode& leaf) {
  return ToString(std::get<BasicCredential>(leaf.credential.value).identity);
}

}  // namespace renkei::mls::test
