#include "tests/soak/plot.h"

#include <functional>

namespace renkei::soak {
namespace {

constexpr double kMib = 1024 * 1024;
constexpr double kSamplesAnHour = 6;

using Value = std::optional<double>;
using Look = std::function<Value(const Sample&)>;

Curve Of(const std::vector<Sample>& samples, const char* name, const char* colour,
         const Look& look) {
  Curve out{name, colour, {}};
  for (const Sample& sample : samples) {
    out.values.push_back(look(sample));
  }
  return out;
}

// Of a process that runs.
Look Use(const std::function<double(const ProcessUse&)>& look) {
  return [look](const Sample& sample) { return sample.use ? Value(look(*sample.use)) : Value(); };
}

// A time of calls, if there were any.
Look Time(double Sample::*time) {
  return [time](const Sample& sample) { return sample.*time > 0 ? Value(sample.*time) : Value(); };
}

}  // namespace

Chart Plot(const std::string& title, const std::vector<Sample>& samples,
           const std::vector<Event>& events) {
  Chart out;
  out.title = title;
  for (const Sample& sample : samples) {
    out.hours.push_back(sample.hour);
  }
  for (const Event& event : events) {
    out.markers.push_back({event.hour, event.name});
  }
  const auto curve = [&](const char* name, const char* colour, const Look& look) {
    return Of(samples, name, colour, look);
  };
  out.panels = {
      {"Memory of the relay, MiB",
       {curve("resident", "#1f77b4", Use([](const auto& use) { return use.resident_mib; })),
        curve("of it anonymous", "#d62728",
              Use([](const auto& use) { return use.anonymous_mib; }))}},
      {"Descriptors and threads of the relay",
       {curve("descriptors", "#1f77b4",
              Use([](const auto& use) { return static_cast<double>(use.descriptors); })),
        curve("threads", "#2ca02c",
              Use([](const auto& use) { return static_cast<double>(use.threads); }))}},
      {"Open watch streams",
       {curve("streams", "#9467bd", [](const Sample& sample) { return sample.streams; })}},
      {"Store, MiB",
       {curve("database", "#1f77b4",
              [](const Sample& sample) {
                return Value(static_cast<double>(sample.store.database_bytes) / kMib);
              }),
        curve("write-ahead log", "#ff7f0e",
              [](const Sample& sample) {
                return Value(static_cast<double>(sample.store.log_bytes) / kMib);
              })}},
      {"From sending to acknowledgement, ms",
       {curve("p50", "#1f77b4", Time(&Sample::p50_ms)),
        curve("p99", "#d62728", Time(&Sample::p99_ms))},
       true},
      {"Records acknowledged, by the rate of an hour",
       {curve("records an hour", "#2ca02c", [](const Sample& sample) {
         return Value(static_cast<double>(sample.acknowledged) * kSamplesAnHour);
       })}}};
  return out;
}

}  // namespace renkei::soak
