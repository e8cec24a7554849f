// What search takes for the same: text folded to one spelling and cut into 2-grams. Japanese has no
// spaces between words, so a word is found as the 2-grams of its letters, one after the other.
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

// The tokens by which a text is found, parted by single spaces, in UTF-8, ASCII written full width
// so that no tokenizer sees punctuation. A word ABC gives "AB BC C"; after the words follows every
// single letter not yet given, so that one-letter queries are found by one token.
std::string IndexTokens(const std::vector<std::u32string>& words);
// The tokens that must follow each other for `word` (1 letter or more): "AB BC", or "A".
std::string PhraseTokens(const std::u32string& word);

// One form for a passphrase however the keyboard was set: NFKC, so that full-width letters and a
// decomposed が open the same vault. `passphrase` (secret) is 1..1024 bytes of UTF-8, else
// kMalformed. Intermediate copies are wiped.
Result<SecretBytes> NormalizePassphrase(ByteView passphrase);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_TEXT_FOLD_H_
