#include "client/net/fetch_root.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <csignal>
#include <ctime>
#include <memory>

namespace renkei::client {
namespace {

constexpr int kTimeoutSeconds = 10;

struct SslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};

// OpenSSL writes to sockets with write(): where the other end hung up that would end the program.
// While one of these lives it is an error like any other to this thread.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    was_pending_ = IsPending();
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    if (IsPending() && !was_pending_) {
      const timespec now{};
      sigtimedwait(&pipe_, nullptr, &now);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  static bool IsPending() {
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
  }

  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

// Not BIO_do_connect_retry: it tries again until the time is over where nobody listens, and a
// person waits in front of it.
bool ConnectWithin(BIO* bio, std::time_t deadline) {
  BIO_set_nbio(bio, 1);
  while (BIO_do_connect(bio) <= 0) {
    if (BIO_should_retry(bio) == 0 || BIO_wait(bio, deadline, 0) <= 0) {
      return false;
    }
  }
  return true;
}

// Connecting leaves the socket non-blocking; from here on it blocks, but gives up by
// itself: a silent peer must not hold a person up.
void SetTimeouts(BIO* bio) {
  int descriptor = -1;
  if (BIO_get_fd(bio, &descriptor) < 0 || descriptor < 0) {
    return;
  }
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
  const timeval limit{.tv_sec = kTimeoutSeconds, .tv_usec = 0};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

Bytes DerOf(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) {
    return {};
  }
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Result<Bytes> FindByFingerprint(STACK_OF(X509) * chain, const Hash32& fingerprint) {
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    Bytes der = DerOf(sk_X509_value(chain, i));
    if (Equal(Sha256(der), fingerprint)) {
      return der;
    }
  }
  return Error(Code::kAuthFailed, "the relay does not belong to this region");
}

}  // namespace

Result<Bytes> FetchRootCertificate(const std::string& address, const Hash32& fingerprint) {
  const NoPipeSignal no_pipe_signal;  // outlives every connection below
  const std::unique_ptr<SSL_CTX, SslDeleter> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) {
    return Error(Code::kInternal, "net: no TLS context");
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  // Nothing is verified here on purpose: the fingerprint below is the only thing believed.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);

  const std::unique_ptr<BIO, SslDeleter> connection(BIO_new_connect(address.c_str()));
  if (connection == nullptr) {
    return Error(Code::kMalformed, "net: not an address");
  }
  if (!ConnectWithin(connection.get(), std::time(nullptr) + kTimeoutSeconds)) {
    return Error(Code::kUnavailable, "the relay cannot be reached");
  }
  SetTimeouts(connection.get());

  const std::unique_ptr<BIO, SslDeleter> tls(BIO_new_ssl(context.get(), 1));
  SSL* ssl = nullptr;
  BIO_get_ssl(tls.get(), &ssl);
  if (ssl == nullptr) {
    return Error(Code::kInternal, "net: no TLS connection");
  }
  // gRPC servers close connections that do not offer HTTP/2.
  static constexpr unsigned char kAlpn[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl, kAlpn, sizeof(kAlpn));
  BIO_push(tls.get(), connection.get());
  const bool shaken = BIO_do_handshake(tls.get()) == 1;
  BIO_pop(tls.get());
  if (!shaken) {
    return Error(Code::kUnavailable, "the relay cannot be reached");
  }
  return FindByFingerprint(SSL_get_peer_cert_chain(ssl), fingerprint);
}

}  // namespace renkei::client
