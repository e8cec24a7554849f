// A card that is valid, and whoever stands on it.
#ifndef RENKEI_TESTS_CRYPTO_THREAD_SUPPORT_CARD_CASE_H_
#define RENKEI_TESTS_CRYPTO_THREAD_SUPPORT_CARD_CASE_H_

#include <gtest/gtest.h>

#include "crypto/thread/card.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::test {

// A case of two institutions: a nurse with two devices, a doctor with one.
class CardCase : public testing::Test {
 protected:
  CardCase() {
    const thread::SignedCard first = MakeCommit(example_.FirstCard(nurse_a_), nurse_a_, {}).card;
    card_ = example_.NextCard(first, nurse_a_, {&nurse_a_, &nurse_b_, &doctor_});
    card_.commit_hash = Sha256(AsBytes("commit"));
  }

  ExampleCase example_{1};
  thread::PersonRef nurse_ = example_.NewPerson(example_.NewInstitution());
  ExampleDevice nurse_a_ = example_.NewDevice(nurse_, 0);
  ExampleDevice nurse_b_ = example_.NewDevice(nurse_, 1);
  ExampleDevice doctor_ = example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 2);
  thread::Card card_;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_CRYPTO_THREAD_SUPPORT_CARD_CASE_H_
