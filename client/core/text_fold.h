// What search takes for the same: text folded to one spelling and cut into grams. Japanese has no
// spaces between words, so a word is looked for by the pairs of letters it is made of.
// The rules, in this order (a change of any of them needs a new kTextFoldVersion):
//   1. NFKC with case folding: full and half width, ㎎, ①, ㈱; invisible and variation marks go.
//   2. Hiragana becomes katakana; small kana become large (キャ = キヤ); ヴァ = バ; ヂヅヰヱヲ
//   become
//      ジズイエオ (names of the old: スヱ = スエ, シヅ = シズ).
//   3. Iteration marks repeat what they stand for: 佐々木 = 佐佐木, みすゞ = みすず.
//   4. The long vowel mark after kana goes, and what people type for it (- ‐ – ― 〜), and the dot
//      between kana: ケアマネージャー = ケアマネジャ, ケア・マネ = ケアマネ.
//   5. Variant kanji of names become the common ones: 髙 = 高, 﨑 = 崎, 邊 = 辺.
//   6. Spaces, punctuation and control characters part words; . , / : - between digits do not.
// Functions; any thread.
#ifndef RENKEI_CLIENT_CORE_TEXT_FOLD_H_
#define RENKEI_CLIENT_CORE_TEXT_FOLD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"

namespace renkei::client {

inline constexpr std::uint32_t kTextFoldVersion = 1;

inline constexpr std::size_t kMaxFoldedTextBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxQueryBytes = 1024;
inline constexpr std::size_t kMaxQueryWords = 16;

// The words of `text` in order, folded; none is empty. `text` is any bytes: what is not UTF-8
// parts words. kTooLarge: longer than kMaxFoldedTextBytes.
Result<std::vector<std::u32string>> FoldWords(std::string_view text);
// The same for a query; kTooLarge over kMaxQueryBytes or kMaxQueryWords. No word twice.
Result<std::vector<std::u32string>> FoldQuery(std::string_view query);

// A letter, a pair or a triple of letters that follow each other in a word, as one number.
using Gram = std::uint64_t;

// What a text is found by, sorted, each once: all letters and pairs, and the triples of kana, Latin
// letters and digits, of which there are so few that pairs tell little.
std::vector<Gram> IndexGrams(const std::vector<std::u32string>& words);
// The grams that a text with all of `words` has, sorted, each once: for each word its only letter,
// or its triples and what pairs lie in none of them.
std::vector<Gram> QueryGrams(const std::vector<std::u32string>& words);
// True if a text with all QueryGrams({word}) has the word; else the letters may lie apart.
bool GramIsWord(const std::u32string& word);

// The words in UTF-8, a line each: what a word is looked for in, by its own UTF-8.
std::string JoinWords(const std::vector<std::u32string>& words);
// Back again. For what JoinWords wrote only. kUnavailable: out of memory.
Result<std::vector<std::u32string>> SplitWords(std::string_view joined);

// One form for a passphrase however the keyboard was set: NFKC, so that full-width letters and a
// decomposed が open the same vault. `passphrase` (secret) is 1..1024 bytes of UTF-8, else
// kMalformed. Intermediate copies are wiped.
Result<SecretBytes> NormalizePassphrase(ByteView passphrase);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_TEXT_FOLD_H_
