// Running the relay from start to stop.
#ifndef RENKEI_SERVER_SERVE_H_
#define RENKEI_SERVER_SERVE_H_

#include <filesystem>
#include <string>

#include "server/config.h"

namespace renkei::server {

struct ServeOptions {
  std::filesystem::path data_dir;
  std::string listen;
  Settings settings;
  bool lies = false;  // tests only: SqliteOptions::lies
};

// SIGTERM and SIGINT (stop), SIGHUP (look at the certificate again) are from now on for Serve()
// alone; before the first thread is started.
void BlockSignals();

// Opens everything, prints "listening on HOST:PORT", serves until a stop signal, drains. Returns a
// sentence if it could not start; else nothing. A store that breaks meanwhile makes it not serving
// (gRPC's health service), and does not end it.
std::string Serve(const ServeOptions& options);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_SERVE_H_
