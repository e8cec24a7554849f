// The sentence for each kind of mistake; that every verb gets one: command_line_test.
#include "client/cli/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace renkei::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class UsageSentences : public testing::Test {
 protected:
  void SetUp() override { setenv("RENKEI_LANG", "ja", 1); }
  void TearDown() override { unsetenv("RENKEI_LANG"); }

  // What a small program of the same shape says to these words.
  static std::string Said(const std::vector<const char*>& words) {
    CLI::App root("", "renkei");
    root.require_subcommand(1);
    root.fallthrough();
    std::string text;
    int number = 0;
    CLI::App* group = root.add_subcommand("case", "");
    group->require_subcommand(1);
    CLI::App* add = group->add_subcommand("add", "");
    add->add_option("person", text)->required();
    CLI::App* post = root.add_subcommand("post", "");
    post->add_option("--file", text)->required();
    CLI::Option* plan = post->add_option("--plan", text);
    post->add_option("--rounds", number)->check(CLI::Range(1, 10))->excludes(plan);
    std::vector<const char*> argv = {"renkei"};
    argv.insert(argv.end(), words.begin(), words.end());
    try {
      root.parse(static_cast<int>(argv.size()), argv.data());
    } catch (const CLI::ParseError& problem) {
      return UsageSentence(root, problem);
    }
    return "";
  }
};

TEST_F(UsageSentences, NameAWordThatIsNotUnderstoodAndWhatIs) {
  EXPECT_THAT(Said({"dance"}), AllOf(HasSubstr("「dance」は分かりません"), HasSubstr("case post")));
  EXPECT_THAT(Said({"case", "ad"}), AllOf(HasSubstr("「ad」"), HasSubstr("使えるもの: add")));
  EXPECT_THAT(Said({"post", "--file", "x", "--fiel", "y"}), HasSubstr("「--fiel」"));
}

TEST_F(UsageSentences, NameWhatIsMissing) {
  EXPECT_THAT(Said({"case", "add"}), HasSubstr("指定が足りません: 人（番号またはお名前）"));
  EXPECT_THAT(Said({"post"}), HasSubstr("指定が足りません: --file"));
  EXPECT_THAT(Said({"case"}), AllOf(HasSubstr("何をするか"), HasSubstr("add")));
  EXPECT_THAT(Said({}), HasSubstr("使えるもの: case post"));
}

TEST_F(UsageSentences, NameTheOptionWhoseValueIsMissingOrWrong) {
  EXPECT_THAT(Said({"post", "--file"}), HasSubstr("正しくありません: --file"));
  EXPECT_THAT(Said({"post", "--file", "x", "--rounds", "11"}),
              HasSubstr("正しくありません: --rounds"));
  EXPECT_THAT(Said({"post", "--file", "x", "--rounds", "many"}), HasSubstr("--rounds"));
  EXPECT_THAT(Said({"post", "--file", "x", "--rounds", "1", "--plan", "y"}),
              AllOf(HasSubstr("一緒には使えません"), HasSubstr("--plan"), HasSubstr("--rounds")));
}

TEST_F(UsageSentences, SendToTheHelpOfTheVerbThatWasMeant) {
  EXPECT_THAT(Said({"case", "add"}), HasSubstr("renkei case add --help"));
  EXPECT_THAT(Said({"dance"}), HasSubstr("renkei --help"));
}

TEST_F(UsageSentences, HaveNothingOfTheLibrarysEnglish) {
  for (const auto& words : std::vector<std::vector<const char*>>{{},
                                                                 {"dance"},
                                                                 {"case"},
                                                                 {"case", "add"},
                                                                 {"post"},
                                                                 {"post", "--file"},
                                                                 {"post", "--file", "x", "y"}}) {
    const std::string said = Said(words);
    for (const char* english : {"required", "expected", "argument", "subcommand", "missing"}) {
      EXPECT_THAT(said, Not(HasSubstr(english)));
    }
    EXPECT_THAT(said, HasSubstr("何も変更していません"));
  }
  setenv("RENKEI_LANG", "en", 1);
  EXPECT_THAT(Said({"dance"}),
              AllOf(HasSubstr("\"dance\" is not understood"), HasSubstr("Nothing was changed")));
}

TEST_F(UsageSentences, DoNotLetAWordDriveTheTerminal) {
  EXPECT_THAT(Said({"\x1b[2Jdance"}), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace renkei::cli
