#include "server/store/log_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

namespace renkei::server {
namespace {

constexpr std::size_t kLogHeader = 32;
constexpr std::size_t kFrameHeader = 24;
constexpr std::uint32_t kMagic = 0x377f0682;  // the last bit: checksums over big-endian words
constexpr std::uint32_t kFormat = 3007000;
constexpr std::uint32_t kMinPage = 512;
constexpr std::uint32_t kMaxPage = 65536;

std::uint32_t BigEndian(ByteView bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24U | std::uint32_t{bytes[at + 1]} << 16U |
         std::uint32_t{bytes[at + 2]} << 8U | std::uint32_t{bytes[at + 3]};
}

struct Checksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  friend bool operator==(const Checksum&, const Checksum&) = default;
};

Checksum ChecksumAt(ByteView bytes, std::size_t at) {
  return {BigEndian(bytes, at), BigEndian(bytes, at + 4)};
}

class File {
 public:
  explicit File(const std::filesystem::path& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) {
      close(descriptor_);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  // All of `out`, or false: it ends before that, or cannot be read.
  bool Read(std::uint64_t at, std::span<std::uint8_t> out) {
    while (!out.empty()) {
      const ssize_t got = pread(descriptor_, out.data(), out.size(), static_cast<off_t>(at));
      if (got <= 0) {
        failed_ = failed_ || got < 0;
        return false;
      }
      out = out.subspan(static_cast<std::size_t>(got));
      at += static_cast<std::uint64_t>(got);
    }
    return true;
  }
  bool failed() const { return failed_; }

 private:
  const int descriptor_;
  bool failed_ = false;
};

class LogReader {
 public:
  explicit LogReader(File& file) : file_(file) {}

  LogReading Read() {
    LogReading out;
    std::array<std::uint8_t, kLogHeader> header{};
    if (!file_.Read(0, header)) {
      return out;  // no frame can be behind it
    }
    if (!TakeHeader(header)) {
      out.is_damaged = file_.Read(kLogHeader, frame_);
      return out;
    }
    out.committed.salts = salts_;
    std::uint64_t number = 1;
    for (Checksum before = seed_; ReadFrame(number) && IsNext(before); ++number) {
      before = ChecksumAt(frame_, 16);
      if (EndsTransaction()) {
        out.committed.frames = number;
      }
    }
    out.is_damaged = HasFollowedEnd(number);
    return out;
  }

 private:
  bool TakeHeader(ByteView header) {
    is_big_endian_ = (BigEndian(header, 0) & 1U) != 0;
    const std::uint32_t page = BigEndian(header, 8);
    if ((BigEndian(header, 0) & ~1U) != kMagic || BigEndian(header, 4) != kFormat ||
        page < kMinPage || page > kMaxPage || !std::has_single_bit(page)) {
      return false;
    }
    seed_ = Sum({}, header.first(24));
    std::copy_n(header.begin() + 16, salts_.size(), salts_.begin());
    frame_.resize(kFrameHeader + page);
    return seed_ == ChecksumAt(header, 24);
  }
  bool ReadFrame(std::uint64_t number) {
    return file_.Read(kLogHeader + (number - 1) * frame_.size(), frame_);
  }
  // Of the frame that was read last.
  bool IsOfThisLife() const {
    return BigEndian(frame_, 0) != 0 &&
           std::equal(salts_.begin(), salts_.end(), frame_.begin() + 8);
  }
  bool EndsTransaction() const { return BigEndian(frame_, 4) != 0; }
  bool IsNext(const Checksum& before) const {
    if (!IsOfThisLife()) {
      return false;
    }
    const ByteView frame(frame_);
    const Checksum sum = Sum(before, frame.first(8));
    return Sum(sum, frame.subspan(kFrameHeader)) == ChecksumAt(frame_, 16);
  }
  // From `number` on: the end of a transaction with a frame behind it that continues its checksum,
  // so that it was written after it. What an earlier life or a broken-off transaction left there
  // does not continue one.
  bool HasFollowedEnd(std::uint64_t number) {
    std::optional<Checksum> end;
    for (; ReadFrame(number); ++number) {
      if (end && IsNext(*end)) {
        return true;
      }
      end.reset();
      if (IsOfThisLife() && EndsTransaction()) {
        end = ChecksumAt(frame_, 16);
      }
    }
    return false;
  }
  Checksum Sum(Checksum sum, ByteView words) const {
    const bool is_native = is_big_endian_ == (std::endian::native == std::endian::big);
    for (std::size_t i = 0; i + 8 <= words.size(); i += 8) {
      std::uint32_t pair[2];
      std::memcpy(pair, words.data() + i, sizeof(pair));
      sum.first += (is_native ? pair[0] : __builtin_bswap32(pair[0])) + sum.second;
      sum.second += (is_native ? pair[1] : __builtin_bswap32(pair[1])) + sum.first;
    }
    return sum;
  }

  File& file_;
  bool is_big_endian_ = false;
  ByteArray<8> salts_{};
  Checksum seed_;
  // Until the header was read: the smallest.
  Bytes frame_ = Bytes(kFrameHeader + kMinPage);
};

}  // namespace

std::optional<LogReading> ReadLog(const std::filesystem::path& log) {
  std::error_code ignored;
  if (!std::filesystem::exists(log, ignored)) {
    return LogReading{};
  }
  File file(log);
  if (!file.is_open()) {
    return std::nullopt;
  }
  const LogReading out = LogReader(file).Read();
  return file.failed() ? std::nullopt : std::optional(out);
}

ByteArray<8> ReadSalts(int descriptor) {
  ByteArray<8> out{};
  if (pread(descriptor, out.data(), out.size(), 16) != static_cast<ssize_t>(out.size())) {
    out.fill(0);
  }
  return out;
}

}  // namespace renkei::server
