// Alice and Bob in epoch 1 of a group, for what one of them refuses of the other.
#ifndef RENKEI_TESTS_CRYPTO_MLS_SUPPORT_PAIR_H_
#define RENKEI_TESTS_CRYPTO_MLS_SUPPORT_PAIR_H_

#include <gtest/gtest.h>

#include <string>

#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls::test {

inline constexpr auto kPrivateExtension = static_cast<ExtensionType>(0xF123);

class Pair : public testing::Test {
 protected:
  Pair() : world_(101), alice_(world_.Create("alice")), bob_(world_.Add(alice_, {}, "bob")) {}

  std::string Process(ByteView message) { return WhereOf(bob_.Process(message, world_.Env())); }
  // A commit of Alice's that Bob has not seen.
  Bytes Good(const CommitOptions& options = {}) {
    return alice_.Commit(options, world_.Env(), world_.random).value().commit;
  }
  std::string RefusalOf(const CommitOptions& options) {
    return WhereOf(alice_.Commit(options, world_.Env(), world_.random));
  }
  static Group CopyOf(const Group& group) {
    return Group::Deserialize(group.Serialize().Expose()).value();
  }

  World world_;
  Group alice_;
  Group bob_;
};

}  // namespace renkei::mls::test

#endif  // RENKEI_TESTS_CRYPTO_MLS_SUPPORT_PAIR_H_
