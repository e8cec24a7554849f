#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <map>

#include "server/readings.h"
#include "tests/support/temp_folder.h"

namespace renkei::server {
namespace {

class ProcessReadings : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(proc);
    std::filesystem::create_directories(cgroup / "system.slice/relay.service");
  }

  std::map<std::string, double> Read() const {
    std::map<std::string, double> out;
    for (const Reading& reading : ReadProcess(proc, cgroup)) {
      out[reading.name] = reading.value;
    }
    return out;
  }

  test::TempFolder temp{"renkei-proc"};
  const std::filesystem::path proc = temp.path() / "proc";
  const std::filesystem::path cgroup = temp.path() / "cgroup";
};

TEST_F(ProcessReadings, ComeFromTheKernelsFiles) {
  std::ofstream(proc / "statm") << "9000 25 3 1 0 4 0\n";
  std::ofstream(proc / "limits")
      << "Limit                     Soft Limit           Hard Limit           Units\n"
         "Max open files            1024                 65536                files\n";
  std::filesystem::create_directory(proc / "fd");
  for (const char* name : {"0", "1", "2"}) {
    std::ofstream(proc / "fd" / name) << "";
  }
  auto read = Read();
  EXPECT_EQ(read.at("process_resident_memory_bytes"), 25.0 * static_cast<double>(getpagesize()));
  EXPECT_EQ(read.at("process_open_fds"), 3);
  EXPECT_EQ(read.at("process_max_fds"), 1024);
}

TEST_F(ProcessReadings, TheLeastLimitOfAllGroupsAboveCounts) {
  std::ofstream(proc / "cgroup") << "0::/system.slice/relay.service\n";
  EXPECT_TRUE(std::isinf(Read().at("renkei_memory_limit_bytes")));
  std::ofstream(cgroup / "system.slice/relay.service/memory.max") << "max\n";
  EXPECT_TRUE(std::isinf(Read().at("renkei_memory_limit_bytes")));
  std::ofstream(cgroup / "system.slice/memory.max") << "3000000000\n";
  EXPECT_EQ(Read().at("renkei_memory_limit_bytes"), 3e9);
  std::ofstream(cgroup / "system.slice/relay.service/memory.max") << "2147483648\n";
  EXPECT_EQ(Read().at("renkei_memory_limit_bytes"), 2147483648.0);
}

TEST_F(ProcessReadings, WhatCannotBeReadIsLeftOut) {
  std::ofstream(proc / "statm") << "nonsense\n";
  std::ofstream(proc / "cgroup") << "1:name=systemd:/\n";
  const auto read = Read();
  EXPECT_EQ(read.size(), 1U);
  EXPECT_TRUE(std::isinf(read.at("renkei_memory_limit_bytes")));
}

TEST(ProcessReadingsOfThis, Process) {
  const std::vector<Reading> read = ReadProcess("/proc/self", "/sys/fs/cgroup");
  EXPECT_EQ(read.size(), 4U);
  for (const Reading& reading : read) {
    EXPECT_GT(reading.value, 0) << reading.name;
  }
}

}  // namespace
}  // namespace renkei::server
