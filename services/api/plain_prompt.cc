#include "services/api/plain_prompt.h"

#include <algorithm>
#include <string>

#include "config/base/text.h"

namespace moerge::api {
namespace {

// In lower case as far as ASCII goes, without the mark at the end.
constexpr std::string_view kPlain[] = {
    "you are a helpful assistant",
    "you're a helpful assistant",
    "you are an assistant",
    "you are an ai assistant",
    "you are a helpful ai assistant",
    "you are an helpful assistant",
    "you are a helpful and honest assistant",
    "you are a helpful, respectful and honest assistant",
    "you are a helpful, harmless, and honest assistant",
    "you are a helpful assistant that answers questions",
    "you are a helpful chatbot",
    "you are a large language model",
    "you are an ai language model",
    "you are chatgpt, a large language model trained by openai",
    "you are qwen, created by alibaba cloud",
    "you are claude, an ai assistant made by anthropic",
    "assistant is a large language model trained by openai",
    "du bist ein hilfreicher assistent",
    "sie sind ein hilfreicher assistent",
    "du bist ein hilfreicher ki-assistent",
    "tu es un assistant utile",
    "vous êtes un assistant utile",
    "tu es un assistant ia utile",
    "eres un asistente útil",
    "eres un asistente de ia útil",
    "sei un assistente utile",
    "você é um assistente útil",
    "你是一个有用的助手",
    "你是一个乐于助人的助手",
    "你是一个有帮助的助手",
    "あなたは役に立つアシスタントです",
    "あなたは親切なアシスタントです",
};

constexpr std::size_t kLongest = std::ranges::max(kPlain, {}, &std::string_view::size).size();

// Ends of sentences that are one byte; the others are of CJK.
constexpr std::string_view kWideEnds[] = {"。", "！"};

bool IsPlain(std::string_view sentence) {
  std::string words;
  for (const char c : Trim(sentence)) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank || !words.ends_with(' ')) words += blank ? ' ' : c;
    if (words.size() > kLongest) return false;
  }
  return words.empty() || std::ranges::find(kPlain, LowerAscii(words)) != std::end(kPlain);
}

// The length of the end of a sentence that stands here; 0: none does.
std::size_t EndAt(std::string_view text) {
  if (text.front() == '\n' || text.front() == '\r' || text.front() == '!') return 1;
  // A full stop inside of a number or name is none.
  if (text.front() == '.') return text.size() == 1 || text[1] <= ' ' ? 1 : 0;
  for (const std::string_view end : kWideEnds) {
    if (text.starts_with(end)) return end.size();
  }
  return 0;
}

}  // namespace

bool SaysNothingOfTheAnswer(std::string_view system) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < system.size();) {
    const std::size_t end = EndAt(system.substr(at));
    if (end > 0) {
      if (!IsPlain(system.substr(begin, at - begin))) return false;
      begin = at + end;
    }
    at += std::max<std::size_t>(end, 1);
  }
  return IsPlain(system.substr(begin));
}

}  // namespace moerge::api
