#include "client/documents/jahis_lines.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "client/documents/jahis_layout.h"
#include "client/documents/shift_jis.h"
#include "client/documents/text.h"

namespace renkei::documents {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::string_view kSplitRecord = "911,";
constexpr char kDosEof = '\x1A';

struct Split {
  std::string id;
  int total = 0;
  int index = 0;
};

struct Part {
  std::string_view bytes;
  std::optional<Split> split;
};

bool HasTag(std::string_view bytes) {
  return bytes.substr(0, kJahisTag.size()) == kJahisTag;
}

std::vector<std::string> Columns(std::string_view line) {
  std::vector<std::string> columns;
  while (true) {
    const std::size_t comma = line.find(',');
    columns.emplace_back(line.substr(0, comma));
    if (comma == std::string_view::npos) {
      return columns;
    }
    line.remove_prefix(comma + 1);
  }
}

// Where the last line begins.
std::size_t LastLine(std::string_view bytes) {
  const std::size_t end = bytes.rfind(kCrLf);
  return end == std::string_view::npos ? 0 : end + kCrLf.size();
}

std::string_view WithoutEnd(std::string_view bytes) {
  while (!bytes.empty() &&
         (bytes.back() == kDosEof || bytes.back() == '\n' || bytes.back() == '\r')) {
    bytes.remove_suffix(1);
  }
  return bytes;
}

// Takes a 911 record off the end of a part. False: there is one, but it cannot be read.
bool TakeSplit(Part& part) {
  const std::string_view trimmed = WithoutEnd(part.bytes);
  const std::size_t begin = LastLine(trimmed);
  if (trimmed.substr(begin, kSplitRecord.size()) != kSplitRecord) {
    return true;
  }
  const auto columns = Columns(trimmed.substr(begin));
  const int total = columns.size() > 3 ? JahisNumber(columns[2]) : 0;
  const int index = columns.size() > 3 ? JahisNumber(columns[3]) : 0;
  if (index < 1 || index > total || total > static_cast<int>(kMaxJahisParts)) {
    return false;
  }
  part.bytes = part.bytes.substr(0, begin);
  part.split = Split{columns[1], total, index};
  return true;
}

// Several parts in one file are told apart by their version lines.
std::vector<Part> SplitFiles(const std::vector<Bytes>& files) {
  std::vector<Part> parts;
  for (const Bytes& file : files) {
    std::string_view rest = AsText(file);
    while (!rest.empty()) {
      const std::string next_part = std::string(kCrLf) + std::string(kJahisTag);
      const std::size_t next = rest.find(next_part);
      const std::size_t end = next == std::string_view::npos ? rest.size() : next + kCrLf.size();
      parts.push_back({rest.substr(0, end), std::nullopt});
      rest.remove_prefix(end);
    }
  }
  return parts;
}

void Refuse(Problems& problems, const char* message_ja, const char* message_en) {
  problems.Add("", message_ja, message_en);
}

// Puts the parts of one split notebook into order. Identical repeats are fine: a QR code is easily
// read twice.
std::vector<Part> Order(std::vector<Part> parts, Problems& problems) {
  std::map<int, Part> by_index;
  const Split& first = *parts[0].split;
  for (Part& part : parts) {
    if (!part.split || part.split->id != first.id || part.split->total != first.total) {
      Refuse(problems, "別々のお薬手帳データが混ざっています（911 の固有IDか分割数が違います）",
             "parts of different notebooks are mixed (record 911)");
      return {};
    }
    const auto [place, added] = by_index.emplace(part.split->index, part);
    if (!added && place->second.bytes != part.bytes) {
      Refuse(problems, "同じ番号の分割データが 2 つあり、中身が違います（911）",
             "two different parts have the same number (record 911)");
      return {};
    }
  }
  std::vector<Part> ordered;
  std::string missing;
  for (int i = 1; i <= first.total; ++i) {
    const auto found = by_index.find(i);
    if (found == by_index.end()) {
      missing += (missing.empty() ? "" : ", ") + std::to_string(i);
    } else {
      ordered.push_back(found->second);
    }
  }
  if (!missing.empty()) {
    const std::string total = std::to_string(first.total);
    problems.Add("911",
                 "分割されたデータ " + total + " 個のうち " + missing +
                     " 番目がありません。残りの QR コードも読み取ってください",
                 "of " + total + " parts, number " + missing + " is missing (record 911)");
    return {};
  }
  return ordered;
}

// One text from the ordered parts. Each part repeats the version line; a part that does not is the
// bare continuation of the one before, which then ends where its 911 record's line break began.
std::string Join(const std::vector<Part>& parts) {
  std::string joined;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::string_view bytes = parts[i].bytes;
    if (i > 0 && HasTag(bytes)) {
      const std::size_t end = bytes.find(kCrLf);
      bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + kCrLf.size());
    } else if (i > 0 && parts[i - 1].split && joined.size() >= kCrLf.size() &&
               std::string_view(joined).substr(joined.size() - kCrLf.size()) == kCrLf) {
      joined.resize(joined.size() - kCrLf.size());
    }
    joined += bytes;
  }
  return joined;
}

