// Sentences about numbers that are no plain formula: "increase 80 by 15%", "gcd of 84 and 36", "is
// 1009 prime". Pure; the sentences are compiled once, on first use.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "adapters/tools/arithmetic_answer.h"
#include "adapters/tools/phrase_pattern.h"
#include "adapters/tools/tool.h"
#include "config/base/result.h"

namespace moerge::tools {

// The calculation such a sentence asks for; nothing when it is none of them, an error when it is
// unclear.
[[nodiscard]] std::optional<Result<ArithmeticQuestion>> MatchCalculationPhrase(
    std::span<const Token> tokens);

// The reply to a question about the nature of numbers (prime, even, larger, factors); nothing when
// it is none of them.
[[nodiscard]] std::optional<ToolReply> MatchNumberFact(std::span<const Token> tokens);

// A slot's calculation when it is self-contained (a number, a call, something in parentheses), so
// that no reader could attach what surrounds it differently.
[[nodiscard]] ExprPtr SimpleOperand(std::string_view text);

}  // namespace moerge::tools
