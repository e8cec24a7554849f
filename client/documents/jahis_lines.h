// From the bytes of a notebook (or of its parts) to decoded lines: character set, line ends, split
// records (911). Free functions; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_JAHIS_LINES_H_
#define RENKEI_CLIENT_DOCUMENTS_JAHIS_LINES_H_

#include <string>
#include <string_view>
#include <vector>

#include "client/documents/jahis.h"
#include "client/documents/problems.h"

namespace renkei::documents {

struct JahisLine {
  std::size_t number = 0;  // from 1, in the joined text
  std::string text;        // UTF-8, without line end
  std::vector<std::string> columns;
};

// A record, RP or version number; -1: anything but digits.
int JahisNumber(std::string_view text);

// Joins the parts, checks that they are Shift_JIS with CRLF, and decodes. Empty lines are left out.
// On problems the result is not to be used.
std::vector<JahisLine> ReadJahisLines(const std::vector<Bytes>& parts, Problems& problems);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_JAHIS_LINES_H_
