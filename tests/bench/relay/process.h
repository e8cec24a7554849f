// A program that the bench starts, and what the kernel says of it.
#ifndef RENKEI_TESTS_BENCH_RELAY_PROCESS_H_
#define RENKEI_TESTS_BENCH_RELAY_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace renkei::bench {

// One thread.
class Process {
 public:
  // Starts it and waits until it says "listening on HOST:PORT" on stderr; aborts if it does not.
  static std::unique_ptr<Process> Start(const std::vector<std::string>& arguments);
  // SIGTERM, and waits.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int port() const { return port_; }
  pid_t pid() const { return pid_; }
  // Used by all of its threads so far, user and system.
  double CpuSeconds() const;
  // What it has allocated: anonymous memory in RAM.
  std::uint64_t AnonymousBytes() const;

 private:
  Process(pid_t pid, int errors, int port) : pid_(pid), errors_(errors), port_(port) {}

  const pid_t pid_;
  const int errors_;
  const int port_;
};

// Of this process.
double OwnCpuSeconds();
// As many descriptors as one may have; children inherit it.
void RaiseDescriptorLimit();

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_PROCESS_H_
