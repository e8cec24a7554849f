#include "server/log.h"

#include <grpc/support/log.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/log_repeats.h"

namespace renkei::server {
namespace {

constexpr const char* kJson = "json";

std::string_view ViewOf(const spdlog::string_view_t& text) {
  return {text.data(), text.size()};
}

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const std::string line =
        JsonLine(message.time, ViewOf(spdlog::level::to_string_view(message.level)),
                 ViewOf(message.payload)) +
        "\n";
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

// Hands on what LogRepeats lets through, and says how much it did not.
class RepeatsSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit RepeatsSink(spdlog::sink_ptr out) : out_(std::move(out)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    for (const LogRepeats::LeftOut& left_out : repeats_.TakeLeftOut(message.time)) {
      const std::string text =
          "left out " + std::to_string(left_out.times) + " times: " + left_out.text;
      out_->log({message.time, {}, message.logger_name, spdlog::level::warn, text});
    }
    if (repeats_.Take(ViewOf(message.payload), message.time)) {
      out_->log(message);
    }
  }
  void flush_() override { out_->flush(); }
  void set_pattern_(const std::string& pattern) override { out_->set_pattern(pattern); }
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    out_->set_formatter(std::move(formatter));
  }

 private:
  const spdlog::sink_ptr out_;
  LogRepeats repeats_;
};

// What gRPC has to say, a failed handshake say. By default it says errors only.
void LogOfGrpc(gpr_log_func_args* said) {
  const spdlog::level::level_enum level =
      said->severity == GPR_LOG_SEVERITY_ERROR ? spdlog::level::warn : spdlog::level::debug;
  spdlog::log(level, "grpc: {}", WithoutAddresses(said->message));
}

}  // namespace

Log::Log(const Settings& settings) {
  auto logger = std::make_shared<spdlog::logger>(
      "relay", std::make_shared<RepeatsSink>(std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  if (settings.log_format == kJson) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  }
  logger->set_level(spdlog::level::from_str(settings.log_level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  gpr_set_log_function(LogOfGrpc);
}

Log::~Log() {
  gpr_set_log_function(nullptr);
}

void SayAlways(const Settings& settings, std::string_view level, const std::string& sentence) {
  const std::string line = settings.log_format == kJson
                               ? JsonLine(std::chrono::system_clock::now(), level, sentence)
                               : sentence;
  std::fprintf(stderr, "%s\n", line.c_str());
}

std::string JsonLine(std::chrono::system_clock::time_point time, std::string_view level,
                     std::string_view message) {
  const auto since =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(since / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ", static_cast<int>(since % 1000));
  nlohmann::ordered_json line;
  line["time"] = text.data();
  line["level"] = level;
  line["message"] = message;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string WithoutAddresses(std::string_view message) {
  std::string out;
  while (!message.empty()) {
    const std::size_t at = std::min(message.find("ipv4:"), message.find("ipv6:"));
    out += message.substr(0, at);
    if (at == std::string_view::npos) {
      break;
    }
    out += message.substr(at, 5);
    out += '-';
    const std::size_t end = message.find_first_of(" ,;\"')\n\t", at);
    message.remove_prefix(end == std::string_view::npos ? message.size() : end);
  }
  return out;
}

}  // namespace renkei::server
