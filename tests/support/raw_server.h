// A TCP server that says exactly the bytes a test tells it to, when it tells it to. Each connection
// runs the script on a thread of its own, with blocking calls that give up after 10 s.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace moerge::test {

// One accepted connection. Used by its script's thread only.
class RawPeer {
 public:
  RawPeer(int fd, int index, SSL* tls) : fd_(fd), index_(index), tls_(tls) {}
  int index() const { return index_; }  // 0 for the first connection

  // Bytes up to and including `mark`, or what came before the end of the connection.
  std::string ReadUntil(std::string_view mark);
  std::string ReadExactly(std::size_t size);
  // A request's head and its body by Content-Length; empty at the end of the connection.
  std::string ReadRequest();
  // False: the other side is gone.
  bool Send(std::string_view bytes);
  // Sends `piece` again and again until the other side has taken nothing for `patience_ms`, or more
  // than `limit` bytes are on their way. Gives how many bytes it took.
  std::size_t SendUntilStalled(std::string_view piece, std::size_t limit, int patience_ms = 300);
  // Waits for the other side to end the connection; false: it did not within 10 s.
  bool AwaitEnd();
  void EndSending();  // a FIN; the other side may go on
  void Close();
  void Reset();  // ends the connection with an RST

 private:
  bool Receive();
  long Take(char* out, std::size_t room);
  long Put(std::string_view bytes);
  int fd_;
  int index_;
  SSL* tls_;  // null: plain TCP
  std::string buffer_;
};

class RawServer {
 public:
  using Script = std::function<void(RawPeer&)>;

  // kTls: over IPv4, with a certificate that nobody trusts.
  enum class Kind { kIpv4, kIpv6, kTls };

  explicit RawServer(Script script, Kind kind = Kind::kIpv4);
  // Ends all connections and waits for their scripts.
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  std::string Url(std::string_view path = "/") const;
  int connections() const { return accepted_; }

 private:
  void Accept();
  void Serve(int fd, int index);

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  Kind kind_;
  std::atomic<int> accepted_ = 0;
  std::mutex mutex_;
  std::vector<int> open_;              // guarded by mutex_
  std::vector<std::thread> sessions_;  // the accepting thread's until it is joined
  std::thread acceptor_;
};

// A 200 with a Content-Length.
std::string OkReply(std::string_view body, std::string_view content_type = "application/json");
// `body` as chunks of at most `size` bytes, with the last one.
std::string Chunked(std::string_view body, std::size_t size);

}  // namespace moerge::test
