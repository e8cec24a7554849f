// What a person is told about where their vault's device key lies. Keyed by the words of
// client/vault (DeviceKeyFormName), which main.cc hands over. Functions; any thread.
#ifndef RENKEI_CLIENT_CLI_DEVICE_KEY_H_
#define RENKEI_CLIENT_CLI_DEVICE_KEY_H_

#include <string>
#include <string_view>

namespace renkei::cli {

// Whether `form` is the weaker one, as everything but "tpm" is.
bool IsWeakerForm(std::string_view form);

// A sentence or two in the user's language: how the key is kept, and for the weaker form what that
// means and what can be done. Of an unknown word as of "file".
std::string DeviceKeySentence(std::string_view form);

// Whether the person must be told at once, when the vault is made: a TPM was there and refused.
bool IsSurprisingForm(std::string_view form);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_DEVICE_KEY_H_
