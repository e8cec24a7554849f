#include "client/cli/command_line.h"

#include "tests/client/cli/cli_fixture.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Usage : public CliFixture {};

TEST_F(Usage, EveryWrongCommandLineEndsWithTwoAndSaysWhereHelpIs) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"horoscope"},
      {"case"},
      {"case", "new"},
      {"case", "add", "CASE"},
      {"post", "CASE"},
      {"post", "CASE", "note"},
      {"ack", "RECORD"},
      {"join"},
      {"region", "init", "--relay", "127.0.0.1:1"},
      {"sync", "--unheard-of"},
  };
  for (const auto& words : wrong) {
    const Ran ran = Run("nobody", words);
    EXPECT_EQ(ran.code, kExitUsage) << testing::PrintToString(words);
    EXPECT_THAT(ran.err, HasSubstr(" --help"));
    EXPECT_THAT(ran.err, HasSubstr("Nothing was changed"));
    EXPECT_THAT(ran.out, IsEmpty());
  }
}

// The person who typed it reads Japanese, at night.
TEST_F(Usage, AWrongCommandLineIsSaidInTheUsersLanguageWithTheWord) {
  setenv("RENKEI_LANG", "ja", 1);
  const std::vector<std::pair<std::vector<std::string>, const char*>> wrong = {
      {{"dance"}, "「dance」"},
      {{"case", "ad", "CASE"}, "「ad」"},
      {{"case", "add", "CASE"}, "人（番号またはお名前）"},
      {{"post", "CASE"}, "記録の種類"},
      {{"post", "CASE", "note", "--file"}, "--file"},
      {{"ack", "RECORD"}, "--read-back"},
      {{"coverage"}, "記録の番号"},
      {{"join"}, "招待コード"},
      {{"search"}, "探す言葉"},
      {{"region", "init", "--relay", "127.0.0.1:1", "--name", "x"}, "--data"},
      {{"sync", "--unheard-of"}, "「--unheard-of」"},
  };
  for (const auto& [words, word] : wrong) {
    const Ran ran = Run("nobody", words);
    EXPECT_EQ(ran.code, kExitUsage);
    EXPECT_THAT(ran.err, HasSubstr(word)) << testing::PrintToString(words);
    EXPECT_THAT(ran.err, HasSubstr("何も変更していません"));
    EXPECT_THAT(ran.err, Not(HasSubstr("required")));
  }
}

TEST_F(Usage, WithJsonTheMistakeIsAnErrorObjectToo) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--json", "horoscope"}, {"case", "new", "--json"}}) {
    const Ran ran = Run("nobody", words);
    EXPECT_EQ(ran.code, kExitUsage);
    const auto objects = ran.Objects();
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_EQ(objects[0]["error"]["code"], "kMalformed");
  }
}

TEST_F(Usage, HelpIsNoMistakeAndNamesEveryFlagThatDecides) {
  const Ran help = Run("nobody", {"--help"});
  EXPECT_EQ(help.code, kExitDone);
  for (const char* verb :
       {"region", "institution", "join",   "staff",  "approve", "device",   "case",
        "post",   "read",        "ack",    "answer", "respond", "coverage", "sync",
        "watch",  "outbox",      "search", "status", "--vault", "--json",   "--passphrase-file"}) {
    EXPECT_THAT(help.out, HasSubstr(verb));
  }
  EXPECT_THAT(Run("nobody", {"post", "--help"}).out, HasSubstr("--other-patient"));
}

TEST_F(Usage, GlobalOptionsMayStandBehindTheVerb) {
  const std::vector<const char*> argv = {"renkei", "case", "list", "--json", "--vault", "here"};
  int code = -1;
  const auto line = ParseCommandLine(static_cast<int>(argv.size()), argv.data(), &code);
  ASSERT_TRUE(line.has_value());
  EXPECT_TRUE(line->options.json);
  EXPECT_EQ(line->options.vault_path, "here");
  EXPECT_TRUE(line->action);
}

}  // namespace
}  // namespace renkei::cli
