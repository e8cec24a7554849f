// The tables against the source: no literal that reaches a person falls through to a general
// sentence, and no entry waits for a literal that is spelt otherwise.
#include "client/cli/sentences.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>

#include "tests/client/cli/sentences_check.h"

namespace renkei::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// literal -> code, of every `Code::kX, "literal"` below that folder.
std::map<std::string, std::string> LiteralsIn(const std::string& folder) {
  std::map<std::string, std::string> out;
  const std::regex made("Code::(k[A-Za-z]+),\\s*((?:\"[^\"]*\"\\s*)+)\\)");
  const std::regex quoted("\"([^\"]*)\"");
  for (const auto& file :
       fs::recursive_directory_iterator(std::string(RENKEI_SOURCE) + "/" + folder)) {
    if (file.path().extension() != ".cc") {
      continue;
    }
    std::ifstream in(file.path());
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    for (std::sregex_iterator it(text.begin(), text.end(), made), end; it != end; ++it) {
      const std::string parts = (*it)[2].str();
      std::string literal;
      for (std::sregex_iterator part(parts.begin(), parts.end(), quoted); part != end; ++part) {
        literal += (*part)[1].str();
      }
      out[literal] = (*it)[1].str();
    }
  }
  return out;
}

// A damaged vault and a mistake of ours have one sentence each, with the literal for whoever helps.
bool IsForWhoeverHelps(const std::string& code) {
  return code == "kCorrupt" || code == "kInternal";
}

// About what a relay or a member delivered: it reaches a person as a warning or as one of the
// notices, which have sentences of their own (notices.h), or is caught inside of its room.
bool IsAboutWhatWasDelivered(const std::string& literal) {
  constexpr std::string_view kAbout[] = {"card:",
                                         "certificates:",
                                         "credential:",
                                         "directory: archive key",
                                         "directory: c",
                                         "directory: no",
                                         "directory: t",
                                         "documents:",
                                         "envelopes:",
                                         "give back:",
                                         "group:",
                                         "mailbox:",
                                         "thread:",
                                         "no key",
                                         "no pack",
                                         "enrolment:",
                                         "vault: no such",
                                         "vault: file ",
                                         "vault: header",
                                         "vault: sealed device key damaged",
                                         "case: the relay offers another state"};
  return std::any_of(std::begin(kAbout), std::end(kAbout),
                     [&](std::string_view begin) { return literal.starts_with(begin); });
}

bool HasSentence(const std::string& literal) {
  for (const auto& table : {ErrorSentences(), CaseSentences(), VaultSentences()}) {
    for (const ErrorSentence& entry : table) {
      if (entry.where == literal) {
        return true;
      }
    }
  }
  return false;
}

TEST(SentencesTest, EveryLiteralOfTheClientThatReachesAPersonHasItsOwn) {
  auto literals = LiteralsIn("client");
  ASSERT_GT(literals.size(), 100U) << "the source is read";
  for (const auto& [literal, code] : LiteralsIn("crypto")) {
    if (literal.starts_with("invitation:")) {
      literals.emplace(literal, code);  // what a person types
    }
  }
  for (const auto& [literal, code] : literals) {
    EXPECT_TRUE(HasSentence(literal) || IsForWhoeverHelps(code) || IsAboutWhatWasDelivered(literal))
        << code << " \"" << literal << "\" has no sentence of its own";
  }
}

TEST(SentencesTest, EveryEntryIsOfALiteralThatIsMadeSomewhere) {
  auto literals = LiteralsIn("client");
  literals.merge(LiteralsIn("crypto"));
  for (const auto& table :
       {ErrorSentences(), CaseSentences(), VaultSentences(), OutboxSentences()}) {
    for (const ErrorSentence& entry : table) {
      EXPECT_EQ(literals.count(std::string(entry.where)), 1U) << entry.where;
    }
  }
}

TEST(SentencesTest, EachSaysWhatWasKeptAndWhatToDo) {
  ExpectWhole(ErrorSentences());
  ExpectWhole(OutboxSentences());
}

TEST(SentencesTest, OnlyWhoSendsTheOutboxIsToldOfIt) {
  for (const ErrorSentence& entry : OutboxSentences()) {
    EXPECT_THAT(std::string(entry.japanese), HasSubstr("送信待ち"));
    EXPECT_THAT(std::string(entry.english), HasSubstr("outbox"));
    const auto others = ErrorSentences();
    const auto other = std::find_if(others.begin(), others.end(), [&](const auto& candidate) {
      return candidate.where == entry.where;
    });
    ASSERT_NE(other, others.end()) << entry.where;
    EXPECT_THAT(std::string(other->japanese), Not(HasSubstr("送信待ち")));
    EXPECT_THAT(std::string(other->english), Not(HasSubstr("outbox")));
  }
}

}  // namespace
}  // namespace renkei::cli
