#include "tests/crash/damage.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "crypto/base/result.h"

namespace renkei::crash {
namespace {

using std::filesystem::path;

constexpr std::uint64_t kFrame = 4096 + 24;

std::uint64_t Below(Dice& dice, std::uint64_t limit) {
  return limit == 0 ? 0 : dice() % limit;
}

void Overwrite(const path& file, std::uint64_t at, const std::string& bytes) {
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(static_cast<std::streamoff>(at));
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  RENKEI_CHECK(out.good());
}

std::string Garbage(Dice& dice, std::size_t size) {
  std::string out(size, '\0');
  for (char& byte : out) {
    byte = static_cast<char>(dice());
  }
  return out;
}

void FlipOneBit(const path& file, std::uint64_t at, Dice& dice) {
  std::fstream in(file, std::ios::binary | std::ios::in);
  in.seekg(static_cast<std::streamoff>(at));
  const int byte = in.get();
  in.close();
  Overwrite(file, at, std::string(1, static_cast<char>(byte ^ (1 << Below(dice, 8)))));
}

// Of the log, without the room behind its last frame (server/store/log_room.h): what is damaged
// there harms nobody. 0: there is no log.
std::uint64_t WrittenOf(const path& log) {
  std::ifstream in(log, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  const std::size_t last = all.find_last_not_of('\0');
  return last == std::string::npos ? 0 : last + 1;
}

}  // namespace

std::string TearLog(const path& store, Dice& dice) {
  const path log = store / "relay.db-wal";
  const std::uint64_t size = WrittenOf(log);
  if (size <= 32) {
    return "";
  }
  // Mostly the last transactions, now and then anything.
  const std::uint64_t reach = dice() % 4 == 0 ? size : std::min(size, kFrame * 40);
  const std::uint64_t at = size - 1 - Below(dice, reach);
  const std::string place =
      std::to_string(at) + " of " + std::to_string(size) + " bytes of the log";
  switch (dice() % 5) {
    case 0:
      std::filesystem::resize_file(log, at);
      return "cut at " + place;
    case 1:
      std::filesystem::resize_file(log, at / kFrame * kFrame + 32);
      return "cut between frames near " + place;
    case 2:
      Overwrite(log, at, std::string(size - at, '\0'));
      return "zeros from " + place;
    case 3:
      Overwrite(log, at, Garbage(dice, std::min<std::uint64_t>(size - at, 3 * kFrame)));
      return "garbage at " + place;
    default:
      Overwrite(log, size, Garbage(dice, 1 + Below(dice, 2 * kFrame)));
      return "garbage behind the log";
  }
}

std::string FlipBits(const path& store, Dice& dice) {
  path file = store / "relay.db";
  std::uint64_t size = std::filesystem::file_size(file);
  const std::uint64_t log = WrittenOf(store / "relay.db-wal");
  if (log > 32 && dice() % 3 == 0) {
    file = store / "relay.db-wal";
    size = log;
  }
  std::string said = "bits of " + file.filename().string() + " at";
  const std::uint64_t count = 1 + Below(dice, 4);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = Below(dice, size);
    FlipOneBit(file, at, dice);
    said += " " + std::to_string(at);
  }
  return said;
}

Saved::Saved(const path& store) : store_(store), copy_(store.parent_path() / "saved") {
  std::filesystem::remove_all(copy_);
  std::filesystem::copy(store_, copy_, std::filesystem::copy_options::recursive);
}

void Saved::PutBack() const {
  std::filesystem::remove_all(store_);
  std::filesystem::copy(copy_, store_, std::filesystem::copy_options::recursive);
}

}  // namespace renkei::crash
