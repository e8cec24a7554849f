#include "crypto/base/labels.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace renkei::labels {
namespace {

TEST(Labels, NoneIsThePrefixOfAnother) {
  for (const std::string_view a : kAll) {
    for (const std::string_view b : kAll) {
      EXPECT_TRUE(a.data() == b.data() || !b.starts_with(a)) << a << " / " << b;
    }
  }
}

TEST(Labels, EachSaysWhoseAndWhichVersion) {
  for (const std::string_view label : kAll) {
    const bool ours = label.starts_with("Renkei 1.0 ") ||
                      (label.starts_with("renkei ") && label.ends_with(" v1"));
    EXPECT_TRUE(ours) << label;
    EXPECT_LT(label.size(), 64U) << label;  // one length byte in SignContent
  }
}

// Every string literal in the header, and only those, stands in the table.
TEST(Labels, TableIsComplete) {
  std::ifstream in(std::string(RENKEI_SOURCE_DIR) + "/crypto/base/labels.h");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::regex literal("string_view k\\w+\\s*=\\s*\"([^\"]+)\"");
  std::multiset<std::string> written;
  for (std::sregex_iterator it(text.begin(), text.end(), literal), end; it != end; ++it) {
    written.insert((*it)[1]);
  }
  EXPECT_THAT(written, testing::UnorderedElementsAreArray(kAll.begin(), kAll.end()));
}

// A label spelled anywhere else could be prefix of one of these without anybody noticing.
TEST(Labels, NoOtherFileSpellsOne) {
  const std::regex spelled("\"[^\"\n]*(Renkei 1\\.0 |renkei [a-z ]+ v[0-9])");
  std::size_t files = 0;
  for (const char* top : {"crypto", "server", "client"}) {
    const std::filesystem::path root = std::filesystem::path(RENKEI_SOURCE_DIR) / top;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::string name = entry.path().filename().string();
      const std::string extension = entry.path().extension().string();
      if ((extension != ".h" && extension != ".cc") || name == "labels.h") {
        continue;
      }
      ++files;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        const bool comment = line.find("//") < line.find('"');
        EXPECT_TRUE(comment || !std::regex_search(line, spelled)) << entry.path() << ": " << line;
      }
    }
  }
  EXPECT_GT(files, 20U);
}

}  // namespace
}  // namespace renkei::labels
