// Requests and answers of mls_peer as JSON objects, the way protocol buffers map to JSON, but with
// bytes in lowercase hexadecimal. A field that is absent has its default. A field of the wrong type
// or out of range throws BadField out of the call, which is then an error answer.
#ifndef RENKEI_TESTS_INTEROP_PEER_FIELDS_H_
#define RENKEI_TESTS_INTEROP_PEER_FIELDS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/mls/extension.h"

namespace renkei::interop {

using Json = nlohmann::json;

struct BadField : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

// A view of one object.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  Bytes GetBytes(const char* name) const;
  std::string GetText(const char* name) const;
  bool GetFlag(const char* name) const;
  // Numbers, or the same in a string, as 64-bit fields are written.
  std::uint32_t GetU32(const char* name) const;
  std::uint64_t GetU64(const char* name) const;
  std::vector<Bytes> GetBytesList(const char* name) const;
  std::vector<Fields> GetList(const char* name) const;
  Fields GetObject(const char* name) const;
  // { extension_type, extension_data } each.
  mls::Extensions GetExtensions(const char* name) const;

 private:
  // Null: absent.
  const Json* Find(const char* name) const;

  const Json& object_;
};

}  // namespace renkei::interop

#endif  // RENKEI_TESTS_INTEROP_PEER_FIELDS_H_
