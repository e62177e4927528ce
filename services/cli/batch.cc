// moerge batch: files of requests, answered by a running server in the background.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/cli/api_client.h"
#include "services/cli/batch_text.h"
#include "services/cli/cli.h"
#include "services/cli/file_transfer.h"
#include "services/cli/text_table.h"
#include "services/cli/texts.h"

namespace moerge::cli {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};
constexpr int kLooksWithoutServer = 120;

struct BatchArguments {
  ServerAddress server;
  std::string file;
  std::string endpoint = "/v1/chat/completions";
  std::string id;
  std::string out = "-";
  int limit = 20;
  bool watch = false;
  bool failures = false;
  bool json = false;
};

std::string BatchPath(const std::string& id, std::string_view more = {}) {
  return "/v1/batches/" + PercentEncode(id) + std::string(more);
}

// Shows how far a batch is until it is over: a bar on a terminal, else a line now and then.
class BatchWatch {
 public:
  explicit BatchWatch(const BatchArguments& arguments) : arguments_(arguments) {}

  int Run(const std::string& id) {
    while (true) {
      const Result<std::string> reply = CallApi(arguments_.server, "GET", BatchPath(id));
      if (!reply && (reply.error().code != ErrorCode::kUnavailable || --looks_left_ == 0)) {
        return Fail(reply.error().message);
      }
      if (reply) {
        looks_left_ = kLooksWithoutServer;
        Result<json::Document> batch = json::Document::Parse(*reply);
        if (!batch) return Fail(batch.error().message);
        Show(batch->root());
        if (IsOver(batch->root())) return End(batch->root());
      }
      std::this_thread::sleep_for(kLookEvery);
    }
  }

 private:
  void Show(json::Value batch) {
    const std::string text = ProgressLine(batch);
    if (shown_) {
      std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
    } else if (const int tenth = TenthOf(batch); tenth != tenth_ || text.empty()) {
      tenth_ = tenth;
      std::fprintf(stderr, "%s\n", text.c_str());
    }
  }

  int End(json::Value batch) const {
    if (shown_) std::fprintf(stderr, "\n");
    std::printf("%s", DescribeBatch(batch).c_str());
    return TextOf(batch.Find("status")) == "completed" ? kSuccess : kFailure;
  }

  const BatchArguments& arguments_;
  const bool shown_ = isatty(STDERR_FILENO) == 1;
  int tenth_ = -1;
  int looks_left_ = kLooksWithoutServer;
};

// The value of `field` in a reply.
Result<std::string> FieldIn(const Result<std::string>& reply, std::string_view field) {
  if (!reply) return reply.error();
  const Result<json::Document> document = json::Document::Parse(*reply);
  if (!document) return document.error();
  return TextOf(document->root().Find(field));
}

int RunSubmit(const BatchArguments& arguments) {
  const Result<std::string> file = FieldIn(UploadFile(arguments.server, arguments.file), "id");
  if (!file) return Fail(file.error().message);
  std::string body;
  json::Writer writer(&body);
  writer.BeginObject().Field("input_file_id", *file).Field("endpoint", arguments.endpoint);
  writer.Field("completion_window", "24h").EndObject();
  const Result<std::string> id =
      FieldIn(CallApi(arguments.server, "POST", "/v1/batches", body), "id");
  if (!id) return Fail(id.error().message);
  std::printf("%s\n", id->c_str());
  std::fflush(stdout);
  return arguments.watch ? BatchWatch(arguments).Run(*id) : kSuccess;
}

int RunList(const BatchArguments& arguments) {
  const Result<std::string> reply =
      CallApi(arguments.server, "GET", "/v1/batches?limit=" + std::to_string(arguments.limit));
  if (!reply) return Fail(reply.error().message);
  if (arguments.json) {
    std::printf("%s\n", reply->c_str());
    return kSuccess;
  }
  const Result<json::Document> list = json::Document::Parse(*reply);
  if (!list) return Fail(list.error().message);
  TextTable table({"BATCH", "STATUS", "LINES", "ANSWERED", "FAILED", "CREATED", "ENDPOINT"});
  for (const json::Value batch : list->root().Find("data").children()) {
    table.Add(BatchCells(batch));
  }
  std::fputs(table.Format().c_str(), stdout);
  return kSuccess;
}

