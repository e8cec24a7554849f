#include "client/documents/text.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <cstdint>

#include "crypto/base/result.h"

namespace renkei::documents {
namespace {

void Put(std::string& out, char32_t c) {
  std::uint8_t buffer[U8_MAX_LENGTH];
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(buffer, length, static_cast<UChar32>(c));
  out.append(reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(length));
}

bool IsSpace(char32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0x3000 || c == 0xA0;
}

bool IsHyphen(char32_t c) {
  return c == '-' || c == 0x2010 || c == 0x2011 || c == 0x2012 || c == 0x2013 || c == 0x2212;
}

}  // namespace

std::int32_t NextChar(std::string_view text, std::size_t& at) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::size_t i = at;
  UChar32 c = 0;
  U8_NEXT(bytes, i, text.size(), c);
  at = i;
  return c;
}

bool IsForbiddenChar(char32_t c, bool multiline) {
  if (c == '\n' || c == '\t') {
    return !multiline;
  }
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
         c == 0x200F || c == 0x061C || c == 0xFEFF || (c & 0xFFFE) == 0xFFFE ||
         (c >= 0xFDD0 && c <= 0xFDEF);
}

bool IsUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (NextChar(text, at) < 0) {
      return false;
    }
  }
  return true;
}

std::size_t CountChars(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    NextChar(text, at);
  }
  return count;
}

std::optional<char32_t> FindForbidden(std::string_view text, bool multiline) {
  for (std::size_t at = 0; at < text.size();) {
    const std::int32_t c = NextChar(text, at);
    if (c < 0 || IsForbiddenChar(static_cast<char32_t>(c), multiline)) {
      return c < 0 ? U'\uFFFD' : static_cast<char32_t>(c);
    }
  }
  return std::nullopt;
}

std::string Printable(std::string_view text, bool multiline) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const std::int32_t c = NextChar(text, at);
    if (c < 0 || IsForbiddenChar(static_cast<char32_t>(c), multiline)) {
      out += "\uFFFD";
    } else {
      out.append(text.substr(from, at - from));
    }
  }
  return out;
}

std::string Nfkc(std::string_view text) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(code);
  if (U_FAILURE(code)) {
    return std::string(text);
  }
  const icu::UnicodeString folded =
      nfkc->normalize(icu::UnicodeString::fromUTF8(
                          icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size()))),
                      code);
  if (U_FAILURE(code)) {
    return std::string(text);
  }
  std::string out;
  folded.toUTF8String(out);
  return out;
}

std::string FoldForList(std::string_view text) {
  const std::string nfkc = Nfkc(text);
  std::string out;
  for (std::size_t at = 0; at < nfkc.size();) {
    const std::int32_t c = NextChar(nfkc, at);
    if (c < 0 || IsSpace(static_cast<char32_t>(c)) || IsHyphen(static_cast<char32_t>(c))) {
      continue;
    }
    Put(out, static_cast<char32_t>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
  }
  return out;
}

std::string FoldForName(std::string_view text) {
  const std::string nfkc = Nfkc(text);
  std::string out;
  for (std::size_t at = 0; at < nfkc.size();) {
    const std::int32_t c = NextChar(nfkc, at);
    if (c < 0 || IsSpace(static_cast<char32_t>(c))) {
      continue;
    }
    Put(out, static_cast<char32_t>(c >= 0x3041 && c <= 0x3096 ? c + 0x60 : c));
  }
  return out;
}

bool IsKana(std::string_view nfkc) {
  bool any = false;
  for (std::size_t at = 0; at < nfkc.size();) {
    const std::int32_t c = NextChar(nfkc, at);
    const bool kana =
        (c >= 0x3041 && c <= 0x3096) || (c >= 0x30A1 && c <= 0x30FA) || c == 0x30FC || c == 0x30FB;
    if (!kana && c != ' ') {
      return false;
    }
    any = any || kana;
  }
  return any;
}

std::string_view Trim(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const std::int32_t c = NextChar(text, at);
    if (c < 0 || !IsSpace(static_cast<char32_t>(c))) {
      begin = from < begin ? from : begin;
      end = at;
    }
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

std::string UnixLines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      out += '\n';
      i += i + 1 < text.size() && text[i + 1] == '\n' ? 1 : 0;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string Shorten(std::string_view text, std::size_t chars) {
  RENKEI_CHECK(chars > 0);
  std::size_t count = 0;
  std::size_t keep = 0;  // bytes up to chars - 1 code points
  for (std::size_t at = 0; at < text.size();) {
    NextChar(text, at);
    ++count;
    if (count < chars) {
      keep = at;
    }
    if (count > chars) {
      return std::string(text.substr(0, keep)) + "…";
    }
  }
  return std::string(text);
}

}  // namespace renkei::documents
