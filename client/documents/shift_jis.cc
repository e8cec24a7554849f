#include "client/documents/shift_jis.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/unistr.h>

#include <array>
#include <memory>
#include <utility>

#include "client/documents/text.h"

namespace renkei::documents {
namespace {

// CP932 with 5C and 7E as in ASCII.
constexpr char kConverter[] = "ibm-943_P15A-2003";

// JIS X 0208 characters whose Unicode differs between JIS tables (first) and CP932 (second).
constexpr std::array<std::pair<char32_t, char32_t>, 7> kWindowsForms = {{{0x301C, 0xFF5E},
                                                                         {0x2016, 0x2225},
                                                                         {0x2212, 0xFF0D},
                                                                         {0x00A2, 0xFFE0},
                                                                         {0x00A3, 0xFFE1},
                                                                         {0x00AC, 0xFFE2},
                                                                         {0x2014, 0x2015}}};

struct Closer {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, Closer>;

Converter Open() {
  UErrorCode code = U_ZERO_ERROR;
  Converter converter(ucnv_open(kConverter, &code));
  RENKEI_CHECK(U_SUCCESS(code));  // part of ICU's data
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &code);
  ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                        &code);
  ucnv_setFallback(converter.get(), false);
  RENKEI_CHECK(U_SUCCESS(code));
  return converter;
}

bool IsAscii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return false;
    }
  }
  return true;
}

std::string Utf8Of(char32_t c) {
  std::string out;
  icu::UnicodeString(static_cast<UChar32>(c)).toUTF8String(out);
  return out;
}

// Appends one character; false: CP932 does not have it.
bool EncodeOne(UConverter* converter, std::string_view character, Bytes& out) {
  if (IsAscii(character)) {
    Append(out, AsBytes(character));
    return true;
  }
  const icu::UnicodeString utf16 = icu::UnicodeString::fromUTF8(
      icu::StringPiece(character.data(), static_cast<std::int32_t>(character.size())));
  char buffer[8];
  UErrorCode code = U_ZERO_ERROR;
  const std::int32_t length =
      ucnv_fromUChars(converter, buffer, sizeof(buffer), utf16.getBuffer(), utf16.length(), &code);
  if (U_FAILURE(code) || length <= 0) {
    return false;
  }
  Append(out, AsBytes(std::string_view(buffer, static_cast<std::size_t>(length))));
  return true;
}

}  // namespace

std::optional<std::string> DecodeShiftJis(ByteView bytes) {
  if (IsAscii(AsText(bytes))) {
    return ToString(bytes);  // IBM's table swaps a few control characters
  }
  const Converter converter = Open();
  std::u16string buffer(bytes.size() + 1, u'\0');
  UErrorCode code = U_ZERO_ERROR;
  const std::int32_t length = ucnv_toUChars(
      converter.get(), buffer.data(), static_cast<std::int32_t>(buffer.size()),
      reinterpret_cast<const char*>(bytes.data()), static_cast<std::int32_t>(bytes.size()), &code);
  if (U_FAILURE(code)) {
    return std::nullopt;
  }
  std::string out;
  icu::UnicodeString(buffer.data(), length).toUTF8String(out);
  return out;
}

ShiftJisText EncodeShiftJis(std::string_view utf8) {
  const Converter converter = Open();
  ShiftJisText text;
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t from = at;
    const std::int32_t c = NextChar(utf8, at);
    std::string character(utf8.substr(from, at - from));
    for (const auto& [jis, windows] : kWindowsForms) {
      if (c >= 0 && static_cast<char32_t>(c) == jis) {
        character = Utf8Of(windows);
      }
    }
    if (c < 0 || !EncodeOne(converter.get(), character, text.bytes)) {
      return {{}, Printable(character, false)};
    }
  }
  return text;
}

}  // namespace renkei::documents
