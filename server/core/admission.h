// Whether a call may begin now: rates, bytes, and how much is under way, of each device and its
// institution; of callers without a certificate, of each address and of all together
// (server/README.md "Bounds"). Constant memory, however many come: each table has a size, and
// whoever has not come for the longest time is forgotten first.
#ifndef RENKEI_SERVER_CORE_ADMISSION_H_
#define RENKEI_SERVER_CORE_ADMISSION_H_

#include <array>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

#include "server/core/address.h"
#include "server/core/caller.h"
#include "server/core/meter.h"
#include "server/core/rate_limiter.h"

namespace renkei::server {

// What changes the directory is told to every device of the region, and read by it: a certificate,
// much more so a revocation list (up to 256 KiB).
struct Allowance {
  Rate calls;
  Rate kib;  // of requests and answers, watch streams included
  std::uint32_t under_way = 0;
  std::uint32_t streams = 0;  // open at once
  Rate news = {1, 10'000};    // Use::news: 5,000 certificates at once and one in two seconds, or 50
                              // lists and one in 200 seconds
};

// An honest clinic never meets these (server/README.md "Settings"); 0 streams: none.
struct AdmissionLimits {
  Allowance device = {{200, 2000}, {8'000, 256'000}, 256, 4};
  Allowance institution = {{2000, 20000}, {80'000, 2'560'000}, 2560, 10000};
  Allowance address = {{5, 50}, {64, 1 << 10}, 16, 0};
  Allowance strangers = {{200, 1000}, {4 << 10, 64 << 10}, 128, 0};
};

// For whoever measures without them.
AdmissionLimits NoLimits();

// Together: a Limit of meter.h.
enum class Party : std::uint8_t { kDevice, kInstitution, kAddress, kStrangers };
enum class Measure : std::uint8_t { kCalls, kBytes, kUnderWay, kStreams, kNews };
constexpr Limit LimitOf(Party party, Measure measure) {
  return static_cast<Limit>(static_cast<int>(party) * 5 + static_cast<int>(measure));
}
static_assert(LimitOf(Party::kStrangers, Measure::kNews) == Limit::kStrangersNews);

// What a call is to cost. `weight`: in calls; one that makes others work costs more.
struct Use {
  std::uint64_t bytes = 0;
  std::uint32_t weight = 1;
  bool is_stream = false;
  std::uint32_t news = 0;  // what every device of the region will hear of and read
};

// Any thread. Must outlive its passes.
class Admission {
 private:
  struct Account;

 public:
  explicit Admission(const AdmissionLimits& limits);
  ~Admission();

  struct Refused {
    Limit limit;
    Millis wait;  // how long until it is worth trying again; above 0
  };
  // As long as it lives the call is under way.
  class Pass {
   public:
    Pass(Pass&& other) noexcept;
    Pass& operator=(Pass&&) = delete;
    ~Pass();
    // Bytes that were sent back; the party may come into debt. Nothing after End().
    void Spend(std::uint64_t bytes, Millis now);
    // The call is over. For whoever tells somebody so, after which the admission may go.
    void End();

   private:
    friend class Admission;
    struct Undo;
    explicit Pass(std::unique_ptr<Undo> undo);
    std::unique_ptr<Undo> undo_;
  };
  using Verdict = std::variant<Pass, Refused>;

  // All limits hold, or nothing is taken from any.
  Verdict Enter(const Caller& caller, const Use& use, Millis now);
  // One message of a stream that has a pass already: rates and bytes, nothing more is under way.
  std::optional<Refused> Message(const Caller& caller, const Use& use, Millis now);
  Verdict EnterStranger(const AddressKey& address, const Use& use, Millis now);

  // Parties that are remembered, for tests.
  std::size_t size() const;

  static constexpr std::size_t kMaxDevices = 20000;
  static constexpr std::size_t kMaxInstitutions = 4096;
  static constexpr std::size_t kMaxAddresses = 4096;

 private:
  using Key = ByteArray<kIdBytes>;
  class Table;
  struct Side {
    std::shared_ptr<Account> account;
    const Allowance* allowance = nullptr;
    Party party = Party::kDevice;
  };

  Verdict EnterBoth(std::array<Side, 2> sides, const Use& use, Millis now);
  std::array<Side, 2> SidesOf(const Caller& caller);
  static void Spend(const Side& side, const Use& use, Millis now);
  static std::optional<Refused> CheckRates(const Side& side, const Use& use, Millis now);
  static std::optional<Refused> Check(const Side& side, const Use& use, Millis now);

  const AdmissionLimits limits_;
  mutable std::mutex mutex_;
  std::unique_ptr<Table> devices_;
  std::unique_ptr<Table> institutions_;
  std::unique_ptr<Table> addresses_;
  std::shared_ptr<Account> strangers_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ADMISSION_H_
