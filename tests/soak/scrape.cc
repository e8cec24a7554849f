#include "tests/soak/scrape.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace renkei::soak {
namespace {

constexpr std::string_view kRequest =
    "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

}  // namespace

std::string Scrape(int port) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval longest{10, 0};
  setsockopt(socket_fd, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string out;
  if (connect(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      send(socket_fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(kRequest.size())) {
    char part[16384];
    for (ssize_t got = 0; (got = recv(socket_fd, part, sizeof(part), 0)) > 0;) {
      out.append(part, static_cast<std::size_t>(got));
    }
  }
  close(socket_fd);
  return out;
}

std::optional<double> ValueIn(const std::string& metrics, const std::string& series) {
  const std::string line = "\n" + series + " ";
  const std::size_t at = metrics.find(line);
  if (at == std::string::npos) {
    return std::nullopt;
  }
  return std::strtod(metrics.c_str() + at + line.size(), nullptr);
}

}  // namespace renkei::soak
