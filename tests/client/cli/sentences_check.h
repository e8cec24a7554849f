// What every sentence towards a person has: what happened, what was kept or that nothing changed,
// what to do; in both languages.
#ifndef RENKEI_TESTS_CLIENT_CLI_SENTENCES_CHECK_H_
#define RENKEI_TESTS_CLIENT_CLI_SENTENCES_CHECK_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "client/cli/sentences.h"

namespace renkei::cli {

inline void ExpectSaysWhatWasKept(std::string_view japanese, std::string_view english,
                                  std::string_view where) {
  using testing::AnyOf;
  using testing::HasSubstr;
  EXPECT_THAT(std::string(japanese),
              AnyOf(HasSubstr("残って"), HasSubstr("残して"), HasSubstr("残しました"),
                    HasSubstr("失われた記録はありません"), HasSubstr("何も"),
                    HasSubstr("していません"), HasSubstr("いません"), HasSubstr("そのまま")))
      << where;
  EXPECT_THAT(
      std::string(english),
      AnyOf(HasSubstr("kept"), HasSubstr("othing was"), HasSubstr("othing is lost"),
            HasSubstr("was not approved"), HasSubstr("did not start"), HasSubstr("was not done")))
      << where;
}

inline void ExpectSaysWhatToDo(std::string_view japanese, std::string_view english,
                               std::string_view where) {
  using testing::AnyOf;
  using testing::HasSubstr;
  EXPECT_THAT(std::string(japanese), AnyOf(HasSubstr("ください"), HasSubstr("要りません"),
                                           HasSubstr("renkei "), HasSubstr("例:")))
      << where;
  EXPECT_THAT(
      std::string(english),
      AnyOf(HasSubstr("nothing is to be done"), HasSubstr("Nothing is to be done"),
            HasSubstr("ask"), HasSubstr("Ask"), HasSubstr("run `"), HasSubstr("Run `"),
            HasSubstr("tell"), HasSubstr("Tell"), HasSubstr("heck"), HasSubstr("try again"),
            HasSubstr("again"), HasSubstr("name "), HasSubstr("shorten"), HasSubstr("horten"),
            HasSubstr("update"), HasSubstr("Update"), HasSubstr("write"), HasSubstr("Write"),
            HasSubstr("Examples"), HasSubstr("give the"), HasSubstr("look at"), HasSubstr("enrol"),
            HasSubstr("set "), HasSubstr("fill in"), HasSubstr("use "), HasSubstr("renkei "),
            HasSubstr("end "), HasSubstr("Talk to")))
      << where;
}

// A whole table: no sentence short of a part, none twice.
inline void ExpectWhole(std::span<const ErrorSentence> table) {
  std::set<std::string_view> seen;
  EXPECT_GT(table.size(), 3U);
  for (const ErrorSentence& entry : table) {
    EXPECT_TRUE(seen.insert(entry.where).second) << entry.where << " is there twice";
    EXPECT_NE(entry.japanese, entry.english);
    ExpectSaysWhatWasKept(entry.japanese, entry.english, entry.where);
    ExpectSaysWhatToDo(entry.japanese, entry.english, entry.where);
  }
}

}  // namespace renkei::cli

#endif  // RENKEI_TESTS_CLIENT_CLI_SENTENCES_CHECK_H_
