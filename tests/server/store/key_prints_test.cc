#include "server/store/key_prints.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace renkei::server {
namespace {

EntryKey Key(std::uint64_t n) {
  EntryKey key{};
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&n), sizeof n, key.begin());
  return key;
}

KeyPrints::Secret Secret(std::uint8_t n) {
  KeyPrints::Secret secret{};
  secret.fill(n);
  return secret;
}

// Whether `key` looks like the entry `seq`, among others.
bool Meets(KeyPrints& prints, std::int64_t thread, std::uint64_t key, std::uint64_t seq) {
  for (std::uint64_t at = prints.Find(thread, Key(key), 0); at != 0;
       at = prints.Find(thread, Key(key), at)) {
    if (at == seq) {
      return true;
    }
  }
  return false;
}

void Fill(KeyPrints& prints, std::int64_t thread, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t n = first; n <= last; ++n) {
    prints.Add(thread, Key(n));
  }
}

TEST(KeyPrints, EveryKeyIsFoundAtItsPlace) {
  KeyPrints prints(Secret(1));
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    EXPECT_EQ(prints.Known(7), n - 1);
    prints.Add(7, Key(n));
  }
  prints.Add(8, Key(1));
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    EXPECT_TRUE(Meets(prints, 7, n, n)) << n;
    EXPECT_EQ(prints.Find(7, Key(n), 1000), 0U) << "nothing is behind the last one";
  }
  EXPECT_TRUE(Meets(prints, 8, 1, 1));
  EXPECT_EQ(prints.Known(8), 1U);
  EXPECT_EQ(prints.Known(9), 0U);
  EXPECT_EQ(prints.Find(9, Key(1), 0), 0U);
}

// Two keys that look alike with this secret.
std::pair<std::uint64_t, std::uint64_t> AlikeWith(const KeyPrints::Secret& secret) {
  std::map<std::uint32_t, std::uint64_t> seen;
  for (std::uint64_t n = 1;; ++n) {
    const auto print = static_cast<std::uint32_t>(ShortHash(secret, Key(n)));
    if (const auto [it, is_new] = seen.try_emplace(print, n); !is_new) {
      return {it->second, n};
    }
  }
}

// Else a member would choose record ids so that each of their posts is compared with all others.
TEST(KeyPrints, WhichOnesLookAlikeIsNotTheSameInAnotherRelay) {
  const auto [one, other] = AlikeWith(Secret(1));
  KeyPrints here(Secret(1));
  KeyPrints elsewhere(Secret(2));
  here.Add(1, Key(one));
  elsewhere.Add(1, Key(one));
  EXPECT_EQ(here.Find(1, Key(other), 0), 1U);
  EXPECT_EQ(elsewhere.Find(1, Key(other), 0), 0U);
}

// With a table, and without.
TEST(KeyPrints, OnesThatLookAlikeAreGivenInTheOrderOfTheThread) {
  const auto [one, other] = AlikeWith(Secret(1));
  for (const std::uint64_t others : {std::uint64_t{10}, std::uint64_t{KeyPrints::kTable}}) {
    KeyPrints prints(Secret(1));
    prints.Add(1, Key(one));
    Fill(prints, 1, 1'000'000'000, 1'000'000'000 + others);
    prints.Add(1, Key(other));
    const std::uint64_t last = prints.Known(1);
    EXPECT_EQ(prints.Find(1, Key(other), 0), 1U);
    EXPECT_EQ(prints.Find(1, Key(one), 1), last);
    EXPECT_EQ(prints.Find(1, Key(one), last), 0U);
  }
}

TEST(KeyPrints, ThreadWithATableHasEveryKeyAndLosesWhatWasUndone) {
  constexpr std::uint64_t kMany = KeyPrints::kTable + KeyPrints::kTable / 2;
  KeyPrints prints(Secret(1));
  const auto expect = [&](std::uint64_t last) {
    ASSERT_EQ(prints.Known(1), last);
    for (std::uint64_t n = 1; n <= last; ++n) {
      ASSERT_TRUE(Meets(prints, 1, n, n)) << n;
    }
    std::uint64_t found = 0;
    for (std::uint64_t n = last + 1; n <= last + 1000; ++n) {
      found += prints.Find(1, Key(n), 0) != 0 ? 1 : 0;
    }
    EXPECT_LE(found, 1U) << "one in 4,000,000,000 for each pair";
  };
  Fill(prints, 1, 1, KeyPrints::kTable - 10);
  for (const std::uint64_t last : {std::uint64_t{KeyPrints::kTable}, kMany}) {
    const std::uint64_t before = prints.Known(1);
    prints.Begin();
    Fill(prints, 1, before + 1, last);
    expect(last);
    prints.Undo();
    expect(before);
    Fill(prints, 1, before + 1, last);
    expect(last);
  }
}

