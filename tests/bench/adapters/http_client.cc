// CPU per request of both HTTP clients, side by side, in front of a static upstream: nginx, or any
// server whose address is given. Prints; asserts nothing.
//
//   bench_http_client [--url http://127.0.0.1:PORT/] [--requests N] [--concurrency N] [--body
//   BYTES]
//
// Without --url it starts nginx, if that is installed, with one worker and a 500-byte answer.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "adapters/http_client.h"

namespace moerge {
namespace {

struct Options {
  std::string url;
  int requests = 50'000;
  int concurrency = 32;
  std::size_t body = 500;
};

double CpuMicroseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micro = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micro(usage.ru_utime) + micro(usage.ru_stime);
}

class Load {
 public:
  Load(HttpClient& client, const Options& options)
      : client_(client), left_(options.requests), body_(options.body, 'x') {
    request_.url = options.url;
    request_.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer none"}};
    request_.body = {body_};
  }

  Task<void> Run() {
    const CallScope scope;
    while (left_-- > 0) {
      auto response = co_await client_.Send(request_, scope);
      if (!response) {
        Fail(response.error());
        co_return;
      }
      auto body = co_await ReadAll(**response, 1 << 20);
      if (!body || (*response)->status() != 200) Fail(body ? Error{} : body.error());
      ++done_;
    }
    ++finished_;
  }

  int done() const { return done_; }
  int finished() const { return finished_; }

 private:
  void Fail(const Error& error) {
    if (failures_++ == 0) std::fprintf(stderr, "failed: %s\n", error.message.c_str());
    if (failures_ > 100) std::exit(1);
  }

  HttpClient& client_;
  OutboundRequest request_;
  int left_;
  std::string body_;
  int done_ = 0;
  int finished_ = 0;
  int failures_ = 0;
};

void Measure(const char* name, std::unique_ptr<HttpClient> (*make)(const Executor&),
             const Options& options) {
  boost::asio::io_context context(1);
  const auto client = make(context.get_executor());
  Load load(*client, options);
  const double cpu = CpuMicroseconds();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < options.concurrency; ++i) {
    Spawn(context.get_executor(), "load", load.Run());
  }
  while (load.finished() < options.concurrency) context.run_one();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  std::printf("%-6s %8.2f us CPU per request   %8.0f requests/s\n", name,
              (CpuMicroseconds() - cpu) / load.done(), load.done() / wall.count());
}

// nginx with a configuration of its own, for as long as this lives.
class Nginx {
 public:
  explicit Nginx(int port)
      : folder_(std::filesystem::temp_directory_path() / "moerge-bench-XXXXXX") {
    std::string name = folder_.string();
    if (mkdtemp(name.data()) == nullptr) std::exit(1);
    folder_ = name;
    std::ofstream(folder_ / "nginx.conf")
        << "daemon off;\nworker_processes 1;\npid nginx.pid;\nerror_log stderr crit;\n"
        << "events { worker_connections 4096; }\nhttp { access_log off; keepalive_requests "
           "100000000;\n"
        << "client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;\n"
        << "uwsgi_temp_path uwsgi; scgi_temp_path scgi;\nserver { listen 127.0.0.1:" << port
        << "; location / { default_type application/json; return 200 '" << std::string(500, 'y')
        << "'; } } }\n";
    process_ = fork();
    if (process_ == 0) {
      const std::string prefix = folder_.string() + "/";
      execlp("nginx", "nginx", "-p", prefix.c_str(), "-c", "nginx.conf", nullptr);
      execl("/usr/sbin/nginx", "nginx", "-p", prefix.c_str(), "-c", "nginx.conf", nullptr);
      _exit(127);
    }
  }
  ~Nginx() {
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

 private:
  std::filesystem::path folder_;
  pid_t process_ = -1;
};

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--url") options.url = argv[i + 1];
    if (name == "--requests") options.requests = std::atoi(argv[i + 1]);
    if (name == "--concurrency") options.concurrency = std::atoi(argv[i + 1]);
    if (name == "--body") options.body = static_cast<std::size_t>(std::atoi(argv[i + 1]));
  }
  return options;
}

int Main(int argc, char** argv) {
  Options options = ParseOptions(argc, argv);
  std::unique_ptr<Nginx> nginx;
  if (options.url.empty()) {
    const int port = 20'000 + static_cast<int>(getpid() % 20'000);
    nginx = std::make_unique<Nginx>(port);
    options.url = "http://127.0.0.1:" + std::to_string(port) + "/";
    usleep(500'000);
  }
  for (const int concurrency : {1, options.concurrency}) {
    options.concurrency = concurrency;
    std::printf("%d at once, %zu bytes sent\n", concurrency, options.body);
    Measure("lean", &MakeLeanClient, options);
    Measure("curl", &MakeCurlClient, options);
  }
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) { return moerge::Main(argc, argv); }