int RunWatch(const BatchArguments& arguments) { return BatchWatch(arguments).Run(arguments.id); }

int RunResult(const BatchArguments& arguments) {
  const std::string_view field = arguments.failures ? "error_file_id" : "output_file_id";
  const Result<std::string> batch = CallApi(arguments.server, "GET", BatchPath(arguments.id));
  const Result<std::string> file = FieldIn(batch, field);
  if (!file) return Fail(file.error().message);
  if (file->empty() || *file == "null") {
    const Result<std::string> status = FieldIn(batch, "status");
    return Fail("the batch has no " + std::string(arguments.failures ? "failures" : "answers") +
                (arguments.failures ? "" : " to give") + "; its status is `" +
                (status ? *status : std::string()) + "`");
  }
  std::FILE* out = arguments.out == "-" ? stdout : std::fopen(arguments.out.c_str(), "wb");
  if (out == nullptr) return Fail("cannot write " + arguments.out);
  const auto write = [out, &arguments](std::string_view bytes) -> Status {
    if (std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size()) return Ok{};
    return Error{ErrorCode::kInternal, "cannot write " + arguments.out};
  };
  Status done = Download(arguments.server, "/v1/files/" + PercentEncode(*file) + "/content", write);
  const bool closed = out == stdout ? std::fflush(out) == 0 : std::fclose(out) == 0;
  if (done && !closed) done = Error{ErrorCode::kInternal, "cannot write " + arguments.out};
  return done ? kSuccess : Fail(done.error().message);
}

int RunCancel(const BatchArguments& arguments) {
  const Result<std::string> status =
      FieldIn(CallApi(arguments.server, "POST", BatchPath(arguments.id, "/cancel")), "status");
  if (!status) return Fail(status.error().message);
  std::printf("%s\n", status->c_str());
  return kSuccess;
}

using BatchRun = int (*)(const BatchArguments&);

// A command of `batch` with what all of them have.
CLI::App* AddOne(CLI::App& batch, const Choose& choose, const char* name, const char* help,
                 const std::shared_ptr<BatchArguments>& arguments, BatchRun run) {
  CLI::App* command = batch.add_subcommand(name, help);
  arguments->server.AddOptions(*command);
  command->callback(
      [arguments, choose, run] { choose([arguments, run] { return run(*arguments); }); });
  return command;
}

}  // namespace

void AddBatch(CLI::App& app, const Choose& choose) {
  CLI::App* batch = app.add_subcommand(
      "batch", "Files of requests that a running server answers in the background");
  batch->require_subcommand(1);
  const auto arguments = std::make_shared<BatchArguments>();
  CLI::App* submit =
      AddOne(*batch, choose, "submit", "Upload a file and have it answered; prints the batch's id",
             arguments, RunSubmit);
  submit
      ->add_option(
          "file", arguments->file,
          "Requests, one a line: {\"custom_id\", \"method\": \"POST\", \"url\", \"body\"} (.gz)")
      ->required();
  submit->add_option("--endpoint", arguments->endpoint, "The url of all lines")
      ->check(CLI::IsMember({"/v1/chat/completions", "/v1/completions", "/v1/embeddings"}))
      ->capture_default_str();
  submit->add_flag("--watch", arguments->watch, "Show how far it is until it is over");
  CLI::App* list = AddOne(*batch, choose, "list", "The newest batches", arguments, RunList);
  list->add_option("--limit", arguments->limit, "How many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  list->add_flag("--json", arguments->json, "Print the server's reply");
  CLI::App* watch = AddOne(*batch, choose, "watch",
                           "Show how far a batch is until it is over; exit code 0: it is completed",
                           arguments, RunWatch);
  CLI::App* result =
      AddOne(*batch, choose, "result", "The answers of a batch", arguments, RunResult);
  result->add_flag("--failures", arguments->failures, "The lines that failed, with their errors");
  result->add_option("--out", arguments->out, "Where to; - is standard output")
      ->capture_default_str();
  CLI::App* cancel = AddOne(*batch, choose, "cancel", "End a batch; what is answered is kept",
                            arguments, RunCancel);
  for (CLI::App* command : {watch, result, cancel}) {
    command->add_option("id", arguments->id, "Of the batch, as submit and list show it")
        ->required();
  }
}

}  // namespace moerge::cli
