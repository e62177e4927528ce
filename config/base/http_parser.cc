#include "config/base/http_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>
#include <optional>

namespace moerge {

bool HasBareLineFeed(std::string_view lines, std::size_t from) {
  for (std::size_t at = lines.find('\n', from); at != lines.npos; at = lines.find('\n', at + 1)) {
    if (at == 0 || lines[at - 1] != '\r') return true;
  }
  return false;
}

namespace {

namespace beast_http = boost::beast::http;
using BeastCode = boost::beast::error_code;

constexpr std::size_t kMaxChunkDigits = 16;

// Where the size begins of the chunk's line that `line` begins with.
std::size_t ChunkSizeBegin(std::string_view line) { return line.starts_with("\r\n") ? 2 : 0; }

// Beast waits for more of a chunk's line or of the trailers. In vain, if a line ends in LF alone,
// or if the whole line of a chunk that is not the last is there: a quoted string in it does not
// end.
bool IsMoreInVain(std::string_view lines) {
  if (HasBareLineFeed(lines)) return true;
  const std::size_t begin = ChunkSizeBegin(lines);
  const bool last = begin == lines.size() || lines[begin] == '\r' ||
                    lines.find_first_not_of('0', begin) == HttpParser::ChunkSizeEnd(lines);
  return !last && lines.find('\n', begin) != lines.npos;
}

// A version that is one, but not one that is spoken here.
bool IsOtherVersion(std::string_view first_line) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view line = first_line.substr(0, first_line.find('\r'));
  const std::string_view version = line.substr(std::min(line.rfind(' ') + 1, line.size()));
  return version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) &&
         version[6] == '.' && digit(version[7]) && version != "HTTP/1.0" && version != "HTTP/1.1";
}

HttpFault FaultOf(const BeastCode& code, std::string_view head, const HttpRules& rules) {
  using beast_http::error;
  if (code == error::bad_version && IsOtherVersion(head)) {
    return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  }
  if ((code == error::bad_transfer_encoding && rules.has_length()) ||
      (code == error::bad_content_length && rules.chunked())) {
    return {400, "Content-Length and Transfer-Encoding exclude each other"};
  }
  switch (static_cast<error>(code.value())) {
    case error::bad_method: return {400, "the first line does not begin with a method"};
    case error::bad_target:
      return {400, "the first line is not METHOD TARGET VERSION with single blanks"};
    case error::bad_version: return {400, "the first line has no HTTP version in its place"};
    case error::bad_status:
    case error::bad_reason: return {400, "its status line is wrong"};
    case error::bad_field: return {400, "a header name is not a token followed by a colon"};
    case error::bad_value: return {400, "a header value is malformed or holds a control character"};
    case error::bad_line_ending: return {400, "a line does not end in CR LF"};
    case error::header_limit: return {400, "a header line is folded"};
    case error::bad_content_length: return {400, "Content-Length is not a number"};
    case error::multiple_content_length: return {400, "Content-Length is given twice"};
    case error::bad_transfer_encoding: return {400, "Transfer-Encoding is given twice"};
    case error::bad_chunk:
    case error::bad_chunk_extension: return {400, "a chunk's size or end is malformed"};
    default: return {400, "the head is malformed"};
  }
}

}  // namespace

// Beast's parser cannot be used twice; Renew makes another in its place.
struct HttpParser::Engine {
  virtual ~Engine() = default;
  virtual void Renew(HttpParser& owner, bool skip_body) = 0;
  virtual std::size_t Put(std::string_view bytes, BeastCode& code) = 0;
  virtual bool done() const = 0;
  virtual bool keep_alive() const = 0;
  virtual std::uint64_t length() const = 0;  // of the content, as far as it is known
  virtual bool needs_end() const = 0;
};