bool LooksLikeUtf8(std::string_view bytes) {
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") {
    return true;
  }
  // Pairs of half-width kana can pass for two-byte UTF-8; Japanese in UTF-8 has three bytes.
  bool three_bytes = false;
  for (const char c : bytes) {
    three_bytes = three_bytes || static_cast<unsigned char>(c) >= 0xE0;
  }
  return three_bytes && IsUtf8(bytes);
}

bool CheckCharacterSet(std::string_view bytes, Problems& problems) {
  if (LooksLikeUtf8(bytes)) {
    Refuse(problems,
           "このファイルは UTF-8 です。お薬手帳データ (JAHISTC) は Shift_JIS でなければなりません",
           "this is UTF-8; medication notebook data (JAHISTC) must be Shift_JIS");
    return false;
  }
  if (bytes.find('\0') != std::string_view::npos) {
    Refuse(problems, "このファイルは Shift_JIS ではありません（UTF-16 のようです）",
           "this is not Shift_JIS (it looks like UTF-16)");
    return false;
  }
  return true;
}

bool CheckLineEnds(std::string_view bytes, Problems& problems) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool cr = bytes[i] == '\r';
    const bool lf = bytes[i] == '\n';
    if ((cr && (i + 1 >= bytes.size() || bytes[i + 1] != '\n')) ||
        (lf && (i == 0 || bytes[i - 1] != '\r'))) {
      const std::string number = std::to_string(line);
      problems.Add(number + "行目", number + " 行目の改行が CRLF ではありません",
                   "line " + number + " does not end in CRLF");
      return false;
    }
    line += lf ? 1 : 0;
  }
  return true;
}

std::vector<JahisLine> Decode(std::string_view bytes, Problems& problems) {
  std::vector<JahisLine> lines;
  for (std::size_t number = 1; !bytes.empty(); ++number) {
    const std::size_t end = bytes.find(kCrLf);
    const std::string_view raw = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + kCrLf.size());
    if (raw.empty()) {
      continue;
    }
    auto text = DecodeShiftJis(AsBytes(raw));
    if (!text) {
      const std::string shown = std::to_string(number);
      problems.Add(
          shown + "行目",
          shown + " 行目が Shift_JIS として読めません。Shift_JIS のファイルか確かめてください",
          "line " + shown + " is not Shift_JIS");
      return {};
    }
    auto columns = Columns(*text);
    lines.push_back({number, std::move(*text), std::move(columns)});
    if (lines.size() > kMaxJahisRecords) {
      Refuse(problems, "レコードが多すぎます（5000 件まで）", "more than 5000 records");
      return {};
    }
  }
  return lines;
}

}  // namespace

int JahisNumber(std::string_view text) {
  int value = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && value >= 0 ? value : -1;
}

std::vector<JahisLine> ReadJahisLines(const std::vector<Bytes>& files, Problems& problems) {
  std::size_t total = 0;
  for (const Bytes& file : files) {
    total += file.size();
    if (!CheckCharacterSet(AsText(file), problems)) {
      return {};
    }
  }
  if (total > kMaxFileBytes || files.size() > kMaxJahisParts) {
    Refuse(problems, "ファイルが大きすぎます（1 MiB まで）", "the file is over 1 MiB");
    return {};
  }
  std::vector<Part> parts = SplitFiles(files);
  bool split = false;
  for (Part& part : parts) {
    if (!TakeSplit(part)) {
      Refuse(problems, "分割制御レコード (911) が読めません", "record 911 cannot be read");
      return {};
    }
    split = split || part.split.has_value();
  }
  if (split) {
    parts = parts[0].split ? Order(std::move(parts), problems) : std::vector<Part>();
  }
  const auto tags = std::count_if(parts.begin(), parts.end(),
                                  [](const Part& part) { return HasTag(part.bytes); });
  if (problems.empty() && (parts.empty() || !HasTag(parts[0].bytes) || (!split && tags > 1))) {
    Refuse(problems, "お薬手帳データが 1 つにまとまりません。1 回に 1 つの手帳だけを渡してください",
           "not one notebook: pass the parts of one notebook only");
  }
  if (!problems.empty()) {
    return {};
  }
  const std::string joined = Join(parts);
  const std::string_view text = WithoutEnd(joined);  // the last line's end is often missing or cut
  return CheckLineEnds(text, problems) ? Decode(text, problems) : std::vector<JahisLine>();
}

bool LooksLikeJahis(ByteView file) {
  std::string_view text = AsText(file);
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    text.remove_prefix(3);
  }
  std::string ascii;  // UTF-16 too: it gets its own sentence
  for (const char c : text.substr(0, 2 * kJahisTag.size() + 2)) {
    if (c != '\0' && c != '\xFF' && c != '\xFE') {
      ascii += c;
    }
  }
  return HasTag(ascii);
}

}  // namespace renkei::documents
