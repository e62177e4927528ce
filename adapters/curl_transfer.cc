#include "adapters/curl_transfer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "adapters/local_shortage.h"
#include "config/base/text.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxDiscarded = 64 << 10;
constexpr long kReceiveBuffer = 64 << 10;

template <class T>
CurlTransfer& Self(T* self) {
  return *static_cast<CurlTransfer*>(self);
}

}  // namespace

CurlTransfer::CurlTransfer(std::shared_ptr<CurlLoop> loop, const OutboundRequest& request,
                           const CallScope& scope)
    : loop_(std::move(loop)),
      request_(request),
      deadline_(scope.deadline),
      idle_timeout_(request.idle_timeout),
      easy_(loop_->MakeHandle()),
      wake_(loop_->executor()) {
  if (scope.cancellation == nullptr) return;
  registration_ = scope.cancellation->OnCancel([this] {
    Abort(Error{ErrorCode::kCancelled, "the call was cancelled"});
  });
}

CurlTransfer::~CurlTransfer() {
  Detach();
  Leave();
  curl_easy_cleanup(easy_);
  curl_slist_free_all(headers_);
}

void CurlTransfer::Detach() {
  if (added_) loop_->Remove(easy_);
  added_ = false;
  LeaveConnection();
}

Task<Status> CurlTransfer::Run() {
  if (failure_) co_return *failure_;
  if (deadline_.Passed()) co_return Error{ErrorCode::kTimeout, "the request's deadline has passed"};
  if (Status prepared = Prepare(); !prepared) co_return prepared;
  added_ = loop_->Add(easy_);
  if (!added_) co_return Error{ErrorCode::kInternal, "libcurl refused the transfer"};
  const bool bounded = request_.first_byte_timeout.count() > 0;
  Watch(request_.first_byte_timeout + request_.connect_timeout * (bounded ? 1 : 0), "answer");
  while (!has_head_ && !done_ && !failure_) {
    wake_.Reset();
    co_await wake_.Wait();
  }
  waiting_for_ = nullptr;
  if (failure_) co_return *failure_;
  if (!has_head_) co_return ErrorFrom(code_);
  co_return Ok{};
}

Status CurlTransfer::Prepare() {
  if (easy_ == nullptr) return Error{ErrorCode::kInternal, "libcurl has no memory for a transfer"};
  if (Status headers = SetHeaders(); !headers) return headers;
  SetMethod();
  curl_easy_setopt(easy_, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, static_cast<CurlLoop::Client*>(this));
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy_, CURLOPT_HTTP_TRANSFER_DECODING, 0L);
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, kReceiveBuffer);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request_.connect_timeout.count()));
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, request_.verify_tls ? 1L : 0L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, request_.verify_tls ? 2L : 0L);
  TrustCertificatesNamed("SSL_CERT_FILE", CURLOPT_CAINFO);
  TrustCertificatesNamed("SSL_CERT_DIR", CURLOPT_CAPATH);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &CurlTransfer::OnHeader);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &CurlTransfer::OnWrite);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &CurlTransfer::OnConnection);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
  loop_->sockets().OpenFor(easy_);
  parser_.Reset(request_.method == "HEAD");
  return Ok{};
}

// As OpenSSL's programs do, which libcurl leaves to its callers.
void CurlTransfer::TrustCertificatesNamed(const char* variable, CURLoption option) {
  const char* const place = std::getenv(variable);
  if (place != nullptr && *place != '\0') curl_easy_setopt(easy_, option, place);
}

Status CurlTransfer::SetHeaders() {
  bool has_type = false;
  for (const auto& [name, value] : request_.headers) {
    if (HasControl(name) || HasControl(value)) {
      return Error{ErrorCode::kInvalid,
                   "the value of the header " + name + " holds a control character"};
    }
    has_type = has_type || EqualsIgnoreCase(name, "content-type");
    const std::string line = value.empty() ? name + ";" : name + ": " + value;
    headers_ = curl_slist_append(headers_, line.c_str());
  }
  // What libcurl would add by itself.
  headers_ = curl_slist_append(headers_, "Expect:");
  if (!has_type) headers_ = curl_slist_append(headers_, "Content-Type:");
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
  return Ok{};
}

void CurlTransfer::SetMethod() {
  const std::string method(request_.method);
  if (method == "HEAD") curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
  std::size_t size = 0;
  for (const std::string_view piece : request_.body) size += piece.size();
  if (size > 0 || method == "POST") {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(size));
    curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &CurlTransfer::OnRead);
    curl_easy_setopt(easy_, CURLOPT_READDATA, this);
    curl_easy_setopt(easy_, CURLOPT_SEEKFUNCTION, &CurlTransfer::OnSeek);
    curl_easy_setopt(easy_, CURLOPT_SEEKDATA, this);
  }
  if (method != "POST" && method != "GET" && method != "HEAD") {
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, method.c_str());
  }
}

