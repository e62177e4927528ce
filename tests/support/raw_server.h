// A TCP server that says exactly the bytes a test tells it to, when it tells it to. Each connection
// runs the script on a thread of its own, with blocking calls that give up after 10 s.
#pragma once

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
  RawPeer(int fd, int index) : fd_(fd), index_(index) {}
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
  void Close();
  void Reset();  // ends the connection with an RST

 private:
  bool Receive();
  int fd_;
  int index_;
  std::string buffer_;
};

class RawServer {
 public:
  using Script = std::function<void(RawPeer&)>;

  explicit RawServer(Script script, bool ipv6 = false);
  // Ends all connections and waits for their scripts.
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  std::string Url(std::string_view path = "/") const;
  int connections() const { return accepted_; }

 private:
  void Accept();

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  bool ipv6_;
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
