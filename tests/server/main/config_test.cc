#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace renkei::server {
namespace {

using testing::HasSubstr;

TEST(Settings, EmptyFileIsAllDefaults) {
  const auto loaded = ParseSettings("", "file");
  ASSERT_TRUE(loaded.settings);
  EXPECT_EQ(loaded.settings->calls_per_second, Settings().calls_per_second);
  EXPECT_EQ(loaded.settings->log_level, "info");
}

TEST(Settings, EverySettingIsTaken) {
  const auto loaded = ParseSettings(
      "[limits]\ncalls_per_second = 7\ncalls_burst = 8\n[store]\nmax_waiting = 100\n"
      "max_batch = 9\nreaders = 2\n[server]\ndrain_seconds = 0\n"
      "data = \"/srv/relay\"\nlisten = \"127.0.0.1:1\"\n[log]\nlevel = \"warn\"\n",
      "file");
  ASSERT_TRUE(loaded.settings) << loaded.problem;
  EXPECT_EQ(loaded.settings->calls_per_second, 7U);
  EXPECT_EQ(loaded.settings->calls_burst, 8U);
  EXPECT_EQ(loaded.settings->max_waiting, 100U);
  EXPECT_EQ(loaded.settings->max_batch, 9U);
  EXPECT_EQ(loaded.settings->readers, 2U);
  EXPECT_EQ(loaded.settings->drain_seconds, 0U);
  EXPECT_EQ(loaded.settings->data, "/srv/relay");
  EXPECT_EQ(loaded.settings->listen, "127.0.0.1:1");
  EXPECT_EQ(loaded.settings->log_level, "warn");
}

std::string ProblemOf(const std::string& text) {
  const auto loaded = ParseSettings(text, "relay.toml");
  EXPECT_FALSE(loaded.settings) << text;
  return loaded.problem;
}

TEST(Settings, WrongOneIsNamedWithItsLine) {
  EXPECT_THAT(ProblemOf("[limits]\n\ncalls_per_second = 0\n"), HasSubstr("relay.toml line 3"));
  EXPECT_THAT(ProblemOf("[limits]\ncalls_per_second = 0\n"), HasSubstr("limits.calls_per_second"));
  EXPECT_THAT(ProblemOf("[limits]\ncalls_per_second = 100001\n"), HasSubstr("from 1 to 100000"));
  EXPECT_THAT(ProblemOf("[limits]\ncalls_per_second = \"many\"\n"), HasSubstr("whole number"));
  EXPECT_THAT(ProblemOf("[limits]\ncalls_per_second = 1.5\n"), HasSubstr("whole number"));
  EXPECT_THAT(ProblemOf("[limits]\ncals_per_second = 1\n"), HasSubstr("not a setting"));
  EXPECT_THAT(ProblemOf("[limit]\ncalls_per_second = 1\n"), HasSubstr("not a setting"));
  EXPECT_THAT(ProblemOf("calls_per_second = 1\n"), HasSubstr("outside of a [section]"));
  EXPECT_THAT(ProblemOf("[log]\nlevel = \"loud\"\n"), HasSubstr("line 2"));
  EXPECT_THAT(ProblemOf("[server]\nlisten = \"4711\"\n"),
              HasSubstr("server.listen must be HOST:PORT"));
  EXPECT_THAT(ProblemOf("[server]\ndata = \"here\"\n"), HasSubstr("absolute"));
  EXPECT_THAT(ProblemOf("[server]\ndata = 1\n"), HasSubstr("absolute"));
  EXPECT_THAT(ProblemOf("[log\n"), HasSubstr("relay.toml line 1"));
}

TEST(Settings, FileThatIsNotThereIsTold) {
  EXPECT_THAT(LoadSettings("/nonexistent/relay.toml").problem, HasSubstr("cannot be read"));
}

// A file of comments, sections and `name = value`, line by line: what the test below needs to see.
struct Line {
  std::string name;
  std::string value;
  std::string above;  // the comment
};

std::vector<Line> LinesOf(const std::string& text) {
  std::vector<Line> out;
  std::string section;
  std::string comment;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find(" = ");
    if (line.starts_with('#')) {
      comment += line + "\n";
    } else if (line.starts_with('[')) {
      section = line.substr(1, line.find(']') - 1);
    } else if (equals != std::string::npos) {
      out.push_back({section + "." + line.substr(0, equals), line.substr(equals + 3), comment});
      comment.clear();
    } else {
      comment.clear();
    }
  }
  return out;
}

