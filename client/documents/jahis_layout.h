// The record types of the medication notebook text and where each column goes (JAHIS tables 3-9 to
// 3-32, as published parsers describe them [8]). Immutable; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_JAHIS_LAYOUT_H_
#define RENKEI_CLIENT_DOCUMENTS_JAHIS_LAYOUT_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace renkei::documents {

struct JahisColumn {
  std::string_view field;  // of the message the record goes to; "": handled by the record itself
  std::size_t bytes = 0;   // limit in Shift_JIS
};

struct JahisRecord {
  int number = 0;
  std::string_view label;
  std::vector<JahisColumn> columns;  // behind the record number
};

// By number, ascending. 911 is not among them: joining parts takes it away.
const std::vector<JahisRecord>& JahisRecords();
// Null: no such record type.
const JahisRecord* FindJahisRecord(int number);

inline constexpr std::string_view kJahisTag = "JAHISTC";
inline constexpr int kJahisNewestVersion = 8;  // JAHISTC08, Ver 2.6

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_JAHIS_LAYOUT_H_
