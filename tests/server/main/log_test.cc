#include "server/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace renkei::server {
namespace {

constexpr std::chrono::system_clock::time_point kTime{std::chrono::milliseconds(1714566896789)};

TEST(JsonLine, IsOneObjectOnOneLine) {
  EXPECT_EQ(
      JsonLine(kTime, "info", "stopping: 3 streams"),
      R"({"time":"2024-05-01T12:34:56.789Z","level":"info","message":"stopping: 3 streams"})");
}

TEST(JsonLine, WhateverTheMessageHolds) {
  const std::string message = "a \"quoted\"\nline\\ \t\x01 \xff end";
  const std::string line = JsonLine(kTime, "warning", message);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line, nullptr, false);
  ASSERT_TRUE(json.is_object()) << line;
  EXPECT_EQ(json["message"], "a \"quoted\"\nline\\ \t\x01 \xEF\xBF\xBD end");
}

TEST(WithoutAddresses, NobodysAddressStays) {
  EXPECT_EQ(WithoutAddresses("Handshake failed"), "Handshake failed");
  EXPECT_EQ(WithoutAddresses(""), "");
  EXPECT_EQ(WithoutAddresses("peer ipv4:192.0.2.1:4711 is gone"), "peer ipv4:- is gone");
  EXPECT_EQ(WithoutAddresses("ipv6:[2001:db8::7%eth0]:50, ipv4:192.0.2.1"), "ipv6:-, ipv4:-");
  EXPECT_EQ(WithoutAddresses("ipv4:"), "ipv4:-");
}

}  // namespace
}  // namespace renkei::server