template <bool is_request>
class HttpParser::BeastEngine : public Engine {
 public:
  void Renew(HttpParser& owner, bool skip_body) override { parser_.emplace(owner, skip_body); }
  std::size_t Put(std::string_view bytes, BeastCode& code) override {
    return parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), code);
  }
  bool done() const override { return parser_->is_done(); }
  bool keep_alive() const override { return parser_->keep_alive(); }
  std::uint64_t length() const override { return parser_->content_length().value_or(0); }
  bool needs_end() const override { return parser_->need_eof(); }

 private:
  class Parser : public beast_http::basic_parser<is_request> {
   public:
    using Text = boost::beast::string_view;

    // Limits are the callers'.
    Parser(HttpParser& owner, bool skip_body) : owner_(owner) {
      this->header_limit(std::numeric_limits<std::uint32_t>::max());
      this->body_limit(boost::none);
      this->skip(skip_body);
    }

    void on_request_impl(beast_http::verb, Text method, Text target, int version,
                         BeastCode& code) override {
      HttpHead& head = owner_.head_;
      head.minor = version - 10;
      head.method = owner_.SpanOf(View(method));
      head.target = owner_.SpanOf(View(target));
      Note(owner_.rules_.RequestLine(View(method), View(target), head.minor), code);
    }

    void on_response_impl(int status, Text, int version, BeastCode& code) override {
      HttpHead& head = owner_.head_;
      head.minor = version - 10;
      head.status = status;
      Note(owner_.rules_.StatusLine(status, head.minor), code);
    }

    // Of the head, or of the trailers, which are dropped.
    void on_field_impl(beast_http::field, Text name, Text value, BeastCode& code) override {
      if (owner_.head_done_) return;
      const HttpFault fault = owner_.rules_.Field(owner_.buffer_, View(name), View(value));
      if (fault) return Note(fault, code);
      owner_.head_.fields.push_back(
          HttpField{owner_.SpanOf(View(name)), owner_.SpanOf(View(value))});
    }

    void on_header_impl(BeastCode& code) override { Note(owner_.rules_.EndOfHead(), code); }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, BeastCode&) override {}

    std::size_t on_body_impl(Text body, BeastCode&) override {
      owner_.piece_ = View(body);
      return body.size();
    }

    void on_chunk_header_impl(std::uint64_t size, Text, BeastCode& code) override {
      if (size > std::numeric_limits<std::int64_t>::max()) {
        return Note({400, "a chunk's size or end is malformed"}, code);
      }
      owner_.chunk_left_ = size;
      owner_.after_chunk_ = false;
    }

    std::size_t on_chunk_body_impl(std::uint64_t, Text body, BeastCode&) override {
      owner_.piece_ = View(body);
      owner_.chunk_left_ -= body.size();
      owner_.after_chunk_ = owner_.chunk_left_ == 0;
      return body.size();
    }

    void on_finish_impl(BeastCode&) override {}

   private:
    static std::string_view View(Text text) { return {text.data(), text.size()}; }

    void Note(const HttpFault& fault, BeastCode& code) {
      if (!fault) return;
      owner_.fault_ = fault;
      code = beast_http::error::bad_value;
    }

    HttpParser& owner_;
  };

  std::optional<Parser> parser_;
};

HttpParser::HttpParser(HttpKind kind) : kind_(kind), rules_(kind) {}
HttpParser::~HttpParser() = default;

void HttpParser::Release() {
  engine_.reset();
  std::vector<HttpField>().swap(head_.fields);
}

void HttpParser::Reset(bool skip_body) {
  if (!engine_) {
    if (kind_ == HttpKind::kRequest) {
      engine_ = std::make_unique<BeastEngine<true>>();
    } else {
      engine_ = std::make_unique<BeastEngine<false>>();
    }
  }
  engine_->Renew(*this, skip_body);
  auto fields = std::move(head_.fields);
  fields.clear();
  head_ = HttpHead();
  head_.fields = std::move(fields);
  rules_ = HttpRules(kind_);
  fault_ = {};
  buffer_ = piece_ = {};
  read_ = 0;
  chunk_left_ = 0;
  head_done_ = in_trailers_ = after_chunk_ = false;
}

