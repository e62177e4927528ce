// moerge record: what the encoder, keyword model or bidding experts that a running server's policy
// asks say about many prompts.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "config/base/json.h"
#include "services/cli/api_client.h"
#include "services/cli/cli.h"
#include "services/cli/prompt_file.h"
#include "services/cli/signal_file.h"

namespace moerge::cli {
namespace {

struct RecordArguments {
  ServerAddress server;
  std::string policy;
  std::string in;
  std::string out = "-";
  std::size_t at_once = 4;
  bool strict = false;
};

std::string BodyOf(const RecordArguments& arguments, const Prompt& prompt) {
  std::string body;
  json::Writer writer(&body);
  writer.BeginObject().Field("model", "moerge/" + arguments.policy);
  writer.Key("messages").BeginArray().BeginObject().Field("role", "user");
  writer.Field("content", prompt.text).EndObject().EndArray().EndObject();
  return body;
}

bool HoldsAny(json::Value signals) {
  return signals.Find("embedding").Find("vector") || signals.Find("keywords").Find("counts") ||
         signals.Find("bids");
}

class Recording {
 public:
  Recording(const RecordArguments& arguments, std::vector<Prompt> prompts, SignalFile& out)
      : arguments_(arguments), prompts_(std::move(prompts)), out_(out) {}

  void Run() {
    PostBatch batch;
    batch.path = "/v1/route";
    batch.count = prompts_.size();
    batch.at_once = arguments_.at_once;
    batch.body = [this](std::size_t place) -> std::optional<std::string> {
      if (refused_) return std::nullopt;
      return BodyOf(arguments_, prompts_[place]);
    };
    batch.done = [this](std::size_t place, const Result<std::string>& reply) {
      Status taken = reply ? Take(place, *reply) : Status(reply.error());
      if (!taken) Miss(std::move(taken).error());
      ShowProgress(++done_);
    };
    PostAll(arguments_.server, batch);
  }

  std::size_t recorded() const { return recorded_; }
  const std::string& why() const { return why_; }  // of the first prompt without signals

 private:
  Status Take(std::size_t place, const std::string& reply) {
    const auto document = json::Document::Parse(reply);
    if (!document) return document.error();
    const json::Value signals = document->root().Find("signals");
    if (!HoldsAny(signals)) return WhyNothing(signals);
    std::string line;
    json::Writer writer(&line);
    writer.BeginObject().Field("id", prompts_[place].id).Key("signals").Raw(signals.raw());
    writer.EndObject();
    if (Status written = out_.Add(line + "\n"); !written) return written;
    ++recorded_;
    return Ok{};
  }

  Error WhyNothing(json::Value signals) const {
    for (const json::Value note : signals.Find("notes").children()) {
      return {ErrorCode::kUpstream, std::string(note.AsString().value_or(""))};
    }
    if (signals.Find("embedding") || signals.Find("keywords")) {
      return {ErrorCode::kInvalid,
              "the server keeps no texts: `store: {decisions: {keep_text: true}}` does"};
    }
    return {ErrorCode::kInvalid, "policy `" + arguments_.policy +
                                     "` uses no signals: classifiers that do are embedding, llm, "
                                     "auction"};
  }

  // An error that every prompt would meet ends the run.
  void Miss(Error error) {
    if (why_.empty()) why_ = error.message;
    refused_ = refused_ || error.code == ErrorCode::kInvalid ||
               error.code == ErrorCode::kNotFound || error.code == ErrorCode::kUnauthorized;
  }

  // Models are slow, so progress is shown on a terminal.
  void ShowProgress(std::size_t done) const {
    const bool last = done == prompts_.size();
    if (shown_) std::fprintf(stderr, "\r%zu of %zu%s", done, prompts_.size(), last ? "\n" : "");
  }

  const RecordArguments& arguments_;
  const std::vector<Prompt> prompts_;
  const bool shown_ = isatty(STDERR_FILENO) == 1;
  SignalFile& out_;
  std::size_t done_ = 0;
  std::size_t recorded_ = 0;
  std::string why_;
  bool refused_ = false;
};

int RunRecord(const RecordArguments& arguments) {
  Result<std::vector<Prompt>> prompts = ReadPrompts(arguments.in, arguments.strict);
  if (!prompts) return Fail(prompts.error().message);
  Result<SignalFile> out = SignalFile::Open(arguments.out);
  if (!out) return Fail(out.error().message);
  const std::size_t before = std::erase_if(
      *prompts, [&](const Prompt& prompt) { return out->before().Find(prompt.id) != nullptr; });
  if (before > 0) {
    std::fprintf(stderr, "%s already has %zu of these\n", arguments.out.c_str(), before);
  }
  const std::size_t wanted = prompts->size();
  Recording recording(arguments, *std::move(prompts), *out);
  recording.Run();
  if (recording.recorded() == wanted) return kSuccess;
  if (recording.recorded() == 0) return Fail("nothing was recorded: " + recording.why());
  std::fprintf(
      stderr,
      "warning: no signals for %zu of %zu prompts; run the same command again to retry them: %s\n",
      wanted - recording.recorded(), wanted, recording.why().c_str());
  return kSuccess;
}

}  // namespace

void AddRecord(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<RecordArguments>();
  CLI::App* command = app.add_subcommand("record",
                                         "Record the signals that a server's policy asks for (an "
                                         "encoder's vectors, a model's keywords, "
                                         "experts' bids) for many prompts, for `moerge eval "
                                         "--signals`; no expert answers the prompts");
  command
      ->add_option("--policy", arguments->policy,
                   "A policy whose classifier is embedding, llm or auction")
      ->required();
  command
      ->add_option("--in", arguments->in,
                   "Prompts, rows {\"id\", \"prompt\"} (.gz); - is standard input")
      ->required();
  command
      ->add_option("--out", arguments->out,
                   "Where signals are written as they arrive; an existing file is continued; - is "
                   "standard output")
      ->capture_default_str();
  command->add_option("--at-once", arguments->at_once, "Prompts in flight at once")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_flag("--strict", arguments->strict, "Fail at the first bad row");
  arguments->server.AddOptions(*command);
  command->callback([choose, arguments] { choose([arguments] { return RunRecord(*arguments); }); });
}

}  // namespace moerge::cli
