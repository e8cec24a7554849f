#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <sstream>
#include <system_error>

#include "server/readings.h"

namespace renkei::server {
namespace {

using std::filesystem::path;

std::optional<std::string> FirstLine(const path& file) {
  std::ifstream in(file);
  std::string line;
  return std::getline(in, line) ? std::optional(line) : std::nullopt;
}

std::optional<double> Number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [last, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && last == text.data() + text.size()
             ? std::optional(static_cast<double>(value))
             : std::nullopt;
}

// Its second number: resident pages (proc(5)).
std::optional<double> ResidentBytes(const path& proc) {
  std::istringstream words(FirstLine(proc / "statm").value_or(""));
  double total = 0;
  double resident = 0;
  if (!(words >> total >> resident)) {
    return std::nullopt;
  }
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::optional<double> OpenDescriptors(const path& proc) {
  std::error_code failed;
  double count = 0;
  for (std::filesystem::directory_iterator at(proc / "fd", failed), end; !failed && at != end;
       at.increment(failed)) {
    ++count;
  }
  return failed ? std::nullopt : std::optional(count);
}

std::optional<double> MostDescriptors(const path& proc) {
  std::ifstream in(proc / "limits");
  const std::string name = "Max open files";
  for (std::string line; std::getline(in, line);) {
    std::string soft;
    if (line.starts_with(name) && std::istringstream(line.substr(name.size())) >> soft) {
      return Number(soft);
    }
  }
  return std::nullopt;
}

// The smallest limit from this group up to the root (cgroup v2: "0::/system.slice/x.service").
double MemoryLimit(const path& proc, const path& cgroup) {
  double least = std::numeric_limits<double>::infinity();
  const std::string line = FirstLine(proc / "cgroup").value_or("");
  if (!line.starts_with("0::/")) {
    return least;
  }
  for (path group = path(line.substr(4));; group = group.parent_path()) {
    const std::optional<std::string> limit = FirstLine(cgroup / group / "memory.max");
    least = std::min(least, Number(limit.value_or("max")).value_or(least));
    if (group.empty()) {
      return least;
    }
  }
}

void Add(std::vector<Reading>& out, const char* name, const char* help,
         std::optional<double> value) {
  if (value) {
    out.push_back({name, help, Reading::Kind::kGauge, *value, "", ""});
  }
}

}  // namespace

std::vector<Reading> ReadProcess(const path& proc, const path& cgroup) {
  std::vector<Reading> out;
  Add(out, "process_resident_memory_bytes", "Memory of the relay.", ResidentBytes(proc));
  Add(out, "renkei_memory_limit_bytes",
      "What the relay's control group may take (MemoryMax); +Inf: no limit.",
      MemoryLimit(proc, cgroup));
  Add(out, "process_open_fds", "Descriptors in use: connections and files.", OpenDescriptors(proc));
  Add(out, "process_max_fds", "Descriptors that the relay may use.", MostDescriptors(proc));
  return out;
}

}  // namespace renkei::server
