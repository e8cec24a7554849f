// What a program does before it opens a vault: where things are, and that nothing leaks from
// memory. Functions; call them in main before other threads start (they read the environment).
#ifndef RENKEI_CLIENT_VAULT_PROCESS_H_
#define RENKEI_CLIENT_VAULT_PROCESS_H_

#include <string>

#include "crypto/base/result.h"

namespace renkei::client {

// $XDG_DATA_HOME/renkei/default, or ~/.local/share/renkei/default. kUnavailable: no $HOME either.
Result<std::string> DefaultVaultDirectory();

// $RENKEI_DEVICE_KEYS, or $XDG_STATE_HOME/renkei/device-keys, or ~/.local/state/renkei/device-keys.
// kUnavailable: none of them and no $HOME.
Result<std::string> DefaultDeviceKeyDirectory();

// How to reach the TPM: $RENKEI_TPM_TCTI as libtss2-tctildr reads it, or "device:/dev/tpmrm0".
// Empty where the variable is "none": no TPM is to be asked.
std::string TpmTcti();

// No core dumps, no reading of this process's memory by others of the same user, and every new file
// for the user alone (umask); the TPM's library, which can print what it handles, prints nothing.
// Call it first. kUnavailable: the system refused; go no further.
Status HardenProcess();

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_PROCESS_H_
