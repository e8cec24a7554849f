#include "crypto/base/labels.h"
#include "crypto/mls/hpke.h"
#include "crypto/seal/envelope.h"
#include "crypto/seal/link_package.h"
#include "crypto/seal/pack.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/sealed_secrets.h"
#include "tests/fuzz/fuzz.h"

// What is inside packs and link packages, sealed for real around the input: a member, or anybody
// who knows a public key, decides what these parsers see.
namespace {

using namespace renkei;

struct Reader {
  SeededRandom random{1};
  mls::HpkeKeyPair key = mls::HpkeKeyPair::Generate(random);
};

void OpenAsPack(Reader& reader, ByteView content) {
  thread::Pack pack;
  Bytes info = ToBytes(labels::kPack);
  thread::AppendU8(info, 1);
  info.resize(info.size() + 16 + 32);  // the case and key of zeros
  thread::AppendU32(info, 1);
  info.resize(info.size() + 16);
  const auto sealed = mls::HpkeSeal(reader.key.public_key(), info, {}, content, reader.random);
  pack.enc = ToArray<32>(sealed->kem_output).value();
  pack.ciphertext = sealed->ciphertext;
  const auto opened = seal::OpenPack(thread::SerializePack(pack), reader.key.private_key(), {});
  RENKEI_CHECK(!opened.ok());  // without cards no secret is believed
}

void OpenAsLinkPackage(Reader& reader, ByteView content) {
  const seal::LinkPackageParties parties{{}, {}, reader.key.public_key()};
  Bytes info = ToBytes(labels::kLinkPackage);
  thread::AppendU8(info, 1);
  info.resize(info.size() + 32);
  Append(info, parties.new_device_key);
  const auto sealed = mls::HpkeSeal(reader.key.public_key(), info, {}, content, reader.random);
  const Bytes bytes = thread::Encode([&](thread::FieldWriter& out) {
    out.Blob(1, sealed->kem_output);
    out.Blob(2, sealed->ciphertext);
  });
  const auto opened =
      seal::OpenLinkPackage(bytes, parties, reader.key.private_key(), Sha256(bytes));
  RENKEI_CHECK(opened.ok() || opened.error().code() != Code::kAuthFailed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Reader reader;
  if (size == 0 || size > 100000) {
    return 0;
  }
  OpenAsPack(reader, {data, size});
  OpenAsLinkPackage(reader, {data, size});
  return 0;
}
