#include "services/verify/test_protocol.h"

#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxLine = 512;

// For records and messages: one line of valid text.
std::string Readable(std::string_view text) {
  std::string line = utf8::Repair(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return std::string(utf8::Truncate(line, 360));
}

}  // namespace

void TestProtocol::Read(std::string_view bytes) {
  pending_.append(bytes);
  std::size_t from = 0;
  for (std::size_t end = pending_.find('\n'); end != pending_.npos && !over();
       end = pending_.find('\n', from)) {
    Line(std::string_view(pending_).substr(from, end - from));
    from = end + 1;
  }
  pending_.erase(0, from);
  if (pending_.size() > kMaxLine && !over()) Fail("the answer broke into the run of its tests");
}

std::string_view TestProtocol::progress() const {
  return state_ == State::kTesting ? "within the tests" : "before the tests ran";
}

void TestProtocol::Line(std::string_view line) {
  constexpr std::string_view kAnswer = "answer ";
  constexpr std::string_view kTests = "tests ";
  if (state_ == State::kSilent && line == "started") {
    state_ = State::kStarted;
  } else if (state_ == State::kStarted && line == "loaded") {
    state_ = State::kLoaded;
  } else if (state_ == State::kStarted && line.starts_with(kAnswer)) {
    Fail("the answer's code fails: " + Readable(line.substr(kAnswer.size())));
  } else if (state_ == State::kTesting && line.starts_with(kTests)) {
    Fail("the tests fail: " + Readable(line.substr(kTests.size())));
  } else if (state_ == State::kTesting && line == token_) {
    state_ = State::kPassed;
  } else {
    Fail("the answer broke into the run of its tests");
  }
}

void TestProtocol::Fail(std::string why) {
  state_ = State::kFailed;
  why_ = std::move(why);
}

void AppendSized(std::string_view text, std::string* out) {
  out->append(std::to_string(text.size())).push_back('\n');
  out->append(text);
}

}  // namespace moerge