HttpSpan HttpParser::SpanOf(std::string_view text) const {
  if (text.empty()) return {};
  return {static_cast<std::uint32_t>(text.data() - buffer_.data()),
          static_cast<std::uint32_t>(text.size())};
}

bool HttpParser::ReadFirstLine(std::string_view buffer, std::size_t begin) {
  BeastCode code;
  buffer_ = buffer;
  read_ = engine_->Put(buffer.substr(begin), code);
  if (code && code != beast_http::error::need_more && !fault_) {
    fault_ = FaultOf(code, buffer.substr(begin), rules_);
  }
  return !fault_;
}

bool HttpParser::ReadHead(std::string_view buffer, std::size_t begin) {
  BeastCode code;
  buffer_ = buffer;
  engine_->Put(buffer.substr(begin + read_), code);
  if (code && !fault_) fault_ = FaultOf(code, buffer.substr(begin), rules_);
  if (fault_) return false;
  head_done_ = true;
  head_.chunked = rules_.chunked();
  head_.has_length = rules_.has_length();
  head_.length = engine_->length();
  head_.expects_continue = rules_.expects_continue();
  head_.keep_alive = engine_->keep_alive();
  return true;
}

bool HttpParser::complete() const { return engine_->done(); }

bool HttpParser::until_close() const { return engine_->needs_end(); }

std::size_t HttpParser::ChunkSizeEnd(std::string_view line) {
  const std::size_t begin = ChunkSizeBegin(line);
  return std::min(line.find_first_not_of("0123456789abcdefABCDEF", begin), line.size());
}

// Digits, no more of them than a size can have, what may stand behind them, and CR before the first
// LF: within quotes Beast would let any through.
bool HttpParser::MayBeChunkLine(std::string_view line) {
  const std::size_t begin = ChunkSizeBegin(line);
  const std::size_t end = ChunkSizeEnd(line);
  if (end > begin + kMaxChunkDigits) return false;
  if (end < line.size() && std::string_view("\r; \t").find(line[end]) == line.npos) return false;
  const std::size_t newline = line.find('\n', begin);
  return newline == line.npos || newline == 0 || line[newline - 1] == '\r';
}

HttpParser::Step HttpParser::Await(std::string_view input) {
  if (!at_chunk_line() || !IsMoreInVain(input)) return Step::kMore;
  fault_ = {400, "a chunk's size or end is malformed"};
  return Step::kFailed;
}

HttpParser::Step HttpParser::ReadBody(std::string_view* input, std::string_view* piece) {
  // What Beast demands of the last chunk's line once it has seen it.
  constexpr std::size_t kLastChunk = std::string_view("0\r\n\r\n").size();
  if (input->empty()) return Step::kMore;
  if (in_trailers_ && input->size() < kLastChunk) return Await(*input);
  // Known without the line behind it: data that is longer than its chunk.
  if (after_chunk_ && (input->front() != '\r' || (input->size() > 1 && (*input)[1] != '\n'))) {
    fault_ = {400, "a chunk is longer than it said"};
    return Step::kFailed;
  }
  // Of the last chunk's line Beast looks at no more than the size before all trailers are there.
  if (at_chunk_line() && !MayBeChunkLine(*input)) {
    fault_ = {400, "a chunk's size or end is malformed"};
    return Step::kFailed;
  }
  BeastCode code;
  buffer_ = *input;
  piece_ = {};
  input->remove_prefix(engine_->Put(*input, code));
  if (code == beast_http::error::need_more) {
    // The line that ends the data before is not yet a line of its own.
    in_trailers_ = input->find('\n', 2) != input->npos;
    return Await(*input);
  }
  if (code) {
    if (!fault_) fault_ = FaultOf(code, {}, rules_);
    return Step::kFailed;
  }
  *piece = piece_;
  if (!piece_.empty()) return Step::kBody;
  return engine_->done() ? Step::kEnd : Step::kSkip;
}

}  // namespace moerge
