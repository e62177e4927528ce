// A blocking TCP client for tests: sends exactly the bytes it is told, reads what comes.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace moerge::test {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int receive_buffer = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void Send(std::string_view bytes);
  void FinishSending();  // half-close
  void Close();
  void Reset();  // closes with RST

  // Until the peer closes, or `patience` passes without a byte (then closed() is false).
  std::string ReadToEnd(std::chrono::milliseconds patience = std::chrono::seconds(10));
  // Until `what` has been seen or the connection ends.
  std::string ReadUntil(std::string_view what,
                        std::chrono::milliseconds patience = std::chrono::seconds(10));
  // One whole reply: head and body by Content-Length or chunks (undecoded).
  std::string ReadReply(std::chrono::milliseconds patience = std::chrono::seconds(10));
  bool closed() const { return closed_; }

 private:
  bool Fill(std::chrono::milliseconds patience);
  int fd_ = -1;
  bool closed_ = false;
  std::string buffer_;
};

// "HTTP/1.1 200 OK..." -> 200; 0 if there is none.
int StatusOf(std::string_view reply);
// Value of a header of a reply, lower-case name; empty if absent.
std::string HeaderOf(std::string_view reply, std::string_view name);
// What follows the head; chunked bodies are decoded.
std::string BodyOf(std::string_view reply);

}  // namespace moerge::test
