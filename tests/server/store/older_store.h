// A store as an older relay left it, made from one of today's.
#ifndef RENKEI_TESTS_SERVER_STORE_OLDER_STORE_H_
#define RENKEI_TESTS_SERVER_STORE_OLDER_STORE_H_

namespace renkei::test {

// What version 4 had in the place of what version 5 brought (server/store/migrations.cc). The
// fixtures are small; this is of any size.
inline constexpr const char* kBackToVersion4 =
    "DROP INDEX entries_by_seq; CREATE UNIQUE INDEX entries_by_seq ON entries (thread, seq);"
    "CREATE UNIQUE INDEX entries_by_key ON entries (thread, key) WHERE key IS NOT NULL;"
    "DROP TABLE key_prints; DELETE FROM meta WHERE name = 'key_prints';"
    "PRAGMA user_version = 4;";

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_STORE_OLDER_STORE_H_
