#include "server/backup_pages.h"

#include <algorithm>
#include <bit>
#include <fstream>

#include "crypto/base/hash.h"
#include "server/backup_manifest.h"
#include "server/store/store_files.h"

namespace renkei::server {
namespace {

using std::filesystem::path;

constexpr std::uint32_t kMinPage = 512;
constexpr std::uint32_t kMaxPage = 65536;
constexpr std::size_t kNumber = 8;

bool IsPageSize(std::uint32_t bytes) {
  return bytes >= kMinPage && bytes <= kMaxPage && std::has_single_bit(bytes);
}

void PutNumber(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
}

std::uint64_t NumberIn(std::string_view bytes) {
  std::uint64_t out = 0;
  for (const char byte : bytes) {
    out = out << 8U | static_cast<std::uint8_t>(byte);
  }
  return out;
}

// Of the database header (sqlite.org/fileformat2.html §1.3): 1 stands for 65536.
std::uint32_t PageSizeOf(std::istream& database) {
  std::string header(100, '\0');
  database.read(header.data(), static_cast<std::streamsize>(header.size()));
  const auto said = static_cast<std::uint32_t>(NumberIn(std::string_view(header).substr(16, 2)));
  return database && header.starts_with("SQLite format 3") ? (said == 1 ? kMaxPage : said) : 0;
}

// A new file, 0600; the stream is bad if it cannot be made.
std::ofstream NewFile(const path& file) {
  return WriteText(file, "") ? std::ofstream(file, std::ios::binary | std::ios::trunc)
                             : std::ofstream();
}

bool FinishFile(std::ofstream& out, const path& file) {
  const bool is_open = out.is_open();
  out.close();
  return is_open && !out.fail() && SyncFile(file);
}

}  // namespace

std::optional<PageList> HashPages(const path& database) {
  std::ifstream in(database, std::ios::binary);
  PageList out;
  out.page_bytes = PageSizeOf(in);
  if (!IsPageSize(out.page_bytes)) {
    return std::nullopt;
  }
  in.seekg(0);
  std::string page(out.page_bytes, '\0');
  while (in.read(page.data(), static_cast<std::streamsize>(page.size()))) {
    const Hash32 hash = Sha256(AsBytes(page));
    PageHash& kept = out.pages.emplace_back();
    std::copy_n(hash.begin(), kept.size(), kept.begin());
  }
  // A database ends with a page.
  return in.eof() && in.gcount() == 0 ? std::optional(std::move(out)) : std::nullopt;
}

bool WritePages(const path& file, const PageList& list) {
  std::string bytes;
  bytes.reserve(4 + list.pages.size() * sizeof(PageHash));
  PutNumber(bytes, list.page_bytes, 4);
  for (const PageHash& page : list.pages) {
    bytes.append(page.begin(), page.end());
  }
  std::ofstream out = NewFile(file);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return FinishFile(out, file);
}

std::optional<PageList> ReadPages(const path& file) {
  const auto text = ReadText(file);
  if (!text || text->size() < 4 || (text->size() - 4) % sizeof(PageHash) != 0) {
    return std::nullopt;
  }
  PageList out;
  out.page_bytes = static_cast<std::uint32_t>(NumberIn(std::string_view(*text).substr(0, 4)));
  out.pages.resize((text->size() - 4) / sizeof(PageHash));
  for (std::size_t i = 0; i < out.pages.size(); ++i) {
    std::copy_n(text->begin() + static_cast<std::ptrdiff_t>(4 + i * sizeof(PageHash)),
                sizeof(PageHash), out.pages[i].begin());
  }
  return IsPageSize(out.page_bytes) ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::uint64_t> WriteChanged(const path& database, const PageList& now,
                                          const PageList& before, const path& changed) {
  const bool is_comparable = now.page_bytes == before.page_bytes;
  std::ifstream in(database, std::ios::binary);
  std::ofstream out = NewFile(changed);
  std::string page(now.page_bytes, '\0');
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < now.pages.size(); ++i) {
    if (is_comparable && i < before.pages.size() && before.pages[i] == now.pages[i]) {
      continue;
    }
    in.seekg(static_cast<std::streamoff>(i * page.size()));
    in.read(page.data(), static_cast<std::streamsize>(page.size()));
    std::string number;
    PutNumber(number, i + 1, kNumber);
    out << number << page;
    ++count;
  }
  return FinishFile(out, changed) && in ? std::optional(count) : std::nullopt;
}

bool ApplyChanged(const path& changed, std::uint32_t page_bytes, std::uint64_t bytes,
                  const path& database) {
  if (!IsPageSize(page_bytes) || bytes % page_bytes != 0) {
    return false;
  }
  std::error_code error;
  std::filesystem::resize_file(database, bytes, error);
  std::ifstream in(changed, std::ios::binary);
  std::fstream out(database, std::ios::binary | std::ios::in | std::ios::out);
  std::string item(kNumber + page_bytes, '\0');
  while (!error && out && in.read(item.data(), static_cast<std::streamsize>(item.size()))) {
    const std::uint64_t number = NumberIn(std::string_view(item).substr(0, kNumber));
    if (number == 0 || number > bytes / page_bytes) {
      return false;
    }
    out.seekp(static_cast<std::streamoff>((number - 1) * page_bytes));
    out.write(item.data() + kNumber, static_cast<std::streamsize>(page_bytes));
  }
  out.close();
  return !error && !out.fail() && in.eof() && in.gcount() == 0;
}

}  // namespace renkei::server
