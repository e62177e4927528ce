#include "tests/support/tls_identity.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace moerge::test {
namespace {

X509* SelfSigned(EVP_PKEY* key) {
  constexpr long kDay = 24 * 60 * 60;
  X509* const certificate = X509_new();
  X509_NAME* const name = X509_get_subject_name(certificate);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kDay);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  return certificate;
}

SSL_CTX* MakeContext() {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = key != nullptr ? SelfSigned(key) : nullptr;
  if (certificate == nullptr || SSL_CTX_use_certificate(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey(context, key) != 1) {
    std::fputs("cannot make a certificate\n", stderr);
    std::abort();
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

SSL_CTX* Context() {
  static SSL_CTX* const context = MakeContext();
  return context;
}

}  // namespace

std::string TlsCertificate() {
  BIO* const memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, SSL_CTX_get0_certificate(Context()));
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string pem(bytes, static_cast<std::size_t>(size));
  BIO_free(memory);
  return pem;
}

SSL* AcceptTls(int fd) {
  SSL* const tls = SSL_new(Context());
  SSL_set_fd(tls, fd);
  if (SSL_accept(tls) == 1) return tls;
  SSL_free(tls);
  return nullptr;
}

}  // namespace moerge::test
