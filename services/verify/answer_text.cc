#include "services/verify/answer_text.h"

#include <algorithm>
#include <optional>

#include "config/base/text.h"
#include "services/answers/final_answer.h"

namespace moerge {
namespace {

struct Fence {
  std::size_t indent = 0;
  std::size_t length = 0;
  char mark = '`';
  std::string_view name;
};

struct CodeBlock {
  Fence fence;
  std::string_view body;
};

// Without its line end.
std::string_view TakeLine(std::string_view* rest) {
  const std::size_t end = rest->find('\n');
  const std::string_view line = rest->substr(0, end);
  rest->remove_prefix(end == rest->npos ? rest->size() : end + 1);
  return line;
}

std::optional<Fence> FenceIn(std::string_view line) {
  constexpr std::size_t kLeast = 3;
  Fence fence;
  fence.indent = std::min(line.find_first_not_of(" \t"), line.size());
  const std::string_view text = line.substr(fence.indent);
  if (text.empty() || (text[0] != '`' && text[0] != '~')) return std::nullopt;
  fence.mark = text[0];
  fence.length = std::min(text.find_first_not_of(fence.mark), text.size());
  if (fence.length < kLeast) return std::nullopt;
  const std::string_view info = Trim(text.substr(fence.length));
  if (fence.mark == '`' && info.find('`') != info.npos) return std::nullopt;
  fence.name = info.substr(0, info.find_first_of(" \t{:,"));
  return fence;
}

bool Closes(const Fence& open, std::string_view line) {
  const auto fence = FenceIn(line);
  return fence && fence->mark == open.mark && fence->length >= open.length && fence->name.empty();
}

// The block at the front of `rest`, whose opening line has been taken.
CodeBlock TakeBlock(const Fence& fence, std::string_view* rest) {
  const std::string_view from = *rest;
  while (!rest->empty()) {
    const std::size_t size = from.size() - rest->size();
    if (Closes(fence, TakeLine(rest))) return {fence, from.substr(0, size)};
  }
  return {fence, from};
}

bool Named(std::string_view name, std::span<const std::string_view> languages) {
  return std::ranges::any_of(
      languages, [&](std::string_view language) { return EqualsIgnoreCase(name, language); });
}

std::optional<CodeBlock> ChosenBlock(std::string_view text,
                                     std::span<const std::string_view> languages) {
  const auto rank = [&](const CodeBlock& block) {
    if (block.fence.name.empty()) return 1;
    return Named(block.fence.name, languages) ? 2 : 0;
  };
  std::optional<CodeBlock> chosen;
  while (!text.empty()) {
    const auto fence = FenceIn(TakeLine(&text));
    if (!fence) continue;
    const CodeBlock block = TakeBlock(*fence, &text);
    if (!chosen || rank(block) >= rank(*chosen)) chosen = block;
  }
  return chosen;
}

// A fence within a list is indented, and its code with it.
std::string WithoutIndent(const CodeBlock& block) {
  if (block.fence.indent == 0) return std::string(block.body);
  std::string out;
  for (std::string_view rest = block.body; !rest.empty();) {
    const std::string_view line = TakeLine(&rest);
    const std::size_t blank = std::min(line.find_first_not_of(" \t"), line.size());
    out.append(line.substr(std::min(blank, block.fence.indent)));
    out.push_back('\n');
  }
  return out;
}

}  // namespace

std::string CodeIn(std::string_view answer, std::span<const std::string_view> languages) {
  const std::string text = WithoutThinking(answer);
  const auto block = ChosenBlock(text, languages);
  return block ? WithoutIndent(*block) : text;
}

std::string JsonTextIn(std::string_view answer) {
  static constexpr std::string_view kNames[] = {"json"};
  return std::string(Trim(CodeIn(answer, kNames)));
}

}  // namespace moerge