TEST(KeyPrints, EntryWithoutAKeyHasItsPlace) {
  KeyPrints prints(Secret(1));
  prints.Add(1, Key(1));
  prints.Add(1, std::nullopt);
  prints.Add(1, Key(3));
  EXPECT_TRUE(Meets(prints, 1, 1, 1));
  EXPECT_TRUE(Meets(prints, 1, 3, 3));
}

// As in a thread with many urgent calls: what the relay notes has no key.
TEST(KeyPrints, TableHasRoomForKeysAmongManyEntriesWithoutOne) {
  KeyPrints prints(Secret(1));
  const auto fill = [&](std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t n = first; n <= last; ++n) {
      prints.Add(1, n % 3 == 0 ? std::optional(Key(n)) : std::nullopt);
    }
  };
  const auto expect = [&](std::uint64_t last) {
    for (std::uint64_t n = 3; n <= last; n += 3) {
      ASSERT_TRUE(Meets(prints, 1, n, n)) << n;
    }
  };
  constexpr std::uint64_t kMany = 2 * KeyPrints::kTable;
  fill(1, kMany);
  expect(kMany);
  prints.Begin();
  fill(kMany + 1, kMany + 600);
  expect(kMany + 600);
  prints.Undo();
  EXPECT_EQ(prints.Known(1), kMany);
  expect(kMany);
  EXPECT_EQ(prints.Find(1, Key(kMany + 1), 0), 0U);
}

TEST(KeyPrints, WhatWasUndoneIsForgottenAndNothingElse) {
  KeyPrints prints(Secret(1));
  prints.Add(1, Key(1));
  prints.Begin();
  prints.Add(1, Key(2));
  prints.Add(1, Key(3));
  prints.Add(2, Key(4));
  prints.Undo();
  EXPECT_EQ(prints.Known(1), 1U);
  EXPECT_EQ(prints.Known(2), 0U);
  EXPECT_TRUE(Meets(prints, 1, 1, 1));
  EXPECT_FALSE(Meets(prints, 1, 3, 3));
  prints.Add(1, Key(5));
  prints.Begin();
  prints.Undo();
  EXPECT_EQ(prints.Known(1), 2U) << "it was there before";
  EXPECT_TRUE(Meets(prints, 1, 5, 2));
}

TEST(KeyPrints, WhereTooManyAreRememberedAllAreForgotten) {
  KeyPrints prints(Secret(1), 10);
  for (std::uint64_t n = 1; n <= 9; ++n) {
    prints.Add(1, Key(n));
  }
  prints.MakeRoom();
  EXPECT_EQ(prints.Known(1), 9U);
  prints.Begin();
  prints.Add(1, Key(10));
  prints.MakeRoom();
  EXPECT_EQ(prints.Known(1), 0U);
  // Read anew, with what this transaction added; and then undone.
  for (std::uint64_t n = 1; n <= 10; ++n) {
    prints.Add(1, Key(n));
  }
  prints.Undo();
  EXPECT_EQ(prints.Known(1), 9U);
  // Those that were undone do not count.
  prints.MakeRoom();
  EXPECT_EQ(prints.Known(1), 9U);
}

