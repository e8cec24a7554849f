#include "crypto/pki/names.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace renkei::pki {
namespace {

constexpr std::string_view kScheme = "renkei://";
constexpr std::string_view kRegionHost = "region/";
constexpr std::string_view kRelaySuffix = "/relay";
constexpr std::string_view kArchive = "/archive/";
constexpr std::size_t kMaxUriBytes = 200;
constexpr std::size_t kUuidTextBytes = 36;

// Reads a URI from left to right. Whether the spelling was the only one is checked by writing it
// again.
class UriReader {
 public:
  explicit UriReader(std::string_view text) : rest_(text) {}

  bool Take(std::string_view literal) {
    if (!rest_.starts_with(literal)) {
      return false;
    }
    rest_.remove_prefix(literal.size());
    return true;
  }

  template <typename T>
  bool TakeId(T& id) {
    const auto parsed = T::Parse(rest_.substr(0, kUuidTextBytes));
    if (!parsed.ok() || parsed->IsZero()) {
      return false;
    }
    id = *parsed;
    rest_.remove_prefix(kUuidTextBytes);
    return true;
  }

  bool TakeVersion(std::uint32_t& version) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), version);
    if (error != std::errc() || version == 0) {
      return false;
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

  bool AtEnd() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool ReadForm(UriForm form, UriReader& uri, SubjectIds& ids) {
  if (!uri.Take(kScheme)) {
    return false;
  }
  switch (form) {
    case UriForm::kRegion:
      return uri.Take(kRegionHost) && uri.TakeId(ids.region);
    case UriForm::kRelay:
      return uri.Take(kRegionHost) && uri.TakeId(ids.region) && uri.Take(kRelaySuffix);
    case UriForm::kInstitution:
      return uri.TakeId(ids.institution);
    case UriForm::kInstitutionArchive:
      return uri.TakeId(ids.institution) && uri.Take(kArchive) &&
             uri.TakeVersion(ids.archive_version);
    case UriForm::kPersonArchive:
      return uri.TakeId(ids.institution) && uri.Take("/") && uri.TakeId(ids.person) &&
             uri.Take(kArchive) && uri.TakeVersion(ids.archive_version);
    case UriForm::kDevice:
      return uri.TakeId(ids.institution) && uri.Take("/") && uri.TakeId(ids.person) &&
             uri.Take("/") && uri.TakeId(ids.device);
  }
  return false;
}

// One code point of valid UTF-8 (RFC 3629: shortest form, no surrogates), or nothing.
std::optional<char32_t> TakeCodePoint(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || text.size() < length) {
    return std::nullopt;
  }
  char32_t value = length == 1 ? first : first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) {
      return std::nullopt;
    }
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) {
    return std::nullopt;
  }
  text.remove_prefix(length);
  return value;
}

struct Range {
  char32_t first;
  char32_t last;
};

// Characters with which a name can look like another one or break a line: controls, invisible and
// direction characters, separators, noncharacters and private use. Variation selectors stay:
// Japanese names need them (葛 has two shapes).
constexpr Range kRefused[] = {
    {0x00, 0x1F},       {0x7F, 0x9F},        {0xAD, 0xAD},       {0x034F, 0x034F},
    {0x061C, 0x061C},   {0x115F, 0x1160},    {0x17B4, 0x17B5},   {0x180B, 0x180F},
    {0x200B, 0x200F},   {0x2028, 0x202E},    {0x2060, 0x206F},   {0x3164, 0x3164},
    {0xE000, 0xF8FF},   {0xFDD0, 0xFDEF},    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},    {0x1D173, 0x1D17A}, {0xE0000, 0xE00FF},
    {0xE01F0, 0xE0FFF}, {0xF0000, 0x10FFFF},
};

bool IsRefused(char32_t c) {
  return std::any_of(std::begin(kRefused), std::end(kRefused),
                     [&](const Range& r) { return c >= r.first && c <= r.last; });
}

bool IsSpace(char32_t c) {
  return c == 0x20 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

// OpenSSL and gRPC take a common name like this for a DNS name when there is no other, and an
// institution's CA is not allowed any (README "Name constraints").
bool LooksLikeHost(std::string_view name) {
  const auto host_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return name.find('.') != std::string_view::npos &&
         std::all_of(name.begin(), name.end(), host_character);
}

}  // namespace

std::string FormatUri(UriForm form, const SubjectIds& ids) {
  std::string out(kScheme);
  switch (form) {
    case UriForm::kRegion:
      return out.append(kRegionHost).append(ids.region.Text());
    case UriForm::kRelay:
      return out.append(kRegionHost).append(ids.region.Text()).append(kRelaySuffix);
    case UriForm::kInstitution:
      return out.append(ids.institution.Text());
    case UriForm::kInstitutionArchive:
      return out.append(ids.institution.Text())
          .append(kArchive)
          .append(std::to_string(ids.archive_version));
    case UriForm::kPersonArchive:
      return out.append(ids.institution.Text())
          .append("/")
          .append(ids.person.Text())
          .append(kArchive)
          .append(std::to_string(ids.archive_version));
    case UriForm::kDevice:
      return out.append(ids.institution.Text())
          .append("/")
          .append(ids.person.Text())
          .append("/")
          .append(ids.device.Text());
  }
  return out;
}

Result<SubjectIds> ParseUri(UriForm form, std::string_view uri) {
  SubjectIds ids;
  UriReader reader(uri);
  if (uri.size() > kMaxUriBytes || !ReadForm(form, reader, ids) || !reader.AtEnd() ||
      FormatUri(form, ids) != uri) {
    return Error(Code::kMalformed, "pki: URI");
  }
  return ids;
}

std::string RelayDnsName(const RegionId& region) {
  return "relay." + region.Text() + ".renkei.internal";
}

Status CheckName(std::string_view name) {
  std::string_view rest = name;
  std::size_t characters = 0;
  bool after_space = false;
  while (!rest.empty()) {
    const bool first = characters == 0;
    const auto c = TakeCodePoint(rest);
    if (!c.has_value() || IsRefused(*c) || (first && IsSpace(*c))) {
      return Error(Code::kMalformed, "pki: name has a character that is not allowed");
    }
    after_space = IsSpace(*c);
    ++characters;
  }
  if (characters == 0 || characters > kMaxNameCharacters || after_space) {
    return Error(Code::kMalformed, "pki: name is empty, too long or ends with a space");
  }
  if (LooksLikeHost(name)) {
    return Error(Code::kMalformed, "pki: name looks like a host name");
  }
  return Ok();
}

}  // namespace renkei::pki
