// moerge signals: what a policy of a running server hears from outside about many prompts.
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

struct SignalArguments {
  ServerAddress server;
  std::string policy;
  std::string in;
  std::string out = "-";
  std::size_t at_once = 4;
  bool strict = false;
};

std::string BodyOf(const SignalArguments& arguments, const Prompt& prompt) {
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
  Recording(const SignalArguments& arguments, std::vector<Prompt> prompts, SignalFile& out)
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
      Tell(++done_);
    };
    PostAll(arguments_.server, batch);
  }

  std::size_t recorded() const { return recorded_; }
  const std::string& why() const { return why_; }  // the first one that is missing

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
                                     "` asks nobody: classifiers that do are embedding, llm, "
                                     "auction"};
  }

  // Where asking is wrong in itself nothing more is asked.
  void Miss(Error error) {
    if (why_.empty()) why_ = error.message;
    refused_ = refused_ || error.code == ErrorCode::kInvalid ||
               error.code == ErrorCode::kNotFound || error.code == ErrorCode::kUnauthorized;
  }

  // Models take their time.
  void Tell(std::size_t done) const {
    const bool last = done == prompts_.size();
    if (shown_) std::fprintf(stderr, "\r%zu of %zu%s", done, prompts_.size(), last ? "\n" : "");
  }

  const SignalArguments& arguments_;
  const std::vector<Prompt> prompts_;
  const bool shown_ = isatty(STDERR_FILENO) == 1;
  SignalFile& out_;
  std::size_t done_ = 0;
  std::size_t recorded_ = 0;
  std::string why_;
  bool refused_ = false;
};

int RunSignals(const SignalArguments& arguments) {
  Result<std::vector<Prompt>> prompts = ReadPrompts(arguments.in, arguments.strict);
  if (!prompts) return Fail(prompts.error().message);
  Result<SignalFile> out = SignalFile::Open(arguments.out);
  if (!out) return Fail(out.error().message);
  const std::size_t before = std::erase_if(
      *prompts, [&](const Prompt& prompt) { return out->before().Find(prompt.id) != nullptr; });
  if (before > 0) {
    std::fprintf(stderr, "%s has %zu of these already\n", arguments.out.c_str(), before);
  }
  const std::size_t wanted = prompts->size();
  Recording recording(arguments, *std::move(prompts), *out);
  recording.Run();
  if (recording.recorded() == wanted) return kFine;
  if (recording.recorded() == 0) return Fail("nothing was recorded: " + recording.why());
  std::fprintf(
      stderr,
      "warning: nothing came of %zu of %zu prompts, which the same command asks again: %s\n",
      wanted - recording.recorded(), wanted, recording.why().c_str());
  return kFine;
}

}  // namespace

void AddSignals(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<SignalArguments>();
  CLI::App* command = app.add_subcommand(
      "signals",
      "Record what a server's policy hears from an encoder, a keyword model or bidding experts "
      "about many prompts, for `moerge eval --signals`; no expert is called for an answer");
  command->add_option("--policy", arguments->policy, "A policy whose classifier asks the outside")
      ->required();
  command
      ->add_option("--in", arguments->in,
                   "Prompts, rows {\"id\", \"prompt\"} (.gz); - is standard input")
      ->required();
  command
      ->add_option("--out", arguments->out,
                   "Recorded signals, as they come; a file that is there is gone on with; - is "
                   "standard output")
      ->capture_default_str();
  command->add_option("--at-once", arguments->at_once, "Prompts side by side")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_flag("--strict", arguments->strict, "Fail at the first bad row");
  arguments->server.AddOptions(*command);
  command->callback(
      [choose, arguments] { choose([arguments] { return RunSignals(*arguments); }); });
}

}  // namespace moerge::cli
