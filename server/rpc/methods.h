// What the relay serves, by name. Functions; any thread.
#ifndef RENKEI_SERVER_RPC_METHODS_H_
#define RENKEI_SERVER_RPC_METHODS_H_

#include <string>
#include <vector>

namespace renkei::server {

// "renkei.relay.v1.Threads", for each service.
std::vector<std::string> ServiceNames();
// "Threads.Append", for each call of each service.
std::vector<std::string> MethodNames();

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_METHODS_H_
