// Result<T>: a value or an Error that says what the caller does next (CONTRIBUTING.md "Errors").
// Nothing here throws. Immutable values; any thread.
#ifndef RENKEI_CRYPTO_BASE_RESULT_H_
#define RENKEI_CRYPTO_BASE_RESULT_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

namespace renkei {

// What the caller does next, not what went wrong inside.
enum class Code : std::uint8_t {
  kMalformed,    // drop it: not what the format allows
  kAuthFailed,   // drop it: tag, signature, chain or passphrase; deliberately not told apart
  kStaleEpoch,   // sync, then try again
  kFutureEpoch,  // keep the bytes, sync, then try again
  kUnsupported,  // drop it: valid, but not spoken here
  kNotFound,     // tell the user
  kConflict,     // tell the user: somebody else was first
  kDenied,       // tell the user: policy or role forbids it
  kTooLarge,     // tell the user: over a named limit
  kThrottled,    // wait, then retry
  kUnavailable,  // retry later; what was to be sent is kept
  kCorrupt,      // rebuild the cache from the relay
  kInternal,     // our bug
};

// The name of a code for logs and JSON, e.g. "kMalformed".
const char* CodeName(Code code);

// `where` is a literal (consteval), so no name, text or key can ever enter an error.
class [[nodiscard]] Error {
 public:
  consteval Error(Code code, const char* where) : where_(where), code_(code) {}
  constexpr Code code() const { return code_; }
  constexpr const char* where() const { return where_; }

 private:
  const char* where_;
  Code code_;
};

// For our own bugs only, never for input: prints the place and aborts, in every build.
[[noreturn]] void CheckFailed(const char* expression, const char* file, int line);

#define RENKEI_CHECK(expression) \
  ((expression) ? (void)0 : ::renkei::CheckFailed(#expression, __FILE__, __LINE__))

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<1>, error) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const Error& error() const {
    RENKEI_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  T& value() & {
    RENKEI_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    RENKEI_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    RENKEI_CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(error) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    RENKEI_CHECK(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;
inline Status Ok() {
  return {};
}

}  // namespace renkei

// Returns the error of `expression` (a Status or Result) from the enclosing function.
#define RENKEI_TRY(expression)                                    \
  do {                                                            \
    if (auto renkei_status = (expression); !renkei_status.ok()) { \
      return renkei_status.error();                               \
    }                                                             \
  } while (false)

#define RENKEI_CONCAT_INNER(a, b) a##b
#define RENKEI_CONCAT(a, b) RENKEI_CONCAT_INNER(a, b)
#define RENKEI_ASSIGN_INNER(lhs, expression, name) \
  auto name = (expression);                        \
  if (!name.ok()) {                                \
    return name.error();                           \
  }                                                \
  lhs = std::move(name).value()

// RENKEI_ASSIGN(auto x, F()); binds the value of F() or returns its error.
#define RENKEI_ASSIGN(lhs, expression) \
  RENKEI_ASSIGN_INNER(lhs, expression, RENKEI_CONCAT(renkei_result_, __COUNTER__))

#endif  // RENKEI_CRYPTO_BASE_RESULT_H_