TEST(KeyPrints, BlocksComeBackAsTheyWent) {
  KeyPrints prints(Secret(1));
  Fill(prints, 5, 1, KeyPrints::kBlock);
  const Bytes first = prints.LastBlock(5);
  Fill(prints, 5, KeyPrints::kBlock + 1, 2 * KeyPrints::kBlock);
  const Bytes second = prints.LastBlock(5);
  KeyPrints again(Secret(1));
  ASSERT_TRUE(again.AddBlock(5, first).ok());
  ASSERT_TRUE(again.AddBlock(5, second).ok());
  EXPECT_EQ(again.Known(5), 2 * KeyPrints::kBlock);
  for (std::uint64_t n = 1; n <= 2 * KeyPrints::kBlock; ++n) {
    EXPECT_TRUE(Meets(again, 5, n, n)) << n;
  }
  EXPECT_EQ(again.LastBlock(5), second);
}

TEST(KeyPrints, BlockThatIsNotAsItWasKeptIsRefused) {
  KeyPrints prints(Secret(1));
  Fill(prints, 5, 1, KeyPrints::kBlock);
  const Bytes kept = prints.LastBlock(5);
  const auto told = [&](std::uint8_t secret, std::int64_t thread, std::uint64_t known,
                        ByteView block) {
    KeyPrints other{Secret(secret)};
    Fill(other, thread, 1, known);
    const Status status = other.AddBlock(thread, block);
    EXPECT_EQ(other.Known(thread), known + (status.ok() ? KeyPrints::kBlock : 0));
    return std::string(status.ok() ? "ok" : CodeName(status.error().code()));
  };
  EXPECT_EQ(told(1, 5, 0, kept), "ok");
  EXPECT_EQ(told(2, 5, 0, kept), "kCorrupt") << "another store's";
  EXPECT_EQ(told(1, 6, 0, kept), "kCorrupt") << "another thread's";
  EXPECT_EQ(told(1, 5, KeyPrints::kBlock, kept), "kCorrupt") << "of another place";
  for (std::size_t size = 0; size < kept.size(); ++size) {
    EXPECT_EQ(told(1, 5, 0, ByteView(kept).first(size)), "kCorrupt") << size;
  }
  Bytes longer = kept;
  longer.push_back(0);
  EXPECT_EQ(told(1, 5, 0, longer), "kCorrupt");
  for (std::size_t i = 0; i < kept.size(); ++i) {
    Bytes flipped = kept;
    flipped[i] ^= 1U;
    EXPECT_EQ(told(1, 5, 0, flipped), "kCorrupt") << i;
  }
}

TEST(KeyPrints, BlockIsCheckedForTheKeyOfOneEntry) {
  KeyPrints prints(Secret(1));
  Fill(prints, 5, 1, KeyPrints::kBlock);
  Fill(prints, 5, KeyPrints::kBlock + 1, 2 * KeyPrints::kBlock - 1);
  prints.Add(5, std::nullopt);
  const Bytes kept = prints.LastBlock(5);
  constexpr std::uint64_t kFirst = KeyPrints::kBlock + 1;
  const KeyPrints other(Secret(1));
  const auto told = [&](std::uint64_t first, std::uint64_t seq,
                        const std::optional<EntryKey>& key) {
    const Status status = other.CheckBlock(5, first, kept, seq, key);
    return std::string(status.ok() ? "ok" : CodeName(status.error().code()));
  };
  for (std::uint64_t seq = kFirst; seq < 2 * KeyPrints::kBlock; ++seq) {
    EXPECT_EQ(told(kFirst, seq, Key(seq)), "ok") << seq;
    EXPECT_EQ(told(kFirst, seq, Key(seq + 1)), "kCorrupt") << seq;
  }
  EXPECT_EQ(told(kFirst, 2 * KeyPrints::kBlock, std::nullopt), "ok");
  EXPECT_EQ(told(kFirst, kFirst, std::nullopt), "kCorrupt");
  EXPECT_EQ(told(1, 1, Key(kFirst)), "kCorrupt") << "of another place";
}

TEST(KeyPrints, BlockThatWasUndoneIsForgotten) {
  KeyPrints prints(Secret(1));
  Fill(prints, 5, 1, KeyPrints::kBlock);
  const Bytes kept = prints.LastBlock(5);
  KeyPrints again(Secret(1));
  again.Begin();
  ASSERT_TRUE(again.AddBlock(5, kept).ok());
  again.Undo();
  EXPECT_EQ(again.Known(5), 0U);
  ASSERT_TRUE(again.AddBlock(5, kept).ok());
}

}  // namespace
}  // namespace renkei::server
