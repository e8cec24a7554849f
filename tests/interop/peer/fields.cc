#include "tests/interop/peer/fields.h"

#include <charconv>
#include <limits>
#include <utility>

namespace renkei::interop {
namespace {

const Json& NoObject() {
  static const Json empty = Json::object();
  return empty;
}

Bytes FromText(const Json& value, const char* name) {
  if (!value.is_string()) {
    throw BadField(std::string(name) + " is not a string");
  }
  auto bytes = FromHex(value.get_ref<const std::string&>());
  if (!bytes.ok()) {
    throw BadField(std::string(name) + " is not hexadecimal");
  }
  return std::move(bytes).value();
}

const Json& AsArray(const Json& value, const char* name) {
  if (!value.is_array()) {
    throw BadField(std::string(name) + " is not a list");
  }
  return value;
}

}  // namespace

const Json* Fields::Find(const char* name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

Bytes Fields::GetBytes(const char* name) const {
  const Json* value = Find(name);
  return value == nullptr ? Bytes() : FromText(*value, name);
}

std::string Fields::GetText(const char* name) const {
  const Json* value = Find(name);
  if (value != nullptr && !value->is_string()) {
    throw BadField(std::string(name) + " is not a string");
  }
  return value == nullptr ? std::string() : value->get<std::string>();
}

bool Fields::GetFlag(const char* name) const {
  const Json* value = Find(name);
  if (value != nullptr && !value->is_boolean()) {
    throw BadField(std::string(name) + " is not true or false");
  }
  return value != nullptr && value->get<bool>();
}

std::uint64_t Fields::GetU64(const char* name) const {
  const Json* value = Find(name);
  if (value == nullptr) {
    return 0;
  }
  if (value->is_number_unsigned()) {
    return value->get<std::uint64_t>();
  }
  std::uint64_t number = 0;
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && at == end) {
      return number;
    }
  }
  throw BadField(std::string(name) + " is not a number");
}

std::uint32_t Fields::GetU32(const char* name) const {
  const std::uint64_t number = GetU64(name);
  if (number > std::numeric_limits<std::uint32_t>::max()) {
    throw BadField(std::string(name) + " is too large");
  }
  return static_cast<std::uint32_t>(number);
}

std::vector<Bytes> Fields::GetBytesList(const char* name) const {
  std::vector<Bytes> out;
  if (const Json* value = Find(name); value != nullptr) {
    for (const Json& entry : AsArray(*value, name)) {
      out.push_back(FromText(entry, name));
    }
  }
  return out;
}

std::vector<Fields> Fields::GetList(const char* name) const {
  std::vector<Fields> out;
  if (const Json* value = Find(name); value != nullptr) {
    for (const Json& entry : AsArray(*value, name)) {
      if (!entry.is_object()) {
        throw BadField(std::string(name) + " holds something else than objects");
      }
      out.emplace_back(entry);
    }
  }
  return out;
}

Fields Fields::GetObject(const char* name) const {
  const Json* value = Find(name);
  if (value != nullptr && !value->is_object()) {
    throw BadField(std::string(name) + " is not an object");
  }
  return Fields(value == nullptr ? NoObject() : *value);
}

mls::Extensions Fields::GetExtensions(const char* name) const {
  mls::Extensions out;
  for (const Fields& entry : GetList(name)) {
    const std::uint32_t type = entry.GetU32("extension_type");
    if (type > std::numeric_limits<std::uint16_t>::max()) {
      throw BadField("extension_type is too large");
    }
    out.push_back({static_cast<mls::ExtensionType>(type), entry.GetBytes("extension_data")});
  }
  return out;
}

}  // namespace renkei::interop
