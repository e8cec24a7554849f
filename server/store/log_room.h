// Room for the write-ahead log, taken before anybody waits for it. While the log's file grows each
// fsync has to write the file's new size too, a second round trip to the disk for each
// acknowledgement: the first thousands after a start are the slow ones. SQLite overwrites what is
// there, and takes nothing behind the last whole transaction for a frame.
#ifndef RENKEI_SERVER_STORE_LOG_ROOM_H_
#define RENKEI_SERVER_STORE_LOG_ROOM_H_

#include <cstdint>
#include <filesystem>

namespace renkei::server {

// As large as the log usually becomes (checkpointer.h): 4,096 pages, each after its frame's header.
inline constexpr std::uint64_t kUsualLogBytes = 4096 * (4096 + 24) + 32;
// Of the disk, at least so much more must be free.
inline constexpr std::uint64_t kFreeForLogRoom = std::uint64_t{1} << 30U;

// Writes zeros behind the end of `log`, which has a synced header, until it has `bytes`, and syncs
// it. False: the disk has less than `free` to spare, or did not take it; no harm is done. Nobody
// writes the log meanwhile.
bool MakeLogRoom(const std::filesystem::path& log, std::uint64_t bytes = kUsualLogBytes,
                 std::uint64_t free = kFreeForLogRoom);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_LOG_ROOM_H_
