#include "adapters/curl_loop.h"

namespace moerge {
namespace {

constexpr long kMaxIdleConnections = 256;

// libcurl wants to be set up once, before any thread uses it.
void InitOnce() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)code;
}

}  // namespace

CurlLoop::CurlLoop(const Executor& executor)
    : executor_(executor),
      watch_(executor),
      timer_(executor),
      sockets_(
          std::make_shared<CurlSockets>(executor, static_cast<CurlSockets::Listener&>(*this))) {
  InitOnce();
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::OnSocket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::OnTimer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMaxIdleConnections);
  share_ = curl_share_init();
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

CurlLoop::~CurlLoop() {
  curl_multi_cleanup(multi_);
  curl_share_cleanup(share_);
  sockets_->Clear();
}

CURL* CurlLoop::MakeHandle() {
  CURL* const handle = curl_easy_init();
  if (handle != nullptr) curl_easy_setopt(handle, CURLOPT_SHARE, share_);
  return handle;
}

bool CurlLoop::Add(CURL* handle) { return curl_multi_add_handle(multi_, handle) == CURLM_OK; }

void CurlLoop::Remove(CURL* handle) { curl_multi_remove_handle(multi_, handle); }

int CurlLoop::OnSocket(CURL*, curl_socket_t fd, int what, void* self, void*) {
  static_cast<CurlLoop*>(self)->sockets_->Watch(fd, what);
  return 0;
}

int CurlLoop::OnTimer(CURLM*, long milliseconds, void* self) {
  static_cast<CurlLoop*>(self)->SetTimer(milliseconds);
  return 0;
}

void CurlLoop::OnReady(curl_socket_t fd, int events) {
  const auto self = shared_from_this();
  Act(fd, events);
}

void CurlLoop::SetTimer(long milliseconds) {
  const std::uint64_t round = ++timer_round_;
  if (milliseconds < 0) {
    timer_.expires_at(SteadyTimer::time_point::max());
    return;
  }
  timer_.expires_after(std::chrono::milliseconds(milliseconds));
  timer_.async_wait([self = weak_from_this(), round](const boost::system::error_code& error) {
    const auto loop = self.lock();
    if (!error && loop && loop->timer_round_ == round) loop->Act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void CurlLoop::Act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode code = message->data.result;
    Client* client = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &client);
    Remove(handle);
    client->OnDone(code);
  }
}

}  // namespace moerge