std::size_t CurlTransfer::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  const std::size_t bytes = size * count;
  return Self(self).TakeHeader(std::string_view(data, bytes)) ? bytes : 0;
}

std::size_t CurlTransfer::OnWrite(char* data, std::size_t size, std::size_t count, void* self) {
  return Self(self).TakeBody(std::string_view(data, size * count));
}

std::size_t CurlTransfer::OnRead(char* out, std::size_t size, std::size_t count, void* self) {
  return Self(self).GiveBody(out, size * count);
}

int CurlTransfer::OnSeek(void* self, curl_off_t offset, int origin) {
  // Asked for when a kept connection turned out to be dead: the body is sent again from its start.
  if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  Self(self).piece_ = Self(self).offset_ = 0;
  return CURL_SEEKFUNC_OK;
}

int CurlTransfer::OnConnection(void* self, char* remote, char* local, int remote_port,
                               int local_port) {
  std::string ends = local;
  ends.append(" ").append(std::to_string(local_port)).append(" ").append(remote);
  ends.append(" ").append(std::to_string(remote_port));
  const bool taken = Self(self).TakeConnection(ends, local_port);
  return taken ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

// Right before the request goes out. What is there to read by now cannot be its answer: it may be
// another's. Libcurl comes here again, with another connection, when a kept one has ended without a
// byte of an answer.
bool CurlTransfer::TakeConnection(const std::string& ends, int local_port) {
  LeaveConnection();
  dropped_ = sent_ > (request_.resend ? 1 : 0);
  if (dropped_) return false;
  socket_ = loop_->sockets().Admit(easy_, ends, local_port);
  refused_ = !socket_ && !fresh_;
  if (refused_) return false;
  ++sent_;
  http2_ = socket_ && socket_->multiplexed;
  return true;
}

void CurlTransfer::LeaveConnection() {
  if (socket_) loop_->sockets().Release(socket_);
  socket_.reset();
}

// Nothing was sent on the connection that was refused, which curl has closed.
bool CurlTransfer::StartAgain() {
  refused_ = false;
  fresh_ = true;
  error_text_[0] = '\0';
  curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
  added_ = loop_->Add(easy_);
  return added_;
}

bool CurlTransfer::TakeHeader(std::string_view line) {
  if (has_head_) return (trailers_ += line.size()) <= kMaxHead;
  return http2_ ? TakeHttp2Header(line) : Parse(line);
}

bool CurlTransfer::TakeHttp2Header(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    head_.clear();
    const std::size_t space = line.find(' ');
    status_ =
        static_cast<int>(ParseInt(line.substr(std::min(space + 1, line.size()), 3)).value_or(0));
  }
  if (head_.size() + line.size() > kMaxHead) {
    malformed_ = Error{ErrorCode::kUpstream, "the head of the expert's HTTP reply is over 64 KiB"};
    return false;
  }
  head_.append(line);
  if ((line == "\r\n" || line == "\n") && status_ >= 200) {
    has_head_ = true;
    wake_.Set();
  }
  return true;
}

// All or nothing of `data`; less ends the transfer and its connection.
std::size_t CurlTransfer::TakeBody(std::string_view data) {
  if (!alone_ && incoming_.size() + outgoing_.size() + data.size() > kHighWater) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  const bool taken = http2_ ? Keep(data) : Parse(data);
  return taken ? data.size() : 0;
}

// False: it is malformed, or there is more than the response, which is then complete.
bool CurlTransfer::Parse(std::string_view data) {
  using Step = ResponseParser::Step;
  while (true) {
    std::string_view piece;
    auto step = parser_.Next(&data, &piece);
    if (!step) {
      malformed_ = std::move(step).error();
      return false;
    }
    if (*step == Step::kNeedMore) return true;
    if (*step == Step::kBody && !Keep(piece)) return false;
    if (*step == Step::kHead) {
      has_head_ = true;
      wake_.Set();
      if (data.empty()) return true;
    }
    if (*step == Step::kEnd) {
      complete_ = true;
      return data.empty();
    }
  }
}

// Bytes of the body, for the reader. False: nobody reads, and they are too many to wait for.
bool CurlTransfer::Keep(std::string_view piece) {
  if (alone_) return (discarded_ += piece.size()) <= kMaxDiscarded;
  incoming_.append(piece);
  wake_.Set();
  return true;
}

