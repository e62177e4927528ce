// What a harness has said so far (test_language.h), and what that means. Pure. Threads: one.
//
// The tests and the token, which is random, are sent when the harness says that the answer has run
// to its end; a run counts as passed only if the token comes back after that. So an answer that
// prints what it likes, exits early with whatever status, or crashes has not passed. An answer that
// was written against this protocol shares the harness's process and can find the token there, just
// as it can define objects that equal everything: it cheats on its own verdict, and harms nothing
// else.
#pragma once

#include <string>
#include <string_view>

namespace moerge {

class TestProtocol {
 public:
  explicit TestProtocol(std::string token) : token_(std::move(token)) {}

  // What came on the control descriptor, in any pieces.
  void Read(std::string_view bytes);

  bool started() const { return state_ != State::kSilent; }
  bool wants_tests() const { return state_ == State::kLoaded; }
  void TestsSent() { state_ = State::kTesting; }
  bool over() const { return state_ == State::kPassed || state_ == State::kFailed; }
  bool passed() const { return state_ == State::kPassed; }
  // Of a failure; else empty.
  const std::string& why() const { return why_; }
  // How far it came, for a run that ended before it was over: "before the tests", "within the
  // tests".
  std::string_view progress() const;
  const std::string& token() const { return token_; }

 private:
  enum class State { kSilent, kStarted, kLoaded, kTesting, kPassed, kFailed };

  void Line(std::string_view line);
  void Fail(std::string why);

  State state_ = State::kSilent;
  std::string token_;
  std::string pending_;
  std::string why_;
};

// As a harness reads it: the size in bytes, a newline, the text.
void AppendSized(std::string_view text, std::string* out);

}  // namespace moerge
