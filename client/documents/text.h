// Text that people wrote: is it clean UTF-8, how long is it, what is it folded. Values; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_TEXT_H_
#define RENKEI_CLIENT_DOCUMENTS_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::documents {

// Well-formed UTF-8 (no surrogates, no overlong forms).
bool IsUtf8(std::string_view text);

// The code point at `at`, which moves behind it; negative for a byte that is no UTF-8 (one step).
// `at` must be less than text.size().
std::int32_t NextChar(std::string_view text, std::size_t& at);

// Code points; `text` must be UTF-8.
std::size_t CountChars(std::string_view text);

// What no form may hold: controls (but tab and line feed if `multiline`), line and paragraph
// separators, direction overrides and isolates, byte order mark, noncharacters.
bool IsForbiddenChar(char32_t c, bool multiline);
// The first of these in `text`.
std::optional<char32_t> FindForbidden(std::string_view text, bool multiline);

// The same characters replaced by U+FFFD, for showing what others wrote. Bytes that are no UTF-8
// become U+FFFD too.
std::string Printable(std::string_view text, bool multiline);

// NFKC: full-width digits and Latin to ASCII, half-width kana to full-width, Ⅱ to II.
std::string Nfkc(std::string_view text);
// For comparing with coded lists: NFKC, upper case, without spaces and hyphens.
std::string FoldForList(std::string_view text);
// For comparing names: NFKC, without spaces, hiragana as katakana.
std::string FoldForName(std::string_view text);

// Hiragana, katakana, long vowel mark, middle dot and spaces only, after NFKC; not empty.
bool IsKana(std::string_view nfkc);

// Without spaces (also U+3000), tabs and line ends at both sides.
std::string_view Trim(std::string_view text);
// CRLF and CR to LF.
std::string UnixLines(std::string_view text);
// At most `chars` code points; cut text ends in "…".
std::string Shorten(std::string_view text, std::size_t chars);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_TEXT_H_
