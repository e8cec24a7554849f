// The MLS working group's test interface on stdin and stdout, one JSON object a line each way:
//   {"rpc":"CreateGroup","req":{"group_id":"6162","cipher_suite":3,"identity":"61"}}
//   {"ok":true,"resp":{"state_id":1}}
// Calls, fields and what they mean: tests/interop/peer/peer.h. Ends with its input.
#include <iostream>
#include <string>

#include "tests/interop/peer/peer.h"

int main() {
  renkei::InitCrypto();
  std::ios::sync_with_stdio(false);
  renkei::SystemRandom random;
  const renkei::SystemClock clock;
  renkei::interop::Peer peer(random, clock);
  for (std::string line; std::getline(std::cin, line);) {
    if (line.empty()) {
      continue;
    }
    std::cout << peer.HandleLine(line) << std::endl;
  }
  return 0;
}