std::size_t CurlTransfer::GiveBody(char* out, std::size_t room) {
  std::size_t given = 0;
  while (piece_ < request_.body.size() && given < room) {
    const std::string_view piece = request_.body[piece_].substr(offset_);
    const std::size_t size = std::min(piece.size(), room - given);
    std::memcpy(out + given, piece.data(), size);
    given += size;
    offset_ += size;
    if (size == piece.size()) {
      ++piece_;
      offset_ = 0;
    }
  }
  if (!has_head_) Watch(request_.first_byte_timeout, "answer");
  return given;
}

Task<Result<std::string_view>> CurlTransfer::Read() {
  outgoing_.clear();
  if (incoming_.empty() && paused_) Resume();
  while (incoming_.empty() && !done_ && !failure_) {
    Watch(idle_timeout_, "send anything more");
    wake_.Reset();
    co_await wake_.Wait();
  }
  waiting_for_ = nullptr;
  if (failure_) co_return *failure_;
  if (incoming_.empty() && code_ != CURLE_OK) co_return ErrorFrom(code_);
  incoming_.swap(outgoing_);
  if (paused_ && outgoing_.size() < kHighWater / 2) Resume();
  co_return std::string_view(outgoing_);
}

void CurlTransfer::Resume() {
  paused_ = false;
  if (added_) curl_easy_pause(easy_, CURLPAUSE_CONT);
}

std::string_view CurlTransfer::Header(std::string_view name) const {
  if (!http2_) return parser_.Header(name);
  std::string_view rest = head_;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    const std::size_t colon = line.find(':');
    if (colon != line.npos && EqualsIgnoreCase(line.substr(0, colon), name)) {
      return Trim(line.substr(colon + 1));
    }
  }
  return {};
}

void CurlTransfer::OnDone(CURLcode code) {
  added_ = false;
  LeaveConnection();
  if (refused_ && StartAgain()) return;
  done_ = true;
  code_ = complete_ ? CURLE_OK : code;
  if (!http2_ && code_ == CURLE_OK && !malformed_) {
    if (Status end = parser_.EndOfStream(); !end) malformed_ = std::move(end).error();
  }
  if (malformed_ && code_ == CURLE_OK) code_ = CURLE_RECV_ERROR;
  wake_.Set();
  if (alone_) loop_->Forget(shared_from_this());
}

void CurlTransfer::Watch(std::chrono::milliseconds limit, const char* what) {
  waiting_for_ = what;
  const Deadline due = limit.count() > 0 ? deadline_.Within(limit) : deadline_;
  loop_->watch().Set(*this, due.when());
}

void CurlTransfer::OnDue() {
  if (alone_) {
    Detach();
    return loop_->Forget(shared_from_this());
  }
  if (deadline_.Passed()) {
    return Abort(
        Error{ErrorCode::kTimeout, "the request's deadline passed before the expert was done"});
  }
  if (waiting_for_ == nullptr) return loop_->watch().Set(*this, deadline_.when());
  Abort(Error{ErrorCode::kTimeout, std::string("the expert did not ") + waiting_for_ + " in time"});
}

// Ends the transfer from outside its coroutine, which wakes up and finds the failure.
void CurlTransfer::Abort(Error error) {
  if (!failure_) failure_ = std::move(error);
  Detach();
  wake_.Set();
}

void CurlTransfer::FinishAlone() {
  if (done_ || failure_ || !added_ || piece_ < request_.body.size()) return;
  alone_ = true;
  registration_.Release();
  incoming_.clear();
  loop_->Keep(shared_from_this());
  loop_->watch().Set(*this, Deadline::Clock::now() + std::chrono::seconds(1));
  if (paused_) Resume();
}

Error CurlTransfer::ErrorFrom(CURLcode code) const {
  if (malformed_) return *malformed_;
  const std::string why = error_text_[0] != '\0' ? error_text_ : curl_easy_strerror(code);
  if (has_head_) {
    return Error{ErrorCode::kUpstream, "the expert's reply broke off: " + why};
  }
  if (dropped_) {
    return Error{ErrorCode::kUnavailable, "the expert ended a kept connection before it answered"};
  }
  const int open_error = loop_->sockets().open_error();
  if (code == CURLE_COULDNT_CONNECT && IsLocalShortage(open_error))
    return LocalShortage(open_error);
  switch (code) {
    case CURLE_OK:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
      return Error{ErrorCode::kUnavailable, "the expert closed the connection before it answered"};
    case CURLE_URL_MALFORMAT:
      return Error{ErrorCode::kInvalid, "the URL `" + request_.url + "` is malformed"};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PROXY:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return Error{ErrorCode::kUnavailable, "cannot reach the expert: " + why};
    default: return Error{ErrorCode::kUpstream, "the expert's HTTP reply is malformed: " + why};
  }
}

}  // namespace moerge
