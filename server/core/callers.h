// Who a TLS client certificate is, checked at every call: chain, role, time, revocation, whether it
// was published. The chain is verified once for each certificate; what can change is looked at
// each time.
#ifndef RENKEI_SERVER_CORE_CALLERS_H_
#define RENKEI_SERVER_CORE_CALLERS_H_

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/core/caller.h"
#include "server/core/directory.h"

namespace renkei::server {

// A caller whose chain was verified. Immutable but for what it remembers of the last check.
struct Credential {
  Credential(const Caller& the_caller, const pki::Certificate& certificate, std::uint64_t count)
      : caller(the_caller),
        leaf(certificate),
        valid_from(certificate.not_before()),
        valid_until(certificate.not_after()),
        checked_at_count(count) {}

  Caller caller;
  pki::Certificate leaf;
  Millis valid_from;
  Millis valid_until;
  mutable std::atomic<std::uint64_t> checked_at_count;  // Directory::revocation_count + 1
};

// Any thread.
class Callers {
 public:
  Callers(Store& store, const Clock& clock, Directory& directory)
      : store_(store), clock_(clock), directory_(directory) {}

  // leaf_pem: the peer's certificate as TLS verified it; chain_pem: what it sent, leaf included,
  // or empty.
  //   kAuthFailed   not a valid device TLS certificate of this region
  //   kUnavailable  the store does not answer
  Result<std::shared_ptr<const Credential>> Authenticate(std::string_view leaf_pem,
                                                         std::string_view chain_pem);
  // Still within its time and not revoked. For streams.
  bool StillValid(const Credential& credential) const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  Result<std::shared_ptr<const Credential>> Verify(std::string_view leaf_pem,
                                                   std::string_view chain_pem) const;
  std::shared_ptr<const Credential> Known(std::string_view leaf_pem);
  // Refused a moment ago: whoever goes on calling must not make us verify each time.
  bool IsRefused(std::string_view leaf_pem) const;
  void Remember(std::string_view leaf_pem);

  Store& store_;
  const Clock& clock_;
  Directory& directory_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Millis, TextHash, std::equal_to<>> refused_;  // when
  std::unordered_map<std::string, std::shared_ptr<const Credential>, TextHash, std::equal_to<>>
      known_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_CALLERS_H_
