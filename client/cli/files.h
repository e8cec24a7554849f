// Files that a person names: read with a limit, written whole or not at all.
#ifndef RENKEI_CLIENT_CLI_FILES_H_
#define RENKEI_CLIENT_CLI_FILES_H_

#include <optional>
#include <string>

#include "client/cli/app.h"

namespace renkei::cli {

inline constexpr std::size_t kMaxInputBytes = std::size_t{4} * 1024 * 1024;

// The whole file; "-" is standard input. kNotFound: cannot be read; kTooLarge: over kMaxInputBytes.
Result<Bytes> ReadInput(const std::string& path);

// Makes DIR/relay (0700), refusing a directory that holds a region already, unless it is
// `unfinished`: the one whose founding was interrupted. Exit code.
int PrepareRelayFolder(App& app, const std::string& data,
                       const std::optional<client::Region>& unfinished);
// For new files of a relay that is there, or on their way to one: makes DIR/relay if it is missing;
// refuses one that is another region's. Exit code.
int OpenRelayFolder(App& app, const std::string& data, const RegionId& region);
// Writes the relay's files (0600; a file keeps its owner): all beside what is there, then each into
// its place, in their order. A disk that is full, or an owner that cannot be kept, changes nothing.
// Exit code.
int WriteRelayFiles(App& app, const std::string& data, const client::Region& region);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_FILES_H_