TEST(InstalledSettings, HaveEachKnownSettingOnceWithItsDefaultAndWhatIsAllowed) {
  std::ifstream in(RENKEI_RELAY_TOML);
  std::stringstream text;
  text << in.rdbuf();
  ASSERT_TRUE(ParseSettings(text.str(), "relay.toml").settings)
      << ParseSettings(text.str(), "relay.toml").problem;
  const std::vector<Line> lines = LinesOf(text.str());
  const std::vector<KnownSetting> known = KnownSettings();
  EXPECT_EQ(lines.size(), known.size());
  for (const KnownSetting& setting : known) {
    const auto line = std::find_if(lines.begin(), lines.end(),
                                   [&](const Line& item) { return item.name == setting.name; });
    ASSERT_NE(line, lines.end()) << setting.name;
    EXPECT_EQ(line->value, setting.value) << setting.name;
    EXPECT_THAT(line->above, HasSubstr("# Allowed: " + setting.allowed + "\n")) << setting.name;
    EXPECT_GE(std::count(line->above.begin(), line->above.end(), '\n'), 2) << setting.name;
  }
}

TEST(Settings, OfOperationsAreTaken) {
  const auto loaded = ParseSettings(
      "[server]\nreflection = true\n[tls]\nreload_seconds = 0\n[health]\nprobe_seconds = 2\n"
      "probe_timeout_seconds = 3\n[metrics]\nlisten = \"127.0.0.1:0\"\n[log]\nformat = \"json\"\n",
      "file");
  ASSERT_TRUE(loaded.settings) << loaded.problem;
  EXPECT_TRUE(loaded.settings->reflection);
  EXPECT_EQ(loaded.settings->reload_seconds, 0U);
  EXPECT_EQ(loaded.settings->probe_seconds, 2U);
  EXPECT_EQ(loaded.settings->probe_timeout_seconds, 3U);
  EXPECT_EQ(loaded.settings->metrics_listen, "127.0.0.1:0");
  EXPECT_EQ(loaded.settings->log_format, "json");
  EXPECT_THAT(ProblemOf("[server]\nreflection = 1\n"), HasSubstr("true or false"));
  EXPECT_THAT(ProblemOf("[log]\nformat = \"xml\"\n"), HasSubstr("\"text\", \"json\""));
  EXPECT_THAT(ProblemOf("[metrics]\nlisten = \"localhost:1\"\n"), HasSubstr("IP:PORT"));
}

TEST(MetricsAddress, IsOffOrOneAddress) {
  for (const char* good : {"off", "127.0.0.1:4712", "[::1]:0"}) {
    EXPECT_TRUE(IsMetricsAddress(good)) << good;
  }
  for (const char* bad : {"", "on", "4712", ":4712", "localhost:4712", "[::1:4712",
                          "127.0.0.1:", "[127.0.0.1]:1", "::1:4712"}) {
    EXPECT_FALSE(IsMetricsAddress(bad)) << bad;
  }
}

TEST(ListenAddress, IsHostAndPort) {
  EXPECT_TRUE(IsListenAddress("127.0.0.1:4711"));
  EXPECT_TRUE(IsListenAddress("[::1]:0"));
  EXPECT_TRUE(IsListenAddress("relay.example:65535"));
  for (const char* bad :
       {"", ":", "host", "host:", ":4711", "host:65536", "host:port", "host:-1"}) {
    EXPECT_FALSE(IsListenAddress(bad)) << bad;
  }
}

}  // namespace
}  // namespace renkei::server
