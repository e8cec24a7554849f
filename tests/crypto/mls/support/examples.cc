#include "tests/crypto/mls/support/examples.h"

#include <utility>

#include "crypto/base/random.h"

namespace renkei::mls::test {
namespace {

constexpr auto kGreaseExtension = static_cast<ExtensionType>(0x3a3a);

Extensions ExampleExtensions() {
  return {MakeExtension(ApplicationId{ToBytes("renkei://example")}),
          Extension{kGreaseExtension, Filler(5, 90)}};
}

HpkeCiphertext ExampleCiphertext(std::uint8_t seed) {
  return {Filler(32, seed), Filler(48, static_cast<std::uint8_t>(seed + 1))};
}

}  // namespace

Bytes Filler(std::size_t size, std::uint8_t seed) {
  return SeededRandom(seed).NextBytes(size);
}

Credential ExampleBasic() {
  return {BasicCredential{ToBytes("example nurse")}};
}

Credential ExampleX509() {
  return {X509Credential{{Filler(70, 1), Filler(65, 2)}}};
}

LeafNode ExampleLeaf(LeafNodeSource source) {
  LeafNode leaf;
  leaf.encryption_key = Filler(32, 3);
  leaf.signature_key = Filler(32, 4);
  leaf.credential = source == LeafNodeSource::kUpdate ? ExampleX509() : ExampleBasic();
  leaf.capabilities.versions = {ProtocolVersion::kMls10, static_cast<ProtocolVersion>(0x1a1a)};
  leaf.capabilities.cipher_suites = {CipherSuite::kX25519ChaCha20Sha256Ed25519,
                                     static_cast<CipherSuite>(0x0a0a)};
  leaf.capabilities.extensions = {kGreaseExtension};
  leaf.capabilities.proposals = {static_cast<ProposalType>(0x4a4a)};
  leaf.capabilities.credentials = {CredentialType::kBasic, CredentialType::kX509};
  if (source == LeafNodeSource::kUpdate) {
    leaf.source_data = UpdateSource{};
  } else if (source == LeafNodeSource::kCommit) {
    leaf.source_data = CommitSource{Filler(32, 5)};
  } else {
    leaf.source_data = KeyPackageSource{{1'700'000'000, 1'800'000'000}};
  }
  leaf.extensions = ExampleExtensions();
  leaf.signature = Filler(64, 6);
  return leaf;
}

ParentNode ExampleParent() {
  return {Filler(32, 7), Filler(32, 8), {LeafIndex{1}, LeafIndex{3}}};
}

KeyPackage ExampleKeyPackage() {
  KeyPackage out;
  out.init_key = Filler(32, 9);
  out.leaf_node = ExampleLeaf(LeafNodeSource::kKeyPackage);
  out.extensions = {Extension{kGreaseExtension, {}}};
  out.signature = Filler(64, 10);
  return out;
}

std::vector<PreSharedKeyId> ExamplePskIds() {
  std::vector<PreSharedKeyId> ids;
  ids.push_back({ExternalPsk{ToBytes("shared on paper")}, Filler(32, 11)});
  for (const auto usage : {ResumptionPskUsage::kApplication, ResumptionPskUsage::kReInit,
                           ResumptionPskUsage::kBranch}) {
    ids.push_back({ResumptionPsk{usage, ToBytes("old group"), Epoch{7}}, Filler(32, 12)});
  }
  return ids;
}

std::vector<Proposal> ExampleProposals() {
  std::vector<Proposal> out;
  out.push_back({Add{ExampleKeyPackage()}});
  out.push_back({Update{ExampleLeaf(LeafNodeSource::kUpdate)}});
  out.push_back({Remove{LeafIndex{5}}});
  out.push_back({PreSharedKey{ExamplePskIds()[1]}});
  out.push_back({ReInit{ToBytes("next group"), ProtocolVersion::kMls10,
                        CipherSuite::kP256Aes128Sha256P256, ExampleExtensions()}});
  out.push_back({ExternalInit{Filler(32, 13)}});
  out.push_back({GroupContextExtensions{
      {MakeExtension(RequiredCapabilities{{}, {}, {CredentialType::kX509}})}}});
  return out;
}

UpdatePath ExamplePath() {
  return {ExampleLeaf(LeafNodeSource::kCommit),
          {UpdatePathNode{Filler(32, 14), {ExampleCiphertext(15), ExampleCiphertext(17)}},
           UpdatePathNode{Filler(32, 19), {}}}};
}

Commit ExampleCommit() {
  Commit out;
  for (Proposal& proposal : ExampleProposals()) {
    out.proposals.push_back({std::move(proposal)});
  }
  out.proposals.push_back({ProposalRef{Filler(32, 20)}});
  out.path = ExamplePath();
  return out;
}

GroupContext ExampleGroupContext() {
  GroupContext out;
  out.group_id = ToBytes("example group");
  out.epoch = {9};
  out.tree_hash = Filler(32, 21);
  out.confirmed_transcript_hash = Filler(32, 22);
  out.extensions = {MakeExtension(ExternalSenders{{{Filler(32, 23), ExampleBasic()}}})};
  return out;
}

GroupInfo ExampleGroupInfo() {
  GroupInfo out;
  out.group_context = ExampleGroupContext();
  out.extensions = {MakeExtension(ExternalPub{Filler(32, 24)}), MakeExtension(ExampleTree())};
  out.confirmation_tag = Filler(32, 25);
  out.signer = {2};
  out.signature = Filler(64, 26);
  return out;
}

GroupSecrets ExampleGroupSecrets(bool with_path_secret) {
  GroupSecrets out;
  out.joiner_secret = SecretBytes::CopyOf(Filler(32, 27));
  if (with_path_secret) {
    out.path_secret = SecretBytes::CopyOf(Filler(32, 28));
  }
  out.psks = ExamplePskIds();
  return out;
}

Welcome ExampleWelcome() {
  Welcome out;
  out.secrets = {{{Filler(32, 29)}, ExampleCiphertext(30)},
                 {{Filler(32, 32)}, ExampleCiphertext(33)}};
  out.encrypted_group_info = Filler(200, 35);
  return out;
}

std::vector<Sender> ExampleSenders() {
  return {{MemberSender{{3}}},
          {ExternalSenderIndex{0}},
          {NewMemberProposalSender{}},
          {NewMemberCommitSender{}}};
}

FramedContent ExampleContent(Content content) {
  FramedContent out;
  out.group_id = ToBytes("example group");
  out.epoch = {9};
  out.sender = {MemberSender{{3}}};
  out.authenticated_data = ToBytes("seen by all");
  out.content = std::move(content);
  return out;
}

std::vector<PublicMessage> ExamplePublicMessages() {
  std::vector<PublicMessage> out;
  out.push_back(
      {ExampleContent(ExampleCommit()), {Filler(64, 36), Filler(32, 37)}, Filler(32, 38)});
  for (const Sender& sender : ExampleSenders()) {
    PublicMessage message{ExampleContent(ExampleProposals()[0]), {Filler(64, 39), {}}, {}};
    message.content.sender = sender;
    if (sender.type() == SenderType::kMember) {
      message.membership_tag = Filler(32, 40);
    }
    out.push_back(std::move(message));
  }
  return out;
}

PrivateMessage ExamplePrivateMessage() {
  PrivateMessage out;
  out.group_id = ToBytes("example group");
  out.epoch = {9};
  out.authenticated_data = ToBytes("seen by all");
  out.encrypted_sender_data = Filler(28, 41);
  out.ciphertext = Filler(120, 42);
  return out;
}

RatchetTreeNodes ExampleTree() {
  RatchetTreeNodes out;
  out.nodes.resize(5);
  out.nodes[0].emplace().value = ExampleLeaf(LeafNodeSource::kKeyPackage);
  out.nodes[1].emplace().value = ExampleParent();
  out.nodes[2].emplace().value = ExampleLeaf(LeafNodeSource::kUpdate);
  out.nodes[4].emplace().value = ExampleLeaf(LeafNodeSource::kCommit);
  return out;
}

std::vector<MlsMessage> ExampleMessages() {
  return {{ExamplePublicMessages()[0]},
          {ExamplePrivateMessage()},
          {ExampleWelcome()},
          {ExampleGroupInfo()},
          {ExampleKeyPackage()}};
}

}  // namespace renkei::mls::test
