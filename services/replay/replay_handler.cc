#include "services/replay/replay_handler.h"

#include "config/base/event.h"
#include "services/replay/replay_codec.h"

namespace moerge {
namespace {

Error Refused(std::string message, std::string param) {
  return Error{ErrorCode::kInvalid, std::move(message), {}, std::move(param)};
}

// The text of a message: a string, or its text parts one after the other.
std::string TextOf(json::Value content) {
  if (const auto text = content.AsString()) return std::string(*text);
  std::string joined;
  for (const json::Value part : content.children()) {
    if (const auto text = part.Find("text").AsString()) joined += *text;
  }
  return joined;
}

std::string LastUserText(json::Value messages) {
  std::string text;
  for (const json::Value message : messages.children()) {
    if (message.Find("role").AsString() == "user") text = TextOf(message.Find("content"));
  }
  return text;
}

http::Reply JsonReply(int status, std::string body) {
  http::Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

// Waits; false: the client left before.
Task<bool> Stays(http::Exchange& exchange, std::chrono::steady_clock::duration time) {
  if (time.count() <= 0) co_return true;
  Event left(exchange.executor());
  const auto registration = exchange.cancellation().OnCancel([&left] { left.Set(); });
  const Deadline end = Deadline::After(time);
  const bool gone = co_await left.WaitUntil(end);
  co_return !gone;
}

}  // namespace

http::Reply ReplayHandler::ErrorReply(int status, std::string_view message) const {
  const bool client = status < 500;
  return JsonReply(
      status, replay::ErrorBody(message, client ? "invalid_request_error" : "server_error", ""));
}

Task<void> ReplayHandler::Handle(http::Exchange& exchange) {
  const std::string& path = exchange.request().path;
  const std::string_view method = exchange.request().method;
  if (method == "POST" && path == "/v1/chat/completions") {
    co_await HandleChat(exchange);
  } else if (method == "GET" && path == "/v1/models") {
    co_await SendModels(exchange);
  } else if (method == "GET" && path == "/running") {
    co_await SendRunning(exchange);
  } else if (method == "GET" && path == "/health") {
    http::Reply reply = JsonReply(200, "{\"status\":\"ok\"}");
    (void)co_await exchange.Send(std::move(reply));
  } else {
    http::Reply reply = ErrorReply(404,
                                   "this replay serves POST /v1/chat/completions, "
                                   "GET /v1/models, GET /running and GET /health");
    (void)co_await exchange.Send(std::move(reply));
  }
}

Task<void> ReplayHandler::SendModels(http::Exchange& exchange) {
  http::Reply reply = JsonReply(200, replay::ModelList(table_.models()));
  (void)co_await exchange.Send(std::move(reply));
}

// As llama-swap says it, and how often models were loaded.
Task<void> ReplayHandler::SendRunning(http::Exchange& exchange) {
  std::string body;
  json::Writer out(&body);
  out.BeginObject();
  out.Key("running");
  out.BeginArray();
  for (const std::string& model : device_.loaded()) {
    out.BeginObject();
    out.Key("model");
    out.String(model);
    out.EndObject();
  }
  out.EndArray();
  out.Key("loads");
  out.Int(device_.loads());
  out.EndObject();
  http::Reply reply = JsonReply(200, std::move(body));
  (void)co_await exchange.Send(std::move(reply));
}

Result<ReplayHandler::Chat> ReplayHandler::Understand(std::string_view body) {
  Result<json::Document> document = json::Document::Parse(body);
  if (!document) return std::move(document).error();
  const json::Value root = document->root();
  Chat chat;
  if (!root.Find("model").is_string()) return Refused("`model` must be a string", "model");
  if (!root.Find("messages").is_array()) return Refused("`messages` must be an array", "messages");
  chat.model = *root.Find("model").AsString();
  chat.prompt = LastUserText(root.Find("messages"));
  chat.stream = root.Find("stream").AsBool().value_or(false);
  chat.include_usage = root.Find("stream_options").Find("include_usage").AsBool().value_or(false);
  chat.number = requests_.fetch_add(1);
  chat.fault = PickFault(options_.faults, options_.seed, chat.number);
  Result<std::string> text = table_.Find(chat.model, chat.prompt);
  if (!text) return std::move(text).error();
  chat.text = *std::move(text);
  return chat;
}

Task<void> ReplayHandler::HandleChat(http::Exchange& exchange) {
  const std::string body = exchange.TakeBody();
  const Result<Chat> chat = Understand(body);
  if (!chat) {
    const int status = chat.error().code == ErrorCode::kNotFound ? 404 : 400;
    http::Reply reply = JsonReply(
        status,
        replay::ErrorBody(chat.error().message, "invalid_request_error", chat.error().reason));
    (void)co_await exchange.Send(std::move(reply));
    co_return;
  }
  const auto use = co_await device_.Enter(chat->model, exchange.cancellation());
  if (use == nullptr) co_return exchange.Abort();
  const bool stays = co_await Stays(exchange, options_.latency);
  if (!stays) co_return exchange.Abort();
  const bool done = co_await SendFault(exchange, *chat);
  if (done) co_return;
  if (chat->stream) {
    co_await SendStream(exchange, *chat);
  } else {
    co_await SendWhole(exchange, *chat);
  }
}

// Faults that replace the whole reply. The others happen inside it.
Task<bool> ReplayHandler::SendFault(http::Exchange& exchange, const Chat& chat) {
  if (chat.fault == Fault::kError) {
    const int status = options_.error_status;
    if (status == 429 || status == 503) exchange.SetHeader("retry-after", "1");
    http::Reply reply = ErrorReply(status, "a fault that was asked for");
    (void)co_await exchange.Send(std::move(reply));
    co_return true;
  }
  if (chat.fault == Fault::kRefuse) {
    exchange.Abort(true);
    co_return true;
  }
  if (chat.fault == Fault::kMalformed) {
    (void)co_await exchange.WriteUnframed(MalformedReply(chat.number));
    exchange.Abort();
    co_return true;
  }
  co_return false;
}

Task<bool> ReplayHandler::Pace(http::Exchange& exchange, std::size_t tokens) {
  if (options_.tokens_per_second <= 0) co_return true;
  const std::chrono::duration<double> time(static_cast<double>(tokens) /
                                           options_.tokens_per_second);
  co_return co_await Stays(exchange,
                           std::chrono::duration_cast<std::chrono::steady_clock::duration>(time));
}

Task<void> ReplayHandler::SendWhole(http::Exchange& exchange, const Chat& chat) {
  const auto tokens = static_cast<std::size_t>(replay::CountTokens(chat.text));
  const bool stays = co_await Pace(exchange, tokens);
  if (!stays) co_return exchange.Abort();
  http::Reply reply =
      JsonReply(200, replay::Completion("chatcmpl-replay-" + std::to_string(chat.number),
                                        chat.model, chat.prompt, chat.text));
  if (chat.fault == Fault::kNone) {
    (void)co_await exchange.Send(std::move(reply));
    co_return;
  }
  const std::string half = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " +
                           std::to_string(reply.body.size()) + "\r\n\r\n" +
                           reply.body.substr(0, reply.body.size() / 2);
  (void)co_await exchange.WriteUnframed(half);
  exchange.Abort();
  if (chat.fault != Fault::kStall) co_return;
  Event left(exchange.executor());
  const auto registration = exchange.cancellation().OnCancel([&left] { left.Set(); });
  co_await left.Wait();
}

Task<void> ReplayHandler::SendStream(http::Exchange& exchange, const Chat& chat) {
  const std::string id = "chatcmpl-replay-" + std::to_string(chat.number);
  Status status = co_await exchange.BeginStream(200, "text/event-stream");
  std::string event =
      replay::ChunkEvent(id, chat.model, R"({"role":"assistant","content":""})", "");
  if (status) status = co_await exchange.Write(event);
  const auto pieces = replay::Pieces(chat.text);
  for (std::size_t i = 0; i < pieces.size() && status; ++i) {
    if (chat.fault != Fault::kNone && i == pieces.size() / 2) {
      if (chat.fault == Fault::kStall) {
        Event left(exchange.executor());
        const auto registration = exchange.cancellation().OnCancel([&left] { left.Set(); });
        co_await left.Wait();
      }
      exchange.Abort();
      co_return;
    }
    const bool stays = co_await Pace(exchange, 1);
    if (!stays) co_return exchange.Abort();
    std::string delta = "{\"content\":";
    json::AppendQuoted(pieces[i], &delta);
    delta += "}";
    event = replay::ChunkEvent(id, chat.model, delta, "");
    status = co_await exchange.Write(event);
  }
  event = replay::ChunkEvent(id, chat.model, "{}", "stop");
  if (chat.include_usage) event += replay::UsageEvent(id, chat.model, chat.prompt, chat.text);
  event += "data: [DONE]\n\n";
  if (status) status = co_await exchange.Write(event);
  if (status) (void)co_await exchange.EndStream();
}

}  // namespace moerge
