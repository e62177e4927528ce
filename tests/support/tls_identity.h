// A TLS server's side for tests: a key and a certificate for 127.0.0.1 that the program makes for
// itself and nobody trusts. Any thread.
#pragma once

#include <openssl/ssl.h>

#include <string>

namespace moerge::test {

// Wraps a connected socket as the server's end and shakes hands; null: that failed.
SSL* AcceptTls(int fd);
// The certificate as PEM, for clients that are to trust it.
std::string TlsCertificate();

}  // namespace moerge::test
