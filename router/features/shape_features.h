// What a request looks like, apart from which words it has: length, sentences, numbers, marks,
// question words, and the shape of lettered options if it lists any. Tells apart what words cannot:
// how much reckoning a text asks for, and which kind of exercise it is.
//
// Case is folded. Read from the last user turn alone, as far as the window reaches. Pure and stable
// (kFeatureVersion says when it is not); no allocation; any thread.
#pragma once

#include <array>
#include <cstddef>

#include "router/features/window.h"

namespace moerge {

inline constexpr std::size_t kQuestionShape = 46;
inline constexpr std::size_t kOptionShape = 18;
inline constexpr std::size_t kShapeFeatures = kQuestionShape + kOptionShape;

// Shares, flags and logarithms: of the order of one, finite, not standardised.
using ShapeFeatures = std::array<float, kShapeFeatures>;

// All zero for an empty text.
ShapeFeatures ExtractShape(const Window& window);

}  // namespace moerge
