#include "router/signals_json.h"

#include <cmath>

namespace moerge {
namespace {

double Rounded(double value, double scale) { return std::round(value * scale) / scale; }

class SignalsWriter {
 public:
  explicit SignalsWriter(std::string* out) : writer_(out) {}

  void Write(const Signals& signals, bool keep_text, bool kept_session) {
    writer_.BeginObject().Field("ms", Rounded(signals.ms, 1e3)).Key("notes").BeginArray();
    for (const std::string& note : signals.notes) writer_.String(note);
    writer_.EndArray().Key("calls").BeginArray();
    for (const SignalCall& call : signals.calls) Write(call);
    writer_.EndArray();
    WriteEmbedding(signals, keep_text);
    WriteKeywords(signals, keep_text);
    WriteBids(signals.bids);
    WriteSession(signals, kept_session);
    WriteShares(signals.shares);
    if (signals.assignment) WriteAssignment(*signals.assignment);
    writer_.EndObject();
  }

 private:
  void Write(const SignalCall& call) {
    writer_.BeginObject().Field("kind", call.kind).Field("target", call.target);
    writer_.Field("outcome", SignalOutcomeName(call.outcome)).Key("error");
    call.error.empty() ? writer_.Null() : writer_.String(call.error);
    writer_.Field("ms", Rounded(call.ms, 1e3)).Field("prompt_tokens", call.prompt_tokens);
    writer_.Field("completion_tokens", call.completion_tokens).Field("estimated", call.estimated);
    writer_.Field("cost_usd", Rounded(call.cost_usd, 1e9)).EndObject();
  }

  void WriteEmbedding(const Signals& signals, bool keep_text) {
    if (signals.embedding.empty()) return;
    writer_.Key("embedding").BeginObject().Field("dimensions", signals.embedding.size());
    if (keep_text) writer_.Field("vector", EncodeVector(signals.embedding));
    writer_.EndObject();
  }

  void WriteKeywords(const Signals& signals, bool keep_text) {
    if (!signals.keywords) return;
    writer_.Key("keywords").BeginObject().Field("answers", signals.keywords->answers);
    if (keep_text) {
      writer_.Key("counts").BeginArray();
      for (const Keyword& keyword : signals.keywords->keywords) {
        writer_.BeginObject().Field("keyword", keyword.text).Field("count", keyword.count);
        writer_.EndObject();
      }
      writer_.EndArray();
    }
    writer_.EndObject();
  }

  void WriteBids(const std::vector<Bid>& bids) {
    if (bids.empty()) return;
    writer_.Key("bids").BeginArray();
    for (const Bid& bid : bids) {
      writer_.BeginObject().Field("expert", bid.expert).Field("bid", Rounded(bid.bid, 1e2));
      writer_.Field("z", Rounded(bid.z, 1e4)).EndObject();
    }
    writer_.EndArray();
  }

  void WriteSession(const Signals& signals, bool kept) {
    if (!signals.session) return;
    writer_.Key("session").BeginObject().Field("expert", signals.session->expert);
    writer_.Field("turns", signals.session->turns).Field("switches", signals.session->switches);
    writer_.Field("kept", kept).EndObject();
  }

  void WriteShares(const std::vector<ShareSignal>& shares) {
    if (shares.empty()) return;
    writer_.Key("shares").BeginArray();
    for (const ShareSignal& share : shares) {
      writer_.BeginObject().Field("expert", share.expert).Field("requests", share.requests);
      writer_.Field("bias", Rounded(share.bias, 1e6)).Field("full", share.full).EndObject();
    }
    writer_.EndArray();
  }

  void WriteAssignment(const AssignmentSignal& assignment) {
    writer_.Key("assignment").BeginObject();
    writer_.Field("by", AssignmentName(assignment.by));
    writer_.Field("outcome", AssignmentOutcomeName(assignment.how)).Key("experts").BeginArray();
    for (const std::string& expert : assignment.experts) writer_.String(expert);
    writer_.EndArray().TextOrNull("rerouted_from", assignment.instead_of);
    writer_.Field("picked_by", assignment.picked_by);
    writer_.Field("score_lost", Rounded(assignment.lost, 1e6)).EndObject();
  }

  json::Writer writer_;
};

std::string Text(json::Value object, std::string_view key) {
  return std::string(StringAt(object, key));
}

int Whole(json::Value object, std::string_view key) {
  return static_cast<int>(object.Find(key).AsInt().value_or(0));
}

template <class Enum, std::size_t kSize>
Enum ReadName(std::string_view name, const Enum (&all)[kSize], std::string_view (*name_of)(Enum)) {
  const auto found = std::ranges::find(all, name, name_of);
  return found == std::end(all) ? all[0] : *found;
}

AssignmentSignal ReadAssignment(json::Value value) {
  using How = AssignedExperts::How;
  constexpr BatchAssign kWays[] = {BatchAssign::kNone, BatchAssign::kExpertChoice,
                                   BatchAssign::kBalanced};
  constexpr How kOutcomes[] = {How::kNothing, How::kAssigned, How::kRoom, How::kOver};
  AssignmentSignal assignment;
  assignment.by = ReadName(Text(value, "by"), kWays, AssignmentName);
  assignment.how = ReadName(Text(value, "outcome"), kOutcomes, AssignmentOutcomeName);
  for (const json::Value expert : value.Find("experts").children()) {
    assignment.experts.emplace_back(expert.AsString().value_or(std::string_view()));
  }
  assignment.instead_of = Text(value, "rerouted_from");
  assignment.picked_by = Whole(value, "picked_by");
  assignment.lost = value.Find("score_lost").AsDouble().value_or(0);
  return assignment;
}

KeywordSignal ReadKeywords(json::Value value) {
  KeywordSignal keywords;
  keywords.answers = Whole(value, "answers");
  for (const json::Value each : value.Find("counts").children()) {
    keywords.keywords.push_back({Text(each, "keyword"), Whole(each, "count")});
  }
  return keywords;
}

}  // namespace

void AppendSignals(const Signals& signals, bool keep_text, bool kept_session, std::string* out) {
  SignalsWriter(out).Write(signals, keep_text, kept_session);
}

std::shared_ptr<Signals> ReadSignals(json::Value value) {
  if (!value.is_object()) return nullptr;
  auto signals = std::make_shared<Signals>();
  signals->ms = value.Find("ms").AsDouble().value_or(0);
  for (const json::Value note : value.Find("notes").children()) {
    signals->notes.emplace_back(note.AsString().value_or(std::string_view()));
  }
  signals->embedding = DecodeVector(Text(value.Find("embedding"), "vector"));
  if (const json::Value keywords = value.Find("keywords")) {
    signals->keywords = ReadKeywords(keywords);
  }
  for (const json::Value bid : value.Find("bids").children()) {
    signals->bids.push_back({Text(bid, "expert"), bid.Find("bid").AsDouble().value_or(0),
                             bid.Find("z").AsDouble().value_or(0)});
  }
  if (const json::Value session = value.Find("session")) {
    signals->session =
        SessionSignal{Text(session, "expert"), Whole(session, "turns"), Whole(session, "switches")};
  }
  for (const json::Value share : value.Find("shares").children()) {
    signals->shares.push_back({Text(share, "expert"), Whole(share, "requests"),
                               share.Find("bias").AsDouble().value_or(0),
                               share.Find("full").AsBool().value_or(false)});
  }
  if (const json::Value assignment = value.Find("assignment")) {
    signals->assignment = ReadAssignment(assignment);
  }
  return signals;
}

}  // namespace moerge
