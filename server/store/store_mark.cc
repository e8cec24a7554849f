#include "server/store/store_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace renkei::server {
namespace {

constexpr std::string_view kMagic = "RNKMARK1";
constexpr std::size_t kSlotBytes = 512;  // a disk's sector: written whole or not at all
constexpr std::size_t kSlots = 2;
constexpr std::size_t kUsed = 8 + 8 + 2 * (8 + kHashBytes) + 8 + 8;
// How often the file is given to the disk while there is work. The next commit's flush takes it
// along; nobody waits for it.
constexpr std::chrono::milliseconds kSendEvery{50};

void Put(Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
  }
}

std::uint64_t TakeNumber(ByteView& in) {
  std::uint64_t out = 0;
  for (const std::uint8_t byte : in.first(8)) {
    out = out << 8U | byte;
  }
  in = in.subspan(8);
  return out;
}

template <std::size_t N>
void TakeArray(ByteView& in, ByteArray<N>& out) {
  std::copy_n(in.begin(), N, out.begin());
  in = in.subspan(N);
}

// Fields, their hash, zeros.
Bytes Slot(std::uint64_t count, const StoreMark& mark) {
  Bytes out = ToBytes(kMagic);
  Put(out, count);
  for (const MarkedRow* row : {&mark.entry, &mark.audit}) {
    Put(out, row->number);
    Append(out, row->hash);
  }
  Append(out, mark.log.salts);
  Put(out, mark.log.frames);
  RENKEI_CHECK(out.size() == kUsed);
  Append(out, Sha256(out));
  out.resize(kSlotBytes);
  return out;
}

struct Counted {
  std::uint64_t count = 0;
  StoreMark mark;
};

std::optional<Counted> ParseSlot(ByteView slot) {
  const Hash32 hash = Sha256(slot.first(kUsed));
  if (!std::equal(hash.begin(), hash.end(), slot.begin() + kUsed) ||
      !std::equal(kMagic.begin(), kMagic.end(), slot.begin())) {
    return std::nullopt;
  }
  ByteView rest = slot.subspan(kMagic.size());
  Counted out;
  out.count = TakeNumber(rest);
  for (MarkedRow* row : {&out.mark.entry, &out.mark.audit}) {
    row->number = TakeNumber(rest);
    TakeArray(rest, row->hash);
  }
  TakeArray(rest, out.mark.log.salts);
  out.mark.log.frames = TakeNumber(rest);
  return out;
}

Result<MarkedRow> Newest(Database& database, const char* sql) {
  Query query(database, sql);
  RENKEI_ASSIGN(const bool found, query.Next());
  MarkedRow out;
  if (found) {
    out.number = query.Count();
    query.Read(out.hash);
    RENKEI_TRY(query.Finish());
  }
  return out;
}

Result<bool> HasRow(Database& database, const char* sql, const MarkedRow& row) {
  if (row.number == 0) {
    return true;
  }
  Query query(database, sql);
  query.BindCount(row.number);
  RENKEI_ASSIGN(const bool found, query.Next());
  return found && std::ranges::equal(query.Blob(), row.hash);
}

std::filesystem::path With(const std::filesystem::path& file, const char* suffix) {
  return file.string() + suffix;
}

}  // namespace

std::optional<StoreMark> ReadMark(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return std::nullopt;
  }
  std::optional<Counted> newest;
  for (std::size_t i = 0; i < kSlots; ++i) {
    std::array<std::uint8_t, kSlotBytes> slot{};
    const ssize_t got =
        pread(descriptor, slot.data(), slot.size(), static_cast<off_t>(i * kSlotBytes));
    const auto parsed = got == static_cast<ssize_t>(slot.size()) ? ParseSlot(slot) : std::nullopt;
    if (parsed && (!newest || parsed->count > newest->count)) {
      newest = parsed;
    }
  }
  close(descriptor);
  return newest ? std::optional(newest->mark) : std::nullopt;
}

Result<StoreMark> MarkOf(Database& database) {
  StoreMark out;
  RENKEI_ASSIGN(out.entry,
                Newest(database, "SELECT id, hash FROM entries ORDER BY id DESC LIMIT 1"));
  RENKEI_ASSIGN(out.audit,
                Newest(database, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"));
  return out;
}

bool LogReaches(const std::filesystem::path& log, const std::optional<StoreMark>& mark) {
  const std::optional<LogReading> reading = ReadLog(log);
  if (!reading || reading->is_damaged) {
    return false;
  }
  // Another life of the log began after everything in the marked one was in the database.
  return !mark || mark->log.frames == 0 || mark->log.salts != reading->committed.salts ||
         mark->log.frames <= reading->committed.frames;
}

Result<bool> HoldsMark(Database& database, const StoreMark& mark) {
  RENKEI_ASSIGN(const bool has_entry,
                HasRow(database, "SELECT hash FROM entries WHERE id = ?", mark.entry));
  RENKEI_ASSIGN(const bool has_audit,
                HasRow(database, "SELECT hash FROM audit WHERE seq = ?", mark.audit));
  return has_entry && has_audit;
}

std::unique_ptr<MarkFile> MarkFile::Open(const std::filesystem::path& database_file,
                                         const StoreMark& now) {
  const int descriptor =
      open(With(database_file, kMarkSuffix).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return nullptr;
  }
  // SQLite has its own on the same file; closing this one drops none of SQLite's locks, which are
  // on the database and on -shm.
  const int log = open(With(database_file, kLogSuffix).c_str(), O_RDONLY | O_CLOEXEC);
  std::unique_ptr<MarkFile> out(new MarkFile(descriptor, log, now));
  // One slot after the other: whatever dies in between, one is whole. From here on the file has its
  // blocks, so that a full disk is not in the way of a mark.
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    if (!out->Write(slot) || fsync(descriptor) != 0) {
      return nullptr;
    }
  }
  return out;
}

MarkFile::~MarkFile() {
  close(descriptor_);
  if (log_ >= 0) {
    close(log_);
  }
}

void MarkFile::Committed(const std::optional<MarkedRow>& entry,
                         const std::optional<MarkedRow>& audit, int log_frames) {
  mark_.entry = entry.value_or(mark_.entry);
  mark_.audit = audit.value_or(mark_.audit);
  mark_.log = {ReadSalts(log_), static_cast<std::uint64_t>(log_frames)};
  Write(count_ % kSlots);
  const auto now = std::chrono::steady_clock::now();
  if (now - sent_ >= kSendEvery) {
    sent_ = now;
    (void)sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);
  }
}

bool MarkFile::Write(std::size_t slot) {
  const Bytes bytes = Slot(++count_, mark_);
  return pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(slot * kSlotBytes)) ==
         static_cast<ssize_t>(bytes.size());
}

}  // namespace renkei::server
