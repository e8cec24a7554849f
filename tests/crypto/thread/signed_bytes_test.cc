#include "crypto/thread/signed_bytes.h"

#include <gtest/gtest.h>

#include "crypto/base/labels.h"
#include "crypto/base/random.h"

namespace renkei::thread {
namespace {

constexpr Error kError(Code::kMalformed, "here");

TEST(SignedBytes, AreSplitIntoWhatWasSignedAndItsSignature) {
  SeededRandom random(1);
  const SigningKey key = SigningKey::Generate(random);
  const Bytes made = SignBytes(labels::kRelayNote, AsBytes("content"), key);
  const auto parts = SplitSigned(made, made.size(), kError);
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ(ToString(parts->content), "content");
  EXPECT_TRUE(
      VerifyLabelled(key.public_key(), labels::kRelayNote, parts->content, parts->signature).ok());
  EXPECT_FALSE(
      VerifyLabelled(key.public_key(), labels::kPackNotice, parts->content, parts->signature).ok());
}

TEST(SignedBytes, WhatIsLongerOrNoneIsRefusedInTheCallersWords) {
  SeededRandom random(1);
  const Bytes made =
      SignBytes(labels::kRelayNote, AsBytes("content"), SigningKey::Generate(random));
  const auto too_long = SplitSigned(made, made.size() - 1, kError);
  EXPECT_EQ(too_long.error().code(), Code::kMalformed);
  EXPECT_STREQ(too_long.error().where(), "here");
  EXPECT_EQ(SplitSigned(ByteView(made).first(20), 1000, kError).error().code(), Code::kMalformed);
  EXPECT_FALSE(SplitSigned({}, 1000, kError).ok());
}

}  // namespace
}  // namespace renkei::thread
